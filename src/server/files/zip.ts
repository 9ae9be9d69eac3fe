import { type Bytes, refused } from './bytes';
import type { KindName } from './kinds';

/** How many names are looked at; a document has some dozens. */
const mostNames = 2_000;

const office: [folder: string, kind: KindName][] = [
  ['word/', 'docx'],
  ['xl/', 'xlsx'],
  ['ppt/', 'pptx'],
];
const openDocument: Record<string, KindName> = {
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.oasis.opendocument.presentation': 'odp',
};

/**
 * Which document a ZIP is, by the names in its directory; nothing is unpacked.
 *
 * @throws GuichetError FILE_REFUSED when it is broken, or a document with macros
 */
export function readZip(bytes: Bytes): KindName {
  const names = namesIn(bytes);
  const isOffice = names.includes('[Content_Types].xml');
  if (isOffice && names.some((name) => /(?:^|\/)vbaProject\.bin$/i.test(name)))
    throw refused('Documents with macros are not taken. Save it without macros, or as PDF.');
  if (isOffice) return office.find(([folder]) => names.some((name) => name.startsWith(folder)))?.[1] ?? 'zip';
  // OpenDocument: the first entry is `mimetype`, stored as it is.
  if (bytes.u16le(26) !== 8 || bytes.text(30, 8) !== 'mimetype') return 'zip';
  const length = bytes.u32le(18);
  const at = 38 + bytes.u16le(28);
  return (length < 100 && bytes.has(at, length) ? openDocument[bytes.text(at, length)] : undefined) ?? 'zip';
}

function namesIn(bytes: Bytes): string[] {
  const end = endOf(bytes);
  let at = bytes.u32le(end + 16);
  const names: string[] = [];
  for (let left = Math.min(bytes.u16le(end + 10), mostNames); left > 0; left -= 1) {
    if (bytes.u32le(at) !== 0x02014b50) throw refused('The ZIP is broken: its directory is not where it says.');
    const [name, extra, note] = [bytes.u16le(at + 28), bytes.u16le(at + 30), bytes.u16le(at + 32)];
    names.push(bytes.text(at + 46, Math.min(name, 300)));
    at += 46 + name + extra + note;
  }
  return names;
}

/** The directory's end stands at the end, with a note of at most 65,535 bytes behind it. */
function endOf(bytes: Bytes): number {
  const start = Math.max(0, bytes.size - 22 - 65_535);
  const tail = Buffer.from(bytes.at(start, bytes.size - start));
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    at = tail.lastIndexOf('PK\x05\x06', at, 'latin1');
    if (at < 0) break;
    if (at + 22 <= tail.length && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return start + at;
  }
  throw refused('The ZIP is cut off: it has no directory.');
}
