import { describe, expect, test } from 'vitest';
import { partOf } from '../../server/files/files';
import { type Family, kinds } from '../../server/files/kinds';
import { accept, endings, faultOf, isPicture } from './fileRules';
import { layOut } from './rows';

/** What the browser says of files before the server has seen them, held against what the server does with them. */

const all = Object.values(kinds).map((kind) => ({ ...kind, family: kind.family as Family }));
const dayOf = () => 'today';

describe('files in the browser and on the server', () => {
  test('the browser offers exactly the endings that the server takes', () => {
    const taken = new Set(all.flatMap(({ extensions }) => [...extensions]));

    expect(new Set(endings)).toEqual(taken);
    expect(accept.split(',')).toEqual(expect.arrayContaining([...taken].map((ending) => `.${ending}`)));
  });

  test.each(all)('$type is let through, and shown as the server shows it', ({ type, extensions, family }) => {
    for (const ending of extensions) {
      expect(faultOf({ name: `a.${ending.toUpperCase()}`, type, size: 1 })).toBeUndefined();
      expect(faultOf({ name: `a.${ending}`, type: '', size: 1 })).toBeUndefined();
    }
    expect(isPicture(type)).toBe(family === 'image');
  });

  test.each(all)('$type looks the same before its message has come back', ({ type, extensions }) => {
    const name = `a.${extensions[0]}`;
    for (const size of [{}, { width: 30, height: 20 }]) {
      const row = { id: 'f', secret: 's', name, content_type: type, size: 7, width: null, height: null, ...size };
      const sent = partOf({ uploads: { origin: 'https://files.example' } } as never, row as never);
      const file = { id: 'f', url: `https://files.example/f/s/${name}`, name, content_type: type, size: 7, ...size };
      const request = { client_id: 'client-id', content: { file: { id: 'f' } } };
      const [, shown] = layOut(undefined, [{ entry: { request, at: 0, file } }], undefined, dayOf);

      expect(shown).toMatchObject({ kind: 'message', parts: [sent] });
      expect((shown as { parts: unknown }).parts).toEqual([sent]);
    }
  });

  test('a file in the outbox that can’t be read any more doesn’t stop the log', () => {
    const request = { client_id: 'client-id', content: { file: { id: 'f' } } };
    const entry = { request, at: 0, file: { url: 7 } as never };
    const [, shown] = layOut(undefined, [{ entry }], undefined, dayOf);

    expect(shown).toMatchObject({ parts: [{ text: { content: '…' } }] });
  });

  test('names without an ending, or with a strange one, are left to the server only where it may take them', () => {
    expect(faultOf({ name: 'image', type: 'image/png', size: 1 })).toBeUndefined();
    expect(faultOf({ name: 'README', type: '', size: 1 })).toBeUndefined();
    expect(faultOf({ name: 'notes.rst', type: 'text/plain', size: 1 })).toBeUndefined();
    expect(faultOf({ name: 'a.pdf.exe', type: '', size: 1 })).toBe('kind');
    expect(faultOf({ name: 'a.svg', type: 'image/svg+xml', size: 1 })).toBe('kind');
  });
});
