/** Which bytes of a file a `Range` header asks for (RFC 9110, 14.2). */
export type Range = { first: number; last: number };

/**
 * @returns `all` for no range, one that is malformed or in other units, and several ranges: a server may answer each of these
 *   with the whole; `none` when nothing of it is there
 */
export function rangeOf(header: string | undefined, size: number): Range | 'all' | 'none' {
  const match = /^bytes=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'all';
  const [from, to] = [match[1] ?? '', match[2] ?? ''];
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'none' : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return 'all';
  return first >= size ? 'none' : { first, last };
}
