/** For tests: the smallest file of each kind, with what of it is looked at in its place. No picture in it can be decoded. */
const be = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const le = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};
const latin = (text: string) => Buffer.from(text, 'latin1');
const all = (...pieces: (Uint8Array | string | number[])[]) =>
  Buffer.concat(pieces.map((each) => (typeof each === 'string' ? latin(each) : Buffer.from(each))));

export const pngPiece = (type: string, content: Uint8Array = Buffer.alloc(0)) =>
  all(be(content.length, 4), type, content, be(0, 4));
export const png = (width: number, height: number, ...more: Uint8Array[]) =>
  all(
    '\x89PNG\r\n\x1a\n',
    pngPiece('IHDR', all(be(width, 4), be(height, 4), [8, 6, 0, 0, 0])),
    ...more,
    pngPiece('IDAT', all([1, 2, 3])),
    pngPiece('IEND'),
  );

const gifFrame = (width: number, height: number) =>
  all([0x2c, 0, 0, 0, 0], le(width, 2), le(height, 2), [0, 2, 2, 0x44, 1, 0]);
export const gifHead = (width: number, height: number) => all('GIF89a', le(width, 2), le(height, 2), [0, 0, 0]);
export const gif = (width: number, height: number, frames = 1) =>
  all(gifHead(width, height), ...Array.from({ length: frames }, () => gifFrame(width, height)), [0x3b]);

export const jpeg = (
  width: number,
  height: number,
  scan: Uint8Array = Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]),
) =>
  all(
    [0xff, 0xd8, 0xff, 0xe0, 0, 16],
    'JFIF\0',
    Buffer.alloc(9),
    [0xff, 0xc0, 0, 11, 8],
    be(height, 2),
    be(width, 2),
    [1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
    scan,
    [0xff, 0xd9],
  );

const riffPiece = (type: string, content: Uint8Array) =>
  all(type, le(content.length, 4), content, Buffer.alloc(content.length % 2));
const riff = (type: string, ...pieces: Uint8Array[]) => {
  const content = all(type, ...pieces);
  return all('RIFF', le(content.length, 4), content);
};
const lossy = (width: number, height: number) =>
  riffPiece('VP8 ', all([0, 0, 0], '\x9d\x01\x2a', le(width, 2), le(height, 2), [0]));
export const webp = (width: number, height: number) => riff('WEBP', lossy(width, height));
export const webpLossless = (width: number, height: number) =>
  riff('WEBP', riffPiece('VP8L', all([0x2f], le((width - 1) | ((height - 1) << 14), 4))));
const webpFrame = (width: number, height: number) =>
  riffPiece('ANMF', all(Buffer.alloc(6), le(width - 1, 3), le(height - 1, 3), Buffer.alloc(4), lossy(width, height)));
export const webpMoving = (width: number, height: number, frames: number) =>
  riff(
    'WEBP',
    riffPiece('VP8X', all([2, 0, 0, 0], le(width - 1, 3), le(height - 1, 3))),
    ...Array.from({ length: frames }, () => webpFrame(width, height)),
  );

const box = (type: string, ...content: Uint8Array[]) => {
  const inside = all(...content);
  return all(be(inside.length + 8, 4), type, inside);
};
const brands = (...names: string[]) => box('ftyp', latin(names[0] ?? ''), be(0, 4), ...names.slice(1).map(latin));
const stillOf = (brand: string, width: number, height: number) =>
  all(
    brands(brand, 'mif1'),
    box('meta', be(0, 4), box('iprp', box('ipco', box('ispe', be(0, 4), be(width, 4), be(height, 4))))),
    box('mdat', be(0, 4)),
  );
export const avif = (width: number, height: number) => stillOf('avif', width, height);
export const heic = (width: number, height: number) => stillOf('heic', width, height);
const filmOf = (brand: string, width: number, height: number, turned: boolean) => {
  const matrix = all(
    ...(turned ? [0, 1, 0, -1, 0, 0, 0, 0, 1] : [1, 0, 0, 0, 1, 0, 0, 0, 1]).map((each) =>
      be(each < 0 ? 0xffff0000 : each * 65_536, 4),
    ),
  );
  const header = all(Buffer.alloc(40), matrix, be(width * 65_536, 4), be(height * 65_536, 4));
  return all(brands(brand, 'isom'), box('moov', box('mvhd', be(0, 4)), box('trak', box('tkhd', header))), box('mdat'));
};
export const mp4 = (width = 640, height = 360, turned = false) => filmOf('isom', width, height, turned);
export const mov = () => filmOf('qt  ', 640, 360, false);
export const m4a = () => filmOf('M4A ', 0, 0, false);

export const webm = () =>
  all([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 1, 0x42, 0x82, 0x84], 'webm', Buffer.alloc(20));
export const mp3 = () => all('ID3\x04\0\0', [0, 0, 0, 5], 'hello', [0xff, 0xfb, 0x90, 0x64], Buffer.alloc(413));
export const ogg = () => all('OggS', Buffer.alloc(24), 'OpusHead', Buffer.alloc(20));
export const wav = () => riff('WAVE', riffPiece('fmt ', Buffer.alloc(16)), riffPiece('data', Buffer.alloc(8)));
export const pdf = () => latin('%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n');

/** A ZIP of stored files. */
export function zip(files: Record<string, string>): Buffer<ArrayBuffer> {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  for (const [name, content] of Object.entries(files)) {
    const at = entries.reduce((sum, each) => sum + each.length, 0);
    const sizes = all(le(content.length, 4), le(content.length, 4), le(name.length, 2), le(0, 2));
    entries.push(all('PK\x03\x04', Buffer.alloc(14), sizes, name, content));
    directory.push(all('PK\x01\x02', Buffer.alloc(16), sizes, Buffer.alloc(10), le(at, 4), name));
  }
  const [content, list] = [all(...entries), all(...directory)];
  const counts = all(le(directory.length, 2), le(directory.length, 2), le(list.length, 4), le(content.length, 4));
  return all(content, list, 'PK\x05\x06', Buffer.alloc(4), counts, le(0, 2));
}
export const docx = (more: Record<string, string> = {}) =>
  zip({ '[Content_Types].xml': '<Types/>', 'word/document.xml': '<w/>', ...more });
export const odt = () => zip({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<x/>' });
