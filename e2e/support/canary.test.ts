import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Form, findCanary, findCanaryInFolder, findCanaryInStream, forms } from './canary';

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
];

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

  it('has a planted leak for each form that it knows', () => {
    expect(new Set(leaks.map(([, form]) => form))).toEqual(new Set(forms));
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

describe('findCanaryInStream', () => {
  it.each(leaks)('finds one %s that arrives a byte at a time', async (_, form, leak) => {
    const bytes = [...Buffer.from(leak as Buffer)].map((byte) => Buffer.from([byte]));

    expect(await findCanaryInStream(Readable.from(bytes), canary)).toContain(form);
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
