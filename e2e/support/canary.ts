/**
 * Looks for one secret (a canary, such as a card number typed into a web view) in whatever Guichet kept or sent, in
 * every form in which it could have been written down.
 *
 * Three ways together: spellings that are searched for as they are (grouped, base64, UTF-16, hex); escapes that are
 * first undone in what is searched (percent, JSON), so that text of which only some characters are escaped is found too;
 * and compressed streams, wherever in the bytes they begin, which are unpacked and searched by the first two.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync, constants, inflateRawSync } from 'node:zlib';

export const forms = [
  'plain',
  'grouped',
  'dashed',
  'base64',
  'percent-encoded',
  'utf-16le',
  'utf-16be',
  'json-escaped',
  'hex',
  'gzip',
  'deflate',
  'brotli',
] as const;
export type Form = (typeof forms)[number];

/** Finds the canary in text or bytes, and says in which forms. */
export const findCanary = (haystack: string | Uint8Array, canary: string): Form[] =>
  findCanaries(haystack, [canary])[0] ?? [];

/** The same for several: their forms in the order of the canaries. What there is to unpack and undo is so but once. */
export function findCanaries(haystack: string | Uint8Array, canaries: readonly string[]): Form[][] {
  const needles = canaries.map(needlesFor);
  const found = canaries.map(() => new Set<Form>());
  const bytes = Buffer.from(haystack as Uint8Array);
  const plain = readings(bytes.toString('latin1'));
  for (const [at, sought] of needles.entries()) for (const form of search(plain, sought)) found[at]?.add(form);
  for (const { form, unpacked } of compressedIn(bytes)) {
    const inside = readings(unpacked.toString('latin1'));
    for (const [at, sought] of needles.entries()) if (search(inside, sought).size > 0) found[at]?.add(form);
  }
  return found.map((ofOne) => forms.filter((form) => ofOne.has(form)));
}

/** Every file below `folder` that holds one of the canaries, with the forms of each. */
export async function findCanariesInFolder(
  folder: string,
  canaries: readonly string[],
): Promise<{ file: string; forms: Form[][] }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const finds: { file: string; forms: Form[][] }[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const found = findCanaries(await readFile(file), canaries);
    if (found.some((ofOne) => ofOne.length > 0)) finds.push({ file, forms: found });
  }
  return finds;
}

/** Every file below `folder` that holds the canary. */
export const findCanaryInFolder = async (folder: string, canary: string): Promise<{ file: string; forms: Form[] }[]> =>
  (await findCanariesInFolder(folder, [canary])).map(({ file, forms: [found = []] }) => ({ file, forms: found }));

export const findCanaryInFile = async (file: string, canary: string): Promise<Form[]> =>
  findCanary(await readFile(file), canary);

interface Needle {
  form: Form;
  text: string;
  anyCase?: boolean;
}

/** One character for each byte, so that text and binary are searched alike. */
const latin1 = (data: string | Uint8Array): string => Buffer.from(data as Uint8Array).toString('latin1');

function spellings(canary: string) {
  const groups = canary.match(/.{1,4}/gs) ?? [];
  return { plain: canary, grouped: groups.join(' '), dashed: groups.join('-') };
}

function needlesFor(canary: string): Needle[] {
  if (canary.length < 8) throw new Error('a canary of less than 8 characters would be found by chance');
  const spelled = Object.entries(spellings(canary)) as [Form, string][];
  return spelled.flatMap(([form, text]): Needle[] => [
    { form, text: latin1(text) },
    { form: 'utf-16le', text: utf16(text, 'le') },
    { form: 'utf-16be', text: utf16(text, 'be') },
    { form: 'hex', text: Buffer.from(text).toString('hex'), anyCase: true },
    ...[Buffer.from(text), Buffer.from(text, 'utf16le')].flatMap(base64Alignments),
  ]);
}

function utf16(text: string, order: 'le' | 'be'): string {
  const bytes = Buffer.from(text, 'utf16le');
  return (order === 'le' ? bytes : bytes.swap16()).toString('latin1');
}

/**
 * What base64 makes of these bytes depends on where among three they begin. The characters at either end that also
 * hold bits of the neighbours are left out. Both alphabets.
 */
function base64Alignments(bytes: Buffer): Needle[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    const text = encoded.slice(first, end);
    const urlSafe = text.replaceAll('+', '-').replaceAll('/', '_');
    return [...new Set([text, urlSafe])].map((one): Needle => ({ form: 'base64', text: one }));
  });
}

/** A text, and what else it says once its escapes are undone. */
interface Readings {
  text: string;
  lower: string;
  undone: { form: Form; text: string }[];
}

function readings(text: string): Readings {
  const escapes: [Form, RegExp][] = [
    ['percent-encoded', /%([0-9a-f]{2})/gi],
    ['json-escaped', /\\u00([0-9a-f]{2})/gi],
  ];
  const undone = escapes
    .map(([form, escaped]) => ({
      form,
      text: text.replace(escaped, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    }))
    .filter((reading) => reading.text !== text);
  return { text, lower: text.toLowerCase(), undone };
}

function search({ text: haystack, lower, undone }: Readings, needles: Needle[]): Set<Form> {
  const found = new Set<Form>();
  for (const { form, text, anyCase } of needles) {
    if ((anyCase ? lower : haystack).includes(text)) found.add(form);
  }
  const spelled = needles.filter(({ form }) => form === 'plain' || form === 'grouped' || form === 'dashed');
  for (const { form, text } of undone) {
    // Only what undoing brought to light: what stands there plainly is not escaped.
    if (spelled.some((needle) => occurrences(text, needle.text) > occurrences(haystack, needle.text))) found.add(form);
  }
  return found;
}

/** What one stream is unpacked to at most. */
const unpackedBytes = 64 * 1024 * 1024;

/**
 * Everything in these bytes that can be unpacked: gzip and zlib, which tell where they begin, at each such place; a bare
 * deflate stream (a socket's frame) and Brotli, which don't, where it is all there is. A stream that is cut off gives
 * what there is of it.
 */
function* compressedIn(bytes: Buffer): Generator<{ form: Form; unpacked: Buffer }> {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: unpackedBytes };
  // Both wrap the same kind of stream. What follows it, a checksum and whatever comes next, is nobody's business here.
  const starts: [Form, number[], (at: number) => number][] = [
    ['gzip', [0x1f, 0x8b, 0x08], (at) => endOfGzipHeader(bytes, at)],
    ...[0x01, 0x5e, 0x9c, 0xda].map((level): [Form, number[], (at: number) => number] => [
      'deflate',
      [0x78, level],
      (at) => at + 2,
    ]),
  ];
  for (const [form, mark, stream] of starts) {
    const start = Buffer.from(mark);
    for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 1)) {
      const unpacked = attempt(() => inflateRawSync(bytes.subarray(stream(at)), options));
      if (unpacked) yield { form, unpacked };
    }
  }
  const bare = attempt(() => inflateRawSync(bytes, options));
  if (bare) yield { form: 'deflate', unpacked: bare };
  const brotli = attempt(() =>
    brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: unpackedBytes }),
  );
  if (brotli) yield { form: 'brotli', unpacked: brotli };
}

/** RFC 1952: ten bytes, then what the flags say: extra fields, a name, a comment, a checksum. */
function endOfGzipHeader(bytes: Buffer, at: number): number {
  const flags = bytes[at + 3] ?? 0;
  let end = at + 10;
  if (flags & 4) end += 2 + bytes.readUInt16LE(end);
  if (flags & 8) end = bytes.indexOf(0, end) + 1;
  if (flags & 16) end = bytes.indexOf(0, end) + 1;
  return flags & 2 ? end + 2 : end;
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

const occurrences = (text: string, part: string): number => text.split(part).length - 1;
