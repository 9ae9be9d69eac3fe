import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Form, findCanary, findCanaryInFolder, forms } from './canary';

const canary = '4929123456781234';
const grouped = '4929 1234 5678 1234';
const escaped = (text: string, spell: (code: number) => string) =>
  [...text].map((character) => spell(character.charCodeAt(0))).join('');
const hex = (code: number) => code.toString(16).padStart(2, '0');

const leaks: [string, Form, string | Buffer][] = [
  ['in the middle of text', 'plain', `card=${canary}&ok`],
  ['grouped by four', 'grouped', `the number ${grouped}.`],
  ['dashed', 'dashed', '{"n":"4929-1234-5678-1234"}'],
  ['in base64 at the first byte', 'base64', Buffer.from(`abc${canary}xyz`).toString('base64')],
  ['in base64 at the second byte', 'base64', Buffer.from(`a${canary}z`).toString('base64')],
  ['in base64 at the third byte', 'base64', Buffer.from(`ab${canary}z`).toString('base64')],
  ['in base64 without padding', 'base64', Buffer.from(canary).toString('base64url')],
  ['grouped, in base64', 'base64', Buffer.from(`x ${grouped}`).toString('base64')],
  ['as UTF-16 in base64', 'base64', Buffer.from(`{${canary}}`, 'utf16le').toString('base64')],
  ['percent-encoded with a space', 'percent-encoded', `?n=${encodeURIComponent(grouped)}`],
  ['percent-encoded in every character', 'percent-encoded', escaped(canary, (code) => `%${hex(code)}`)],
  ['percent-encoded here and there', 'percent-encoded', canary.replace('1', '%31')],
  ['as UTF-16LE', 'utf-16le', Buffer.from(`x${canary}`, 'utf16le')],
  ['as UTF-16BE', 'utf-16be', Buffer.from(`x${canary}`, 'utf16le').swap16()],
  ['JSON-escaped', 'json-escaped', `"${escaped(canary, (code) => `\\u00${hex(code)}`)}"`],
  [
    'JSON-escaped in capitals and grouped',
    'json-escaped',
    escaped(grouped, (code) => `\\u00${hex(code).toUpperCase()}`),
  ],
  ['in hex', 'hex', Buffer.from(`x${canary}`).toString('hex')],
  ['in upper-case hex', 'hex', Buffer.from(`xyz ${grouped}`).toString('hex').toUpperCase()],
  ['in gzip', 'gzip', gzipSync(`a body with ${canary} in it`)],
  ['in gzip with a file’s name and time', 'gzip', named(gzipSync(`number ${canary}`))],
  ['grouped, in gzip that is cut off', 'gzip', gzipSync(`${grouped} and ${noise()}`).subarray(0, -2_000)],
  ['in zlib’s deflate at its best', 'deflate', deflateSync(`${noise()}${canary}`, { level: 9 })],
  ['in zlib’s deflate at its fastest', 'deflate', deflateSync(`x ${canary}`, { level: 1 })],
  ['as base64 of a text, in deflate', 'deflate', deflateSync(Buffer.from(`abc${canary}`).toString('base64'))],
];

function named(packed: Buffer): Buffer {
  const header = Buffer.from(packed.subarray(0, 10));
  header[3] = 8;
  return Buffer.concat([header, Buffer.from('card.txt\0'), packed.subarray(10)]);
}

/** Streams that don't tell where they begin: a socket's frame, a whole body. */
const bareStreams: [string, Form, Buffer][] = [
  ['in a frame of bare deflate', 'deflate', deflateRawSync(`42["event",{"text":"${canary}"}]`)],
  [
    'in a frame of bare deflate, flushed as sockets do',
    'deflate',
    deflateRawSync(canary, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4),
  ],
  ['in a body of Brotli', 'brotli', brotliCompressSync(`{"text":"${grouped}"}`)],
];

/** Text that does not get much smaller. */
function noise(): string {
  let seed = 1;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return String.fromCharCode(32 + (seed % 90));
  };
  return Array.from({ length: 6_000 }, next).join('');
}

describe('findCanary', () => {
  it.each(leaks)('finds one %s', (_, form, leak) => {
    const haystack = Buffer.concat([
      Buffer.from('\0\xffnoise 4929 1234 ', 'latin1'),
      Buffer.from(leak as Buffer),
      Buffer.from('é more'),
    ]);

    // UTF-16 of either order, after a character of its own, holds the other order one byte on.
    const likely = form.startsWith('utf-16') ? ['utf-16le', 'utf-16be'] : [form];
    const found = findCanary(haystack, canary);
    expect(found).toContain(form);
    expect(likely).toEqual(expect.arrayContaining(found));
  });

  it.each(bareStreams)('finds one %s', (_, form, leak) => {
    expect(findCanary(leak, canary)).toEqual([form]);
  });

  it('has a planted leak for each form that it knows', () => {
    expect(new Set([...leaks, ...bareStreams].map(([, form]) => form))).toEqual(new Set(forms));
  });

  it('finds nothing where only parts of the number are', () => {
    const innocent = `card ending 1234, 4929 1234 5678, ${canary.slice(0, 15)}, %34%39 \\u0034 ${Buffer.from(canary.slice(0, 12)).toString('base64')}`;

    expect(findCanary(innocent, canary)).toEqual([]);
  });

  it('says all forms that are there', () => {
    expect(findCanary(`${canary} ${grouped} ${encodeURIComponent(grouped)}`, canary)).toEqual([
      'plain',
      'grouped',
      'percent-encoded',
    ]);
  });

  it('refuses a canary so short that chance would find it', () => {
    expect(() => findCanary('1234', '1234')).toThrow(/less than 8/);
  });
});

describe('findCanaryInFolder', () => {
  it('names the files that hold it, and only those', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'guichet-canary-'));
    await writeFile(join(folder, 'clean'), 'nothing here');
    await writeFile(join(folder, 'leaky'), Buffer.from(`${'x'.repeat(200_000)}${canary}`));

    const finds = await findCanaryInFolder(folder, canary);

    await rm(folder, { recursive: true });
    expect(finds).toEqual([{ file: join(folder, 'leaky'), forms: ['plain'] }]);
  });
});
