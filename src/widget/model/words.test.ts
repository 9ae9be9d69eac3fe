import { describe, expect, test } from 'vitest';
import { wordsOf } from './words';

const words = (...parts: object[]) => wordsOf({ message_parts: parts as never, reply_parts: [] });

describe('a message in one line', () => {
  test('is the first words in it, without their markup', () => {
    expect(words({ text: { content: '<p>Your <b>statement</b>\nis&nbsp;ready</p>' } })).toBe('Your statement is ready');
    expect(words({ image: { url: 'https://a.example/' } }, { text: { content: 'A sun' } })).toBe('A sun');
    expect(words({ email: { content: '<p>Dear Ana</p>' } })).toBe('Dear Ana');
    expect(words({ email: { subject: 'Statement', content: 'Dear Ana' } })).toBe('Statement');
    expect(words({ collection: { sub_parts: [{ reference: { label: 'How to block a card' } }] } })).toBe(
      'How to block a card',
    );
  });

  test('text that only looks like markup stays as it is', () => {
    expect(words({ text: { content: '<script>alert(1)</script> & 3 < 5' } })).not.toContain('<script>');
    expect(words({ text: { content: 'a <3 b & c' } })).toBe('a <3 b & c');
  });

  test('is no longer than a line, and never cut inside a letter', () => {
    const line = words({ text: { content: '😀'.repeat(500) } });

    expect([...line].length).toBe(140);
    expect(line.endsWith('😀…')).toBe(true);
  });

  test('is empty where a message has no words', () => {
    expect(words({ image: { url: 'https://a.example/' } })).toBe('');
  });
});
