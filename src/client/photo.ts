import { limits } from '../protocol/limits';

/**
 * What a photo tells besides the picture (where it was taken, when, by which device) stays with the customer: a JPEG that carries
 * such data, or is larger than anybody needs, is drawn anew and encoded again. So is a HEIC, where the browser can read it.
 * Everything else goes as it is: PNG, GIF and WebP seldom carry any, and would lose quality, transparency or motion.
 */
export type Prepared = { blob: Blob; name: string };

/** `unreadable`: it says that it is a picture, and isn't one. `pixels`: too many to be drawn. */
export class PhotoError extends Error {
  readonly reason: 'unreadable' | 'pixels';
  constructor(reason: 'unreadable' | 'pixels') {
    super(reason);
    this.reason = reason;
  }
}

/** Pixels of the longer side: print on a photographed page can still be read. */
const longest = 3_200;
const quality = 0.86;
/** Bytes in which a JPEG's size has to stand. */
const head = 1_048_576;

export async function cleanPhoto(file: File): Promise<Prepared> {
  const bytes = new Uint8Array(await file.slice(0, head).arrayBuffer());
  const asItIs = { blob: file, name: file.name };
  if (isHeic(bytes)) return (await encode(file).catch(() => undefined)) ?? asItIs;
  if (!isJpeg(bytes)) return asItIs;
  const facts = readJpeg(bytes);
  if (!facts) throw new PhotoError('unreadable');
  if (facts.width * facts.height > limits.imagePixels) throw new PhotoError('pixels');
  if (!facts.tells && Math.max(facts.width, facts.height) <= longest) return asItIs;
  return encode(file);
}

async function encode(file: File): Promise<Prepared> {
  // Turned as the camera was held: the note that says how is lost with the others.
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new PhotoError('unreadable');
  });
  try {
    const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext('2d');
    if (!context) throw new PhotoError('unreadable');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
    if (!blob) throw new PhotoError('unreadable');
    return { blob, name: file.name.replace(/\.(heic|heif)$/i, '.jpg') };
  } finally {
    bitmap.close();
  }
}

export const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
const isHeic = (bytes: Uint8Array) => /^ftyp(hei[cxms]|hev[cx]|mif1|msf1)/.test(letters(bytes, 4, 8));

/**
 * Walks over a JPEG's segments up to the picture itself.
 *
 * @returns its size in pixels, and whether it carries more than the picture needs: anything but JFIF's own header, the colour
 * profile and Adobe's note on colours. Undefined: no JPEG that a browser could show.
 */
export function readJpeg(bytes: Uint8Array): { width: number; height: number; tells: boolean } | undefined {
  if (!isJpeg(bytes)) return undefined;
  let tells = false;
  let size: { width: number; height: number } | undefined;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    // Any number of 0xff may stand before a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return size && { ...size, tells };
    const length = word(bytes, at + 2);
    if (length < 2) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame && at + 9 <= bytes.length) size = { height: word(bytes, at + 5), width: word(bytes, at + 7) };
    const isNote = marker === 0xfe || (marker >= 0xe0 && marker <= 0xef);
    if (isNote && !isHarmless(marker, bytes, at + 4)) tells = true;
    at += 2 + length;
  }
  // The picture itself begins further back than we look.
  return size && { ...size, tells: true };
}

const isHarmless = (marker: number, bytes: Uint8Array, at: number) =>
  (marker === 0xe0 && letters(bytes, at, 4) === 'JFIF') ||
  (marker === 0xe2 && letters(bytes, at, 11) === 'ICC_PROFILE') ||
  (marker === 0xee && letters(bytes, at, 5) === 'Adobe');

const word = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const letters = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));
