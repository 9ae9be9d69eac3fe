import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { Bytes } from './bytes';
import { type Facts, inspect } from './inspect';
import * as samples from './samples';
import { sniff, sniffedBytes } from './sniff';

/** As an upload is looked at: its first bytes, then all of it. Gives the facts, or the words of the refusal. */
function look(file: Uint8Array, given: { name?: string; type?: string } = {}): Facts | string {
  try {
    const kind = sniff(Bytes.of(file.subarray(0, sniffedBytes)), { name: 'a', type: '', ...given });
    return inspect(Bytes.of(file), kind);
  } catch (error) {
    if (error instanceof GuichetError && error.code === 'FILE_REFUSED') return error.message;
    throw error;
  }
}

const join = (...pieces: (Uint8Array | string)[]) =>
  Buffer.concat(pieces.map((each) => (typeof each === 'string' ? Buffer.from(each, 'latin1') : each)));

describe('the bytes decide what a file is', () => {
  test.each<[string, Buffer, Partial<Facts>]>([
    ['png', samples.png(640, 480), { kind: 'png', width: 640, height: 480 }],
    ['gif', samples.gif(64, 48, 3), { kind: 'gif', width: 64, height: 48 }],
    ['jpeg', samples.jpeg(4_000, 3_000), { kind: 'jpeg', width: 4_000, height: 3_000 }],
    ['webp', samples.webp(640, 480), { kind: 'webp', width: 640, height: 480 }],
    ['lossless webp', samples.webpLossless(16_000, 2), { kind: 'webp', width: 16_000, height: 2 }],
    ['moving webp', samples.webpMoving(640, 480, 3), { kind: 'webp', width: 640, height: 480 }],
    ['avif', samples.avif(640, 480), { kind: 'avif', width: 640, height: 480 }],
    ['heic', samples.heic(640, 480), { kind: 'heic', type: 'image/heic' }],
    ['mp4', samples.mp4(), { kind: 'mp4', width: 640, height: 360 }],
    ['mp4 held upright', samples.mp4(640, 360, true), { kind: 'mp4', width: 360, height: 640 }],
    ['mov', samples.mov(), { kind: 'mov', type: 'video/quicktime' }],
    ['m4a', samples.m4a(), { kind: 'm4a', type: 'audio/mp4' }],
    ['webm', samples.webm(), { kind: 'webm', type: 'video/webm' }],
    ['mp3', samples.mp3(), { kind: 'mp3', type: 'audio/mpeg' }],
    ['ogg', samples.ogg(), { kind: 'ogg', type: 'audio/ogg' }],
    ['wav', samples.wav(), { kind: 'wav', type: 'audio/wav' }],
    ['pdf', samples.pdf(), { kind: 'pdf', type: 'application/pdf' }],
    ['zip', samples.zip({ 'a.txt': 'a' }), { kind: 'zip', type: 'application/zip' }],
    ['docx', samples.docx(), { kind: 'docx' }],
    ['odt', samples.odt(), { kind: 'odt', type: 'application/vnd.oasis.opendocument.text' }],
    ['text', Buffer.from('Grüße\n'), { kind: 'text', type: 'text/plain; charset=utf-8' }],
    ['text of old', Buffer.from('Gr\xfc\xdfe', 'latin1'), { kind: 'text', type: 'text/plain' }],
  ])('%s', (_, file, facts) => {
    expect(look(file, { name: 'page.html', type: 'text/html' })).toMatchObject({ ...facts, end: file.length });
  });

  test('and what the sender says only chooses between kinds that are equally harmless', () => {
    expect(look(samples.webm(), { type: 'audio/webm;codecs=opus' })).toMatchObject({ type: 'audio/webm' });
    expect(look(samples.mp4(), { type: 'audio/mp4' })).toMatchObject({ type: 'audio/mp4' });
    expect(look(Buffer.from('a;b\n'), { name: 'A.CSV' })).toMatchObject({ type: 'text/csv; charset=utf-8' });
    expect(look(samples.pdf(), { name: 'a.png', type: 'image/png' })).toMatchObject({ type: 'application/pdf' });
  });
});

describe('refused, with words that help', () => {
  test.each<[string, Uint8Array | string, RegExp]>([
    ['an empty file', '', /empty/],
    ['HTML', '<!DOCTYPE html><script>alert(1)</script>', /HTML/],
    ['HTML behind a mark and blanks', '\xef\xbb\xbf \n\t<html>', /HTML/],
    ['an SVG with a script', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', /SVG/],
    ['an SVG behind its XML head', '<?xml version="1.0"?><!-- --><svg/>', /SVG/],
    ['XML', '<?xml version="1.0"?><a/>', /XML/],
    ['a comment first', '<!-- --><script>alert(1)</script>', /HTML/],
    ['a Windows program', 'MZ\x90\0\x03', /not taken/],
    ['a Linux program', '\x7fELF\x02\x01\x01\0', /not taken/],
    ['a script with its interpreter', '#!/bin/sh\nrm -rf /', /Programs/],
    ['gzip (an SVGZ)', '\x1f\x8b\x08\0\0', /not taken/],
    [
      'Matroska',
      join([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x88].map((b) => String.fromCharCode(b)).join(''), 'matroska'),
      /WebM/,
    ],
    ['Ogg that is video', 'OggS\0\x02aaaaaaaaaaaaaaaaaaaaaa\x80theora', /sound/],
    ['a moving AVIF', samples.avif(1, 1).toString('latin1').replace('mif1', 'avis'), /Moving AVIF/],
    ['a document with macros', samples.docx({ 'word/vbaProject.bin': 'x' }), /macros/],
    ['a ZIP without its directory', samples.docx().subarray(0, 80), /cut off/],
    ['text with a NUL', 'abc\0def', /not taken/],
    ['an MP3 that is only its tag', samples.mp3().subarray(0, 15), /sound/],
    ['an MP4 without its index', samples.mp4().subarray(0, 20), /index/],
  ])('%s', (_, file, words) => {
    const bytes = typeof file === 'string' ? Buffer.from(file, 'latin1') : file;

    expect(look(bytes, { name: 'cat.png', type: 'image/png' })).toMatch(words);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['a PNG of 50,001 megapixels', samples.png(60_000, 833_400), /60000 × 833400/],
    ['a PNG of more pixels than may be', samples.png(19_000, 19_000), /50000000 in all/],
    ['a PNG of the largest numbers there are', samples.png(0xffffffff, 0xffffffff), /may have/],
    ['a PNG without width', samples.png(0, 10), /no size/],
    ['a GIF without height', samples.gif(10, 0), /no size/],
    ['a JPEG of 65,535 × 65,535', samples.jpeg(65_535, 65_535), /may have/],
    ['a JPEG without height', samples.jpeg(10, 0), /no size/],
    ['a WebP of 16,384 × 16,384', samples.webpLossless(16_384, 16_384), /may have/],
    ['an AVIF of 40,000 × 40,000', samples.avif(40_000, 40_000), /may have/],
    ['an AVIF that says no size', samples.avif(0, 0), /no size/],
    ['a HEIC of 40,000 × 40,000', samples.heic(40_000, 40_000), /may have/],
    ['a film of 60,000 × 60,000', samples.mp4(60_000, 60_000), /may have/],
    ['a GIF of thousands of frames', samples.gif(1, 1, limits.gifFrames + 1), /600 frames/],
    ['a GIF whose frames are a flood together', samples.gif(5_000, 5_000, 100), /pixels together/],
    ['a WebP of thousands of frames', samples.webpMoving(1, 1, limits.gifFrames + 1), /600 frames/],
    [
      'a moving PNG of thousands of frames',
      samples.png(1, 1, ...Array.from({ length: 601 }, () => samples.pngPiece('fcTL', Buffer.alloc(26)))),
      /600 frames/,
    ],
    ['a GIF with a frame larger than itself', join(samples.gifHead(1, 1), samples.gif(9, 9).subarray(13)), /larger/],
    ['a GIF without a frame', join(samples.gifHead(1, 1), ';'), /no picture/],
    ['a PNG without data', join(samples.png(1, 1).subarray(0, 33), samples.pngPiece('IEND')), /no picture/],
    [
      'a PNG with a piece that is longer than the file',
      join(samples.png(1, 1).subarray(0, 33), '\x7f\xff\xff\xffIDAT'),
      /cut off/,
    ],
    ['a PNG with two headers', samples.png(1, 1, samples.png(9, 9).subarray(8, 33)), /two headers/],
    ['a JPEG with a piece of no length', join('\xff\xd8\xff\xe0\0\0', samples.jpeg(1, 1)), /no length/],
    ['a JPEG without an end', samples.jpeg(1, 1).subarray(0, -2), /cut off/],
    ['a WebP that is shorter than it says', samples.webp(1, 1).subarray(0, -1), /cut off/],
  ])('%s', (_, file, words) => {
    expect(look(file)).toMatch(words);
  });
});

test('what stands behind a picture is no part of it', () => {
  for (const picture of [samples.png(1, 1), samples.gif(1, 1), samples.jpeg(1, 1), samples.webp(1, 1)])
    expect(look(join(picture, '<script>alert(1)</script>'))).toMatchObject({ end: picture.length });
});

test('a GIF that is a script as well keeps the end of a GIF, and is never served as a script', () => {
  const polyglot = join('GIF89a/*\x01\0\0\0\0', samples.gif(1, 1).subarray(13), '*/=1;alert(1)');

  expect(look(polyglot)).toMatchObject({ kind: 'gif', type: 'image/gif', end: polyglot.length - 13 });
});

describe('whatever comes', () => {
  const whole = [
    samples.png(20, 10, samples.pngPiece('tEXt', Buffer.alloc(30))),
    samples.gif(20, 10, 3),
    samples.jpeg(20, 10),
    samples.webp(20, 10),
    samples.webpMoving(20, 10, 2),
    samples.avif(20, 10),
    samples.heic(20, 10),
    samples.mp4(),
    samples.m4a(),
    samples.webm(),
    samples.mp3(),
    samples.ogg(),
    samples.zip({ 'a.txt': 'a', 'b.txt': 'b' }),
    samples.docx(),
    samples.odt(),
  ];

  test('cut off anywhere, a file is taken or refused, never a fault', () => {
    for (const file of whole) for (let end = 0; end <= file.length; end += 1) look(file.subarray(0, end));
  });

  test('with lies anywhere, the same; what is taken has a size that may be', () => {
    const lie = fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
    fc.assert(
      fc.property(fc.constantFrom(...whole), fc.array(lie, { minLength: 1, maxLength: 4 }), (file, lies) => {
        const copy = Buffer.from(file);
        for (const { at, bytes } of lies)
          copy.set(bytes.subarray(0, copy.length - (at % copy.length)), at % copy.length);
        const facts = look(copy);
        if (typeof facts === 'string') return;
        expect(facts.end).toBeLessThanOrEqual(copy.length);
        if (facts.width === undefined || facts.height === undefined) return;
        expect(facts.width * facts.height).toBeGreaterThan(0);
        expect(facts.width * facts.height).toBeLessThanOrEqual(limits.imagePixels);
      }),
      { numRuns: 5_000 },
    );
  });

  test('made up behind the head of any kind, the same', () => {
    const heads = whole.map((file) => file.subarray(0, 40));
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.nat(40), fc.uint8Array({ maxLength: 300 }), (head, kept, rest) => {
        look(join(head.subarray(0, kept), rest));
      }),
      { numRuns: 5_000 },
    );
  });

  test('files of ten megabytes that are all pieces and no content cost no time', () => {
    const size = limits.imageBytes;
    const filled = (head: Uint8Array, piece: Uint8Array) =>
      join(head, Buffer.alloc(size - head.length, Buffer.from(piece)));
    const bombs = [
      filled(samples.gifHead(1, 1), Buffer.from([0x21, 0xfe, 0])),
      filled(join(samples.gifHead(1, 1), '\x21\xfe'), Buffer.from([1, 1])),
      filled(samples.png(1, 1).subarray(0, 33), samples.pngPiece('tEXt')),
      filled(samples.jpeg(1, 1).subarray(0, -2), Buffer.from([0xff, 0])),
      filled(samples.jpeg(1, 1).subarray(0, -2), Buffer.from([0xff])),
      filled(Buffer.from([0xff, 0xd8]), Buffer.from([0xff, 0xe1, 0, 2])),
      filled(samples.mp4().subarray(0, 20), Buffer.from([0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65])),
      filled(samples.mp3().subarray(0, 10), Buffer.from([0xff])),
      filled(samples.zip({ a: 'a' }), Buffer.from('PK\x05\x06')),
      filled(Buffer.from('a'), Buffer.from('b')),
    ];
    for (const [at, bomb] of bombs.entries()) {
      const started = process.cpuUsage(); // Not the clock: others may use the machine as well.
      look(bomb);
      expect(process.cpuUsage(started).user / 1_000, `bomb ${at}, in ms`).toBeLessThan(1_500);
    }
  });

  test('no more than a window of a file is held at a time', () => {
    const file = samples.png(1, 1, samples.pngPiece('tEXt', Buffer.alloc(5_000_000)));
    let longest = 0;
    const bytes = new Bytes(file.length, (at, length) => {
      longest = Math.max(longest, length);
      return file.subarray(at, at + length);
    });

    inspect(bytes, 'png');

    expect(longest).toBeLessThanOrEqual(131_072);
  });
});
