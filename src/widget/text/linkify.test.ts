import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkify } from './linkify';

const hrefs = (text: string) => linkify(text).flatMap(({ href }) => (href ? [href] : []));

describe('bare links', () => {
  test.each([
    ['See https://bank.example/a?b=c.', 'https://bank.example/a?b=c'],
    ['(https://bank.example/help)', 'https://bank.example/help'],
    ['https://bank.example/wiki/A_(b)', 'https://bank.example/wiki/A_(b)'],
    ['at www.bank.example, or later', 'https://www.bank.example/'],
    ['HTTP://BANK.EXAMPLE/X', 'http://bank.example/X'],
    ['“https://bank.example/x”', 'https://bank.example/x'],
    ['https://münchen.example/ß', 'https://xn--mnchen-3ya.example/%C3%9F'],
    ['انظر https://bank.example/a، ثم', 'https://bank.example/a'],
  ])('%s', (text, href) => {
    expect(hrefs(text)).toEqual([href]);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'https://',
    'http://user:secret@bank.example/',
    'ana@www.bank.example',
    'bank.example',
    'www.',
    'xhttps://bank.example',
    'mailto:ana@bank.example',
    'java\nscript:alert(1)',
  ])('%j stays text', (text) => {
    expect(hrefs(text)).toEqual([]);
  });

  test('nothing of the text is lost or added, and every link is http or https', () => {
    const word = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.constantFrom('www.a.example', 'https://', '\u202e', '(', ')', '.', ' ', 'javascript:x'),
    );
    fc.assert(
      fc.property(
        fc.array(word).map((words) => words.join('')),
        (text) => {
          const pieces = linkify(text);

          expect(pieces.map((piece) => piece.text).join('')).toBe(text);
          for (const { href } of pieces) if (href) expect(new URL(href).protocol).toMatch(/^https?:$/);
        },
      ),
    );
  });

  test('a long text without a link is no work', () => {
    const started = performance.now();
    linkify('www'.repeat(3_333));
    linkify(`https://a.example/${')'.repeat(9_000)}`);

    expect(performance.now() - started).toBeLessThan(500);
  });
});
