import { expect, test } from 'vitest';
import { readJpeg } from './photo';

const segment = (marker: number, body: number[] | string) => {
  const bytes = typeof body === 'string' ? [...new TextEncoder().encode(body)] : body;
  const length = bytes.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...bytes];
};
const frame = segment(0xc0, [8, 0x0b, 0xd0, 0x0f, 0xc0, 3, 1, 0x22, 0]); // 4032 × 3024
const jpeg = (...segments: number[][]) =>
  new Uint8Array([0xff, 0xd8, ...segments.flat(), ...segment(0xda, [1, 2, 3]), 1, 2, 3, 0xff, 0xd9]);
const jfif = segment(0xe0, 'JFIF\0\x01\x01');

test('a bare JPEG tells nothing but its size', () => {
  expect(readJpeg(jpeg(jfif, segment(0xe2, 'ICC_PROFILE\0'), segment(0xee, 'Adobe\0'), frame))).toEqual({
    width: 4032,
    height: 3024,
    tells: false,
  });
});

test.each([
  ['EXIF, where the place is', segment(0xe1, 'Exif\0\0MM')],
  ['XMP', segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0')],
  ['IPTC', segment(0xed, 'Photoshop 3.0\0')],
  ['other pictures behind it', segment(0xe2, 'MPF\0')],
  ['a comment', segment(0xfe, 'made by Ana')],
  ['an extension of JFIF with a thumbnail', segment(0xe0, 'JFXX\0')],
])('%s is noticed, before the size and after it', (_, note) => {
  expect(readJpeg(jpeg(jfif, note, frame))?.tells).toBe(true);
  expect(readJpeg(jpeg(jfif, frame, note))?.tells).toBe(true);
  expect(readJpeg(jpeg([0xff, 0xff, 0xff, ...note.slice(1)], frame))?.tells).toBe(true);
});

test('what is cut off before the picture counts as telling', () => {
  const whole = jpeg(jfif, frame, segment(0xe1, `Exif\0\0${'x'.repeat(1_000)}`));

  expect(readJpeg(whole.subarray(0, 60))).toEqual({ width: 4032, height: 3024, tells: true });
});

test.each([
  ['nothing', []],
  ['a PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG without a frame', [...jpeg(jfif)]],
  ['segments of no length, for ever', [0xff, 0xd8, 0xff, 0xe1, 0, 0, 0, 0, 0, 0]],
  ['noise behind the first mark', [0xff, 0xd8, 0xff, 0xe0, 0, 2, 7, 7, 7, 7, 7]],
])('%s is no JPEG', (_, bytes) => {
  expect(readJpeg(new Uint8Array(bytes))).toBeUndefined();
});
