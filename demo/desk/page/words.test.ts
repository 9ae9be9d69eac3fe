import { describe, expect, it } from 'vitest';
import type { Message } from './wire';
import { chosen, pieces, read, safeUrl, summaryOf, withoutTags } from './words';

const message = (parts: object[], by: Message['actor_type'] = 'bot') =>
  ({ actor_type: by, message_parts: parts, reply_parts: [] }) as unknown as Message;

describe('links', () => {
  it('are http and https, without a name before an @', () => {
    expect(safeUrl('https://bank.example/a')).toBe('https://bank.example/a');
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'https://bank.example@evil.example/', '/a', 5, null])
      expect(safeUrl(bad), String(bad)).toBeUndefined();
  });

  it('are found in text, without the sentence’s end', () => {
    expect(pieces('see https://bank.example/a). javascript:alert(1)')).toEqual([
      { text: 'see ' },
      { text: 'https://bank.example/a', href: 'https://bank.example/a' },
      { text: '). javascript:alert(1)' },
    ]);
  });
});

describe('texts', () => {
  it('of bots lose their tags, and keep their lines', () => {
    expect(withoutTags('<b>Pick one</b><br/>a &lt; b<p>and <a href="https://x.example">more</a></p>')).toBe(
      'Pick one\na < b\nand more',
    );
  });

  it('of customers stand as they were typed', () => {
    const text = '<img src=x onerror=alert(1)> a < b &amp;';
    expect(read(text, 'user')).toBe(text);
  });
});

describe('a message in one line', () => {
  it('says what every kind of part is, and never nothing', () => {
    const card = {
      type: 'carousel_card_default',
      sections: [{ name: 'title', parts: [{ text: { content: 'Sunny' } }] }],
    };
    expect(summaryOf(message([{ text: { content: '<b>Hello</b>' } }, { image: { url: 'x' } }]))).toBe(
      'Hello · Picture',
    );
    expect(summaryOf(message([{ file: { name: 'a.pdf' } }]))).toBe('a.pdf');
    expect(summaryOf(message([{ hologram: { a: 1 } }]))).toBe('Message');
    for (const odd of [
      {},
      { text: null },
      { text: { content: 5 } },
      { collection: { sub_parts: 'x' } },
      { template_content: {} },
    ])
      expect(summaryOf(message([odd])).length).toBeGreaterThan(0);
    expect(chosen({ template_content: card })).toBe('Sunny');
  });
});
