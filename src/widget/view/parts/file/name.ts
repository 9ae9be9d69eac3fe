/**
 * A file's name as it may be shown: without the invisible characters that turn text round. A name made with them can read
 * `annexe.pdf` and end in `.exe`.
 */
export const plainName = (name: string) => name.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cc}]/gu, '');

/** The same in little room: of a very long name the beginning and the end, which says the kind. */
export function shortName(name: string, most = 72): string {
  const letters = [...plainName(name)];
  if (letters.length <= most) return letters.join('');
  return `${letters.slice(0, most - 18).join('')}…${letters.slice(-16).join('')}`;
}
