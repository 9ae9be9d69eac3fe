import { type Bytes, refused } from './bytes';
import type { KindName } from './kinds';

const taken =
  'Taken are pictures (PNG, JPEG, GIF, WebP, AVIF, HEIC), video (MP4, WebM, MOV), sound (MP3, M4A, Ogg, WAV), PDF, Word, Excel, PowerPoint, OpenDocument, ZIP, text and CSV.';

/** How many bytes tell what a file is. */
export const sniffedBytes = 4_096;

/**
 * What a file is, by its first bytes. What the sender calls it only chooses between kinds that are equally harmless: sound or
 * video in the same container, text or CSV.
 *
 * @throws GuichetError FILE_REFUSED
 */
export function sniff(head: Bytes, given: { name: string; type: string }): KindName {
  const starts = (text: string, at = 0) => head.has(at, text.length) && head.text(at, text.length) === text;
  const isSound = /^audio\//i.test(given.type);
  if (head.size === 0) throw refused('The file is empty.');
  if (starts('\x89PNG\r\n\x1a\n')) return 'png';
  if (starts('\xff\xd8\xff')) return 'jpeg';
  if (starts('GIF87a') || starts('GIF89a')) return 'gif';
  if (starts('RIFF') && starts('WEBP', 8)) return 'webp';
  if (starts('RIFF') && starts('WAVE', 8)) return 'wav';
  if (starts('ftyp', 4)) return brandOf(head, isSound);
  if (starts('\x1a\x45\xdf\xa3')) return matroskaOf(head, isSound);
  if (starts('OggS')) return oggOf(head);
  if (starts('ID3') || isMp3(head, 0)) return 'mp3';
  if (starts('%PDF-')) return 'pdf';
  if (starts('PK\x03\x04')) return 'zip';
  return textOf(head, given.name);
}

/** ISO base media: the brands say whether it is video, sound or a picture. */
function brandOf(head: Bytes, isSound: boolean): KindName {
  const length = Math.min(head.u32(0), head.size, 256);
  const brands = [head.has(8, 4) ? head.text(8, 4) : ''];
  for (let at = 16; at + 4 <= length; at += 4) brands.push(head.text(at, 4));
  const has = (...wanted: string[]) => brands.some((brand) => wanted.includes(brand));
  if (has('avis')) throw refused('Moving AVIF pictures are not taken. Send a GIF, a WebP or a video.');
  if (has('avif')) return 'avif';
  if (has('heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1')) return 'heic';
  if (brands[0] === 'qt  ') return 'mov';
  if (has('M4A ', 'M4B ') && !has('M4V ')) return 'm4a';
  if (
    has('isom', 'iso2', 'iso4', 'iso5', 'iso6', 'mp41', 'mp42', 'avc1', 'M4V ', 'M4A ', 'MSNV', 'dash', '3gp4', '3gp5')
  )
    return isSound ? 'm4a' : 'mp4';
  throw refused(`This media file is of a kind that is not taken. ${taken}`);
}

function matroskaOf(head: Bytes, isSound: boolean): KindName {
  const text = head.text(0, Math.min(head.size, 128));
  if (!/\x42\x82.{1,8}webm/s.test(text)) throw refused(`Of Matroska only WebM is taken. ${taken}`);
  return isSound ? 'weba' : 'webm';
}

function oggOf(head: Bytes): KindName {
  const text = head.text(0, Math.min(head.size, 128));
  if (/OpusHead|\x01vorbis|\x7fFLAC|Speex {3}/.test(text)) return 'ogg';
  throw refused(`Of Ogg only sound is taken. ${taken}`);
}

/** An MPEG audio frame of layer III. */
export function isMp3(bytes: Bytes, at: number): boolean {
  if (!bytes.has(at, 4)) return false;
  const [a, b, c] = bytes.at(at, 4) as unknown as [number, number, number];
  const layerThree = a === 0xff && (b & 0xe0) === 0xe0 && (b & 0x06) === 0x02 && (b & 0x18) !== 0x08;
  return layerThree && c >> 4 !== 0 && c >> 4 !== 15 && (c & 0x0c) !== 0x0c;
}

/** Text is what has no control characters; markup and programs are told by how they begin. */
function textOf(head: Bytes, name: string): KindName {
  const start = head.text(0, Math.min(head.size, sniffedBytes));
  refuseControls(head.at(0, Math.min(head.size, sniffedBytes)));
  const words = start.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^<[!?/a-z]/i.test(words)) {
    const what = /<svg/i.test(words) ? 'An SVG can hold scripts' : 'HTML and XML can hold scripts';
    throw refused(`${what} and is not taken. Send a PNG, a PDF or plain text.`);
  }
  if (words.startsWith('#!')) throw refused(`Programs are not taken. ${taken}`);
  return /\.csv$/i.test(name) ? 'csv' : 'text';
}

/** @throws GuichetError FILE_REFUSED for bytes that no text has */
export function refuseControls(bytes: Uint8Array): void {
  for (const byte of bytes)
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13)
      throw refused(`The file is of a kind that is not taken. ${taken}`);
}
