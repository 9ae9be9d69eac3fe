import { type Bytes, pieceCounter, refused } from '../bytes';
import { checkedSize, frameCounter, type Picture } from './size';

/** Header, colours, then extensions and frames until the trailer; their data come in blocks of at most 255 bytes. */
export function readGif(bytes: Bytes): Picture {
  const size = checkedSize({ width: bytes.u16le(6), height: bytes.u16le(8) });
  const countFrame = frameCounter();
  // Each piece may have 255 bytes: a tenth of that would be a strange picture.
  const countPiece = pieceCounter(400_000);
  let frames = 0;
  let at = 13 + coloursOf(bytes.u8(10));
  for (;;) {
    if (at === bytes.size && frames > 0) return { ...size, end: at }; // Some writers leave the trailer out.
    countPiece();
    const mark = bytes.u8(at);
    if (mark === 0x3b) break;
    if (mark === 0x21) at = afterBlocks(bytes, at + 2, countPiece);
    else if (mark === 0x2c) {
      const width = bytes.u16le(at + 5);
      const height = bytes.u16le(at + 7);
      if (bytes.u16le(at + 1) + width > size.width || bytes.u16le(at + 3) + height > size.height)
        throw refused('A frame of the GIF is larger than the picture.');
      countFrame(size); // Whatever its part of the picture, a browser keeps a whole one.
      frames += 1;
      at = afterBlocks(bytes, at + 10 + coloursOf(bytes.u8(at + 9)) + 1, countPiece);
    } else throw refused('The GIF is broken.');
  }
  if (frames === 0) throw refused('The GIF holds no picture.');
  return { ...size, end: at + 1 };
}

const coloursOf = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

function afterBlocks(bytes: Bytes, start: number, countPiece: () => void): number {
  let at = start;
  for (let length = bytes.u8(at); length > 0; length = bytes.u8(at)) {
    countPiece();
    at += 1 + length;
  }
  return at + 1;
}
