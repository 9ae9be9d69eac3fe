import { type Bytes, pieceCounter, refused } from './bytes';
import { checkedSize, type Picture, type Size } from './pictures/size';

/** ISO base media files (MP4, QuickTime, AVIF, HEIC) are boxes in boxes, each with its length and type in front. */
type Box = { type: string; start: number; end: number };

type Place = { start: number; end: number };

function* boxesIn(bytes: Bytes, { start, end }: Place, count: () => void): Generator<Box> {
  for (let at = start; at < end; ) {
    count();
    if (end - at < 8) return; // Some writers leave a few zeros behind the last one.
    const short = bytes.u32(at);
    const type = bytes.text(at + 4, 4);
    const head = short === 1 ? 16 : 8;
    const length = short === 1 ? bytes.u64(at + 8) : short === 0 ? end - at : short;
    if (length < head || at + length > end)
      throw refused('The media file is cut off: a piece of it is shorter than it says.');
    yield { type, start: at + head, end: at + length };
    at += length;
  }
}

function find(bytes: Bytes, place: Place | undefined, type: string, count: () => void): Box | undefined {
  if (!place) return undefined;
  for (const each of boxesIn(bytes, place, count)) if (each.type === type) return each;
  return undefined;
}

/** Checks that a film is whole and gives the size in which it is shown, where it says so. */
export function readFilm(bytes: Bytes): Partial<Size> {
  const count = pieceCounter();
  const film = find(bytes, { start: 0, end: bytes.size }, 'moov', count);
  if (!film) throw refused('The media file is cut off: it has no index.');
  let size: Size | undefined;
  for (const track of boxesIn(bytes, film, count)) {
    if (track.type !== 'trak') continue;
    const header = find(bytes, track, 'tkhd', count);
    if (!header || header.end - header.start < 84) continue;
    const matrix = header.start + (bytes.u8(header.start) === 1 ? 52 : 40);
    const width = bytes.u16(matrix + 36);
    const height = bytes.u16(matrix + 40);
    if (width === 0 || height === 0) continue;
    const isTurned = bytes.u32(matrix) === 0 && bytes.u32(matrix + 4) !== 0;
    size ??= isTurned ? { width: height, height: width } : { width, height };
  }
  if (size) checkedSize(size);
  return size ?? {};
}

/** The largest size that an AVIF or HEIC names: parts of a grid are smaller than the whole. */
export function readStill(bytes: Bytes): Picture {
  const count = pieceCounter();
  let end = 0;
  let meta: Box | undefined;
  for (const box of boxesIn(bytes, { start: 0, end: bytes.size }, count)) {
    if (box.type === 'meta') meta ??= box;
    end = box.end;
  }
  // `meta` and what it holds begin with four bytes of version and flags.
  const properties = find(bytes, meta && { start: meta.start + 4, end: meta.end }, 'iprp', count);
  const container = find(bytes, properties, 'ipco', count);
  let size: Size = { width: 0, height: 0 };
  for (const each of container ? boxesIn(bytes, container, count) : []) {
    if (each.type !== 'ispe' || each.end - each.start < 12) continue;
    const found = { width: bytes.u32(each.start + 4), height: bytes.u32(each.start + 8) };
    if (found.width * found.height > size.width * size.height) size = found;
  }
  return { ...checkedSize(size), end };
}
