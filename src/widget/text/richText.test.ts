// @vitest-environment jsdom
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shownElements } from '../../protocol/markup';
import { type Rich, readMarkup } from './richText';

/** `<b>…</b>` with nothing but what is in the tree. */
const written = (tree: Rich[]): string =>
  tree
    .map((rich) => {
      if (typeof rich === 'string') return rich;
      const { element, children, ...attributes } = rich;
      const list = Object.entries(attributes).map(([name, value]) => ` ${name}=${value}`);
      return `<${element}${list.join('')}>${written(children)}</${element}>`;
    })
    .join('');
const read = (text: string) => written(readMarkup(text));
function* all(tree: Rich[]): Generator<Exclude<Rich, string>> {
  for (const rich of tree)
    if (typeof rich !== 'string') {
      yield rich;
      yield* all(rich.children);
    }
}

describe('markup of a message', () => {
  test('v2’s habit is read: bold, line breaks, lists, links', () => {
    expect(read('<b>Pick one</b><br/>please')).toBe('<b>Pick one</b><br></br>please');
    expect(read('<ul><li>A</li><li><i>B</i></li></ul>')).toBe('<ul><li>A</li><li><i>B</i></li></ul>');
    expect(read('<a href="https://bank.example/a" style="color:red" class="x" id="y" title="t">A</a>')).toBe(
      '<a href=https://bank.example/a>A</a>',
    );
    expect(read('<p dir="rtl" lang="ar">أ</p><p dir="x" lang="&quot;">b</p>')).toBe('<p dir=rtl lang=ar>أ</p><p>b</p>');
  });

  test.each([
    ['https://bank.example/', 'https://bank.example/'],
    ['HTTP://bank.example', 'http://bank.example/'],
    ['mailto:help@bank.example', 'mailto:help@bank.example'],
    ['tel:+49301234', 'tel:+49301234'],
  ])('%s is a link', (href, to) => {
    expect(read(`<a href="${href}">A</a>`)).toBe(`<a href=${to}>A</a>`);
  });

  test.each([
    'javascript:alert(1)',
    ' java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '/relative',
    '//bank.example',
    'https://user:secret@bank.example/',
    '',
  ])('%j is no link, and its words stay', (href) => {
    expect(read(`<a href="${href}">A</a>`)).toBe('<a>A</a>');
  });

  test('bare links in it become links, but not inside a link', () => {
    expect(read('<p>See https://bank.example/a.</p>')).toBe(
      '<p>See <a href=https://bank.example/a>https://bank.example/a</a>.</p>',
    );
    expect(read('<a href="https://a.example/">https://b.example/</a>')).toBe(
      '<a href=https://a.example/>https://b.example/</a>',
    );
  });

  test('line ends between paragraphs are the author’s, those in a text are the text’s', () => {
    expect(read('<p>A</p>\n\n<p>B</p>\n')).toBe('<p>A</p><p>B</p>');
    expect(read('<b>A</b>\nB   C<br/>\nD')).toBe('<b>A</b>\nB C<br></br>D');
    expect(read('<pre>a\n  b</pre>')).toBe('<pre>a\n  b</pre>');
  });

  test('what isn’t on the list goes, and takes no words along that a person would read', () => {
    expect(
      read('<b onclick="alert(1)">A</b><img src=x onerror=alert(1)><script>alert(1)</script><style>*{}</style>'),
    ).toBe('<b>A</b>');
    expect(read('<b>A</b><table><tr><td>B</td></tr></table><custom-one>C</custom-one>')).toBe('<b>A</b>BC');
    expect(read('<b>A</b><svg><a xlink:href="javascript:1">B</a></svg><math><mtext>C</mtext></math>')).not.toMatch(
      /svg|math|javascript/,
    );
    expect(read('<b>A</b><form action="https://evil.example"><input name=x>B</form>')).toBe('<b>A</b>B');
  });

  test('thousands of elements in each other are read without one too deep', () => {
    const deep = (element: string) => `${`<${element}>`.repeat(3_000)}A`;
    const depthOf = (tree: Rich[]): number =>
      Math.max(0, ...tree.map((rich) => (typeof rich === 'string' ? 0 : 1 + depthOf(rich.children))));

    for (const element of ['div', 'b', 'blockquote']) {
      const tree = readMarkup(deep(element));
      expect(depthOf(tree)).toBeLessThanOrEqual(25);
      expect(written(tree)).toContain('A');
    }
  });

  test('whatever is put together, nothing but the list comes out, and every link leads outside', () => {
    const piece = fc.constantFrom(
      ...[
        '<b>',
        '</b>',
        '<a href="',
        '">',
        "'",
        '"',
        '>',
        '<',
        '<svg>',
        '<math>',
        '<style>',
        '<!--',
        '-->',
        '<p id=x>',
      ],
      ...[
        'javascript:alert(1)',
        'https://a.example/',
        '<img src=x onerror=alert(1)>',
        '<script>alert(1)</script>',
        '</p>',
      ],
      ...[
        '<iframe srcdoc="<script>1</script>">',
        '<noscript>',
        '<template>',
        '&lt;',
        '&#106;',
        '\u0000',
        '<form>',
        'é',
      ],
    );
    const shown = new Set<string>(shownElements);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        for (const { element, href, children: _, ...rest } of all(readMarkup(pieces.join('')))) {
          expect(shown.has(element)).toBe(true);
          if (href !== undefined) expect(href).toMatch(/^(?:https?|mailto|tel):/);
          expect(Object.keys(rest).every((name) => name === 'dir' || name === 'lang')).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
