import { describe, expect, test } from 'vitest';
import { memoryStorage } from '../../client/storage';
import { createComposer } from './composer';

function bench() {
  const storage = memoryStorage();
  const sent: string[] = [];
  return { storage, sent, composer: createComposer({ storage, key: 'draft:ana', send: (text) => sent.push(text) }) };
}

describe('the composer', () => {
  test('sends what is written, trimmed, and is empty then', () => {
    const { composer, sent, storage } = bench();
    composer.write('  hello\nthere \n');
    composer.send();

    expect(sent).toEqual(['hello\nthere']);
    expect(composer.draft.value).toBe('');
    expect(storage.get('draft:ana')).toBeNull();
  });

  test.each(['', '   ', '\n\n'])('%j is nothing to send', (text) => {
    const { composer, sent } = bench();
    composer.write(text);
    composer.send();

    expect(composer.canSend.value).toBe(false);
    expect(sent).toEqual([]);
  });

  test('10,000 code points may be sent, one more may not; an emoji is one', () => {
    const { composer, sent } = bench();
    composer.write('😀'.repeat(10_000));
    expect([composer.left.value, composer.canSend.value]).toEqual([0, true]);
    composer.write('😀'.repeat(10_001));
    composer.send();

    expect(composer.left.value).toBe(-1);
    expect(sent).toEqual([]);
  });

  test('a draft survives the page', () => {
    const { composer, storage } = bench();
    composer.write('half a thought');
    composer.flush();

    expect(createComposer({ storage, key: 'draft:ana', send: () => {} }).draft.value).toBe('half a thought');
  });

  test('another customer sees their own draft, and nothing of the former one is left', () => {
    const { composer, storage } = bench();
    storage.set('draft:ben', 'Ben’s');
    composer.write('Ana’s');
    composer.flush();
    composer.erase();
    composer.moveTo('draft:ben', false);

    expect(composer.draft.value).toBe('Ben’s');
    expect(storage.get('draft:ana')).toBeNull();
  });

  test('a draft that isn’t erased stays for whose it is, to the last letter', () => {
    const { composer } = bench();
    composer.write('Ana’s');
    composer.moveTo('draft:nobody', false);
    expect(composer.draft.value).toBe('');
    composer.moveTo('draft:ana', false);

    expect(composer.draft.value).toBe('Ana’s');
  });

  test('the same person’s draft goes along', () => {
    const { composer, storage } = bench();
    composer.write('mine');
    composer.moveTo('draft:vouched', true);

    expect(composer.draft.value).toBe('mine');
    expect(storage.get('draft:vouched')).toBe('mine');
  });
});
