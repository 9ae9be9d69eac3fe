import { type Bytes, pieceCounter, refused } from '../bytes';
import { checkedSize, frameCounter, type Picture } from './size';

/** Chunk after chunk, each with its length in front: IHDR, then anything, at least one IDAT, IEND. */
export function readPng(bytes: Bytes): Picture {
  if (bytes.u32(8) !== 13 || bytes.text(12, 4) !== 'IHDR') throw refused('The PNG does not begin with its header.');
  const size = checkedSize({ width: bytes.u32(16), height: bytes.u32(20) });
  const countFrame = frameCounter();
  const countPiece = pieceCounter();
  let hasData = false;
  for (let at = 33; ; ) {
    countPiece();
    const length = bytes.u32(at);
    const type = bytes.text(at + 4, 4);
    if (!bytes.has(at, 12 + length)) throw refused('The PNG is cut off: a piece of it is shorter than it says.');
    if (type === 'IHDR') throw refused('The PNG has two headers.');
    if (type === 'fcTL') countFrame({ width: bytes.u32(at + 12), height: bytes.u32(at + 16) });
    if (type === 'IDAT') hasData = true;
    at += 12 + length;
    if (type !== 'IEND') continue;
    if (!hasData) throw refused('The PNG holds no picture.');
    return { ...size, end: at };
  }
}
