import { type Bytes, pieceCounter, refused } from '../bytes';
import { checkedSize, type Picture, type Size } from './size';

/** Segments with their length in front; the picture's data runs from a scan's header to the next marker. */
export function readJpeg(bytes: Bytes): Picture {
  const countPiece = pieceCounter();
  let size: Size | undefined;
  let hasScan = false;
  let at = 2;
  for (;;) {
    if (bytes.u8(at) !== 0xff) throw refused('The JPEG is broken.');
    const marker = bytes.u8(at + 1);
    if (marker === 0xff) {
      at += 1; // Fill bytes may stand before a marker.
      continue;
    }
    if (marker === 0xd9) break;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    if (marker === 0 || marker === 0xd8) throw refused('The JPEG is broken.');
    countPiece();
    const length = bytes.u16(at + 2);
    if (length < 2) throw refused('The JPEG is broken: a piece of it has no length.');
    if (isFrame(marker)) {
      if (size) throw refused('The JPEG has two headers.');
      size = checkedSize({ height: bytes.u16(at + 5), width: bytes.u16(at + 7) });
    }
    at += 2 + length;
    if (marker !== 0xda) continue;
    if (!size) throw refused('The JPEG has no header.');
    hasScan = true;
    at = afterScan(bytes, at);
  }
  if (!size || !hasScan) throw refused('The JPEG holds no picture.');
  return { ...size, end: at + 2 };
}

/** Start of frame, of any coding; C4, C8 and CC are tables and the like. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Within a scan `FF 00` is a byte and `FF D0`…`D7` a restart; any other `FF xx` is the next marker. */
function afterScan(bytes: Bytes, start: number): number {
  let at = bytes.find(0xff, start);
  while (at >= 0) {
    const next = bytes.u8(at + 1);
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
    at = bytes.find(0xff, next === 0xff ? at + 1 : at + 2);
  }
  throw refused('The JPEG is cut off: it has no end.');
}
