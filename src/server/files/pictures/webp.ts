import { type Bytes, pieceCounter, refused } from '../bytes';
import { checkedSize, frameCounter, type Picture, type Size } from './size';

/** RIFF: one chunk of a simple picture, or VP8X with its size and then pictures or frames. */
export function readWebp(bytes: Bytes): Picture {
  const end = 8 + bytes.u32le(4);
  if (!bytes.has(0, end)) throw refused('The WebP is cut off: it is shorter than it says.');
  const countFrame = frameCounter();
  const countPiece = pieceCounter();
  let size: Size | undefined;
  let pictures = 0;
  for (let at = 12; at + 8 <= end; ) {
    countPiece();
    const type = bytes.text(at, 4);
    const length = bytes.u32le(at + 4);
    const data = at + 8;
    if (data + length > end) throw refused('The WebP is cut off: a piece of it is shorter than it says.');
    if (type === 'VP8X') {
      if (size) throw refused('The WebP has two headers.');
      size = checkedSize({ width: bytes.u24le(data + 4) + 1, height: bytes.u24le(data + 7) + 1 });
    } else if (type === 'VP8 ' || type === 'VP8L') {
      const picture = checkedSize(type === 'VP8 ' ? lossy(bytes, data) : lossless(bytes, data));
      size ??= picture;
      pictures += 1;
    } else if (type === 'ANMF') {
      const frame = { width: bytes.u24le(data + 6) + 1, height: bytes.u24le(data + 9) + 1 };
      if (!size) throw refused('The WebP has no header.');
      if (frame.width > size.width || frame.height > size.height)
        throw refused('A frame of the WebP is larger than the picture.');
      countFrame(size);
      pictures += 1;
    }
    at = data + length + (length % 2);
  }
  if (!size || pictures === 0) throw refused('The WebP holds no picture.');
  return { ...size, end };
}

function lossy(bytes: Bytes, at: number): Size {
  if (bytes.text(at + 3, 3) !== '\x9d\x01\x2a') throw refused('The WebP is broken.');
  return { width: bytes.u16le(at + 6) & 0x3fff, height: bytes.u16le(at + 8) & 0x3fff };
}

function lossless(bytes: Bytes, at: number): Size {
  if (bytes.u8(at) !== 0x2f) throw refused('The WebP is broken.');
  const bits = bytes.u32le(at + 1);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}
