import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuichetError } from '../../protocol/errors';
import { boundaryOf, readForm } from './multipart';

async function* inPieces(body: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}
async function read(body: Buffer | string, { field = 'file', boundary = 'b0', size = 65_536 } = {}) {
  return readForm(
    inPieces(Buffer.from(body as string, 'latin1'), size),
    boundary,
    field,
    async ({ name, type, bytes }) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of bytes) pieces.push(Uint8Array.from(piece));
      return { name, type, bytes: Buffer.concat(pieces) };
    },
  );
}
const refusal = (body: Buffer | string, options = {}) =>
  read(body, options).then(
    () => 'taken',
    (error) => (error instanceof GuichetError ? error.message : Promise.reject(error)),
  );

const head = (disposition: string, type = 'text/plain') =>
  `Content-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}\r\n\r\n`;
const form = (...parts: string[]) => `${parts.map((each) => `--b0\r\n${each}\r\n`).join('')}--b0--\r\n`;
const file = (content: string, name = 'filename="a.txt"') => `${head(`name="file"; ${name}`)}${content}`;

test('a file comes through whole, however the network cuts the form', async () => {
  const content = 'line\r\n--b\r\n--b1\r\n\r\n-\0\xff--b';
  const body = form(
    'Content-Disposition: form-data; name="other"\r\n\r\nvalue',
    file(content),
    file('x', '').replace('file', 'more'),
  );

  for (let size = 1; size <= body.length; size += 1) {
    const got = await read(body, { size });
    expect(got.bytes.toString('latin1'), `pieces of ${size}`).toBe(content);
    expect(got).toMatchObject({ name: 'a.txt', type: 'text/plain' });
  }
});

test('any bytes at all come through', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 1, max: 300 }), async (bytes, size) => {
      const content = Buffer.from(bytes).toString('latin1').replaceAll('\r\n--b0', '');

      expect((await read(form(file(content)), { size })).bytes.toString('latin1')).toBe(content);
    }),
  );
});

test('what this computer’s own form data writes is read', async () => {
  const data = new FormData();
  data.append('note', 'a word');
  data.append('file', new Blob(['Grüße'], { type: 'text/csv' }), 'März "1".csv');
  const { headers, body } = new Response(data);

  const got = await readForm(
    body as unknown as AsyncIterable<Uint8Array>,
    boundaryOf(headers.get('content-type') ?? ''),
    'file',
    async (part) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of part.bytes) pieces.push(piece);
      return { ...part, bytes: Buffer.concat(pieces).toString() };
    },
  );

  expect(got).toEqual({ name: 'März "1".csv', type: 'text/csv', bytes: 'Grüße' });
});

describe('the name of the file', () => {
  test.each([
    ['filename="a.txt"', 'a.txt'],
    ['filename=a.txt', 'a.txt'],
    ['FileName="a.txt"', 'a.txt'],
    ['filename=""', ''],
    ['filename="a%22b.txt"', 'a"b.txt'],
    ['filename="a\\"b.txt"', 'a"b.txt'],
    ["filename*=UTF-8''M%C3%A4rz.csv", 'März.csv'],
    ['filename="fallback.csv"; filename*=utf-8\'\'M%C3%A4rz.csv', 'März.csv'],
    ["filename*=UTF-8''%E0%A4%A", '%E0%A4%A'],
  ])('%s', async (given, name) => {
    expect((await read(form(file('x', given)))).name).toBe(name);
  });
});

test('an empty file is one', async () => {
  expect((await read(form(file('')))).bytes).toHaveLength(0);
});

test('what stands before and behind the form is no part of it', async () => {
  expect((await read(`hello\r\n${form(file('x'))}good bye`)).bytes.toString()).toBe('x');
});

describe('refused', () => {
  test.each<[string, string, RegExp]>([
    ['nothing', '', /ends in the middle/],
    ['no form', '{"a":1}', /ends in the middle/],
    ['a form that is cut off', form(file('x')).slice(0, -8), /ends in the middle/],
    [
      'a form without the file',
      form(file('x').replace('name="file"', 'name="other"')),
      /no file in a field called "file"/,
    ],
    ['a field of that name that is no file', form('Content-Disposition: form-data; name="file"\r\n\r\nx'), /no file/],
    ['two files', form(file('x'), file('y')), /twice/],
    ['a head that is too long', form(file('x', `filename="${'a'.repeat(9_000)}"`)), /too long/],
    ['a head without end', `--b0\r\n${'a'.repeat(20_000)}`, /too long/],
    [
      'a hundred fields',
      form(...Array.from({ length: 100 }, () => 'Content-Disposition: form-data; name="a"\r\n\r\nx')),
      /more than 20 fields/,
    ],
    [
      'another field that is too long',
      form(`Content-Disposition: form-data; name="a"\r\n\r\n${'x'.repeat(70_000)}`, file('x')),
      /too much beside/,
    ],
    ['a boundary that goes on', '--b0x\r\n\r\n', /not followed by a line break/],
  ])('%s', async (_, body, words) => {
    for (const size of [1, 7, 65_536]) expect(await refusal(body, { size })).toMatch(words);
  });

  test.each([
    ['application/json', /multipart\/form-data/],
    ['multipart/mixed; boundary=a', /multipart\/form-data/],
    ['multipart/form-data', /no boundary/],
    [`multipart/form-data; boundary=${'a'.repeat(71)}`, /no boundary/],
    [undefined, /got none/],
  ])('the type %s', (type, words) => {
    expect(() => boundaryOf(type)).toThrow(words);
  });
});
