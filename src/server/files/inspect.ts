import { readFilm, readStill } from './boxes';
import { type Bytes, refused } from './bytes';
import { type KindName, kindOf } from './kinds';
import { readGif } from './pictures/gif';
import { readJpeg } from './pictures/jpeg';
import { readPng } from './pictures/png';
import type { Picture } from './pictures/size';
import { readWebp } from './pictures/webp';
import { isMp3, refuseControls } from './sniff';
import { readZip } from './zip';

/** What is known of a whole file. `end`: what stands behind it is no part of the picture and is cut off. */
export type Facts = { kind: KindName; type: string; width?: number; height?: number; end: number };

const pictures: Partial<Record<KindName, (bytes: Bytes) => Picture>> = {
  png: readPng,
  jpeg: readJpeg,
  gif: readGif,
  webp: readWebp,
  avif: readStill,
};

/**
 * Reads through a file that has come whole, without decoding it. Takes no more memory than a window of it and no more time
 * than its bytes.
 *
 * @throws GuichetError FILE_REFUSED
 */
export function inspect(bytes: Bytes, kind: KindName): Facts {
  const facts = (more: Partial<Facts> = {}): Facts => ({ kind, type: kindOf(kind).type, end: bytes.size, ...more });
  const picture = pictures[kind];
  if (picture) return facts(picture(bytes));
  switch (kind) {
    case 'mp4':
    case 'mov':
      return facts(readFilm(bytes));
    case 'm4a':
      readFilm(bytes);
      return facts();
    case 'mp3':
      readMp3(bytes);
      return facts();
    case 'heic': {
      const { end } = readStill(bytes);
      return facts({ end });
    }
    case 'zip': {
      const found = readZip(bytes);
      return { ...facts(), kind: found, type: kindOf(found).type };
    }
    case 'csv':
    case 'text':
      return facts({ type: `${kindOf(kind).type}${isUtf8(bytes) ? '; charset=utf-8' : ''}` });
    default:
      return facts();
  }
}

/** An ID3 tag says how long it is; behind it stands a frame. */
function readMp3(bytes: Bytes): void {
  if (isMp3(bytes, 0)) return;
  const [a, b, c, d] = bytes.at(6, 4) as unknown as [number, number, number, number];
  let at = 10 + ((a & 127) << 21) + ((b & 127) << 14) + ((c & 127) << 7) + (d & 127);
  const latest = at + 4_096; // Some writers pad the tag by more than they say.
  for (at = bytes.find(0xff, at); at >= 0 && at < latest; at = bytes.find(0xff, at + 1)) if (isMp3(bytes, at)) return;
  throw refused('The MP3 holds no sound.');
}

/** Text in another coding is taken as well, but not called UTF-8. */
function isUtf8(bytes: Bytes): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isSo = true;
  for (let at = 0; at < bytes.size; at += 65_536) {
    const piece = bytes.at(at, Math.min(65_536, bytes.size - at));
    refuseControls(piece);
    try {
      if (isSo) decoder.decode(piece, { stream: at + 65_536 < bytes.size });
    } catch {
      isSo = false;
    }
  }
  return isSo;
}
