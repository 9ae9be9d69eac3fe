/**
 * The HTML that a text may hold, by v2's habit (`<b>Pick one</b><br/>`). A text is markup when it holds one of these elements or
 * a character reference; any other text, such as `a < b` or `<3`, is shown as it stands. What customers type is never markup.
 */
export const shownElements = [
  ...[
    'a',
    'b',
    'strong',
    'i',
    'em',
    'u',
    's',
    'del',
    'strike',
    'small',
    'sub',
    'sup',
    'mark',
    'code',
    'pre',
    'span',
    'font',
  ],
  ...['br', 'p', 'div', 'blockquote', 'ul', 'ol', 'li', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
] as const;

/** Elements that stand for something which a text can't show: refused when a message is posted. */
export const refusedElements = [
  ...['img', 'picture', 'video', 'audio', 'source', 'iframe', 'frame', 'object', 'embed', 'svg', 'math', 'canvas'],
  ...[
    'script',
    'style',
    'link',
    'meta',
    'base',
    'template',
    'noscript',
    'form',
    'input',
    'button',
    'select',
    'option',
    'textarea',
  ],
  ...['table', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th', 'caption'],
] as const;

const tag = /<(\/?)([a-z][a-z0-9]*)\b[^<>]*>?/gi;
const reference = /&(?:#\d{1,7}|#x[\da-f]{1,6}|amp|lt|gt|quot|apos|nbsp);/gi;
const known = new Set<string>([...shownElements, ...refusedElements]);
const blocks = new Set(['br', 'p', 'div', 'li', 'hr', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** Names of the known elements in a text, in lower case, each once. */
export function elementsIn(text: string): string[] {
  const found = new Set<string>();
  for (const [, , name = ''] of text.matchAll(tag)) if (known.has(name.toLowerCase())) found.add(name.toLowerCase());
  return [...found];
}

export const isMarkup = (text: string): boolean => elementsIn(text).length > 0 || new RegExp(reference).test(text);

/** What one reads of a text: its markup taken away. For previews, notices and programs; what it gives is text, never HTML. */
export function plainText(text: string): string {
  if (!isMarkup(text)) return text;
  return text
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replace(tag, (all, closing: string, name: string) => {
      const element = name.toLowerCase();
      if (!known.has(element)) return all;
      return blocks.has(element) && (!closing || element === 'p' || element === 'div') ? '\n' : '';
    })
    .replace(reference, referred)
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+/, '');
}

function referred(all: string): string {
  const body = all.slice(1, -1).toLowerCase();
  if (!body.startsWith('#')) return named[body] ?? all;
  const code = body.startsWith('#x') ? Number.parseInt(body.slice(2), 16) : Number(body.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** Where the links of a text lead to, as they are written, character references resolved. */
export function linksIn(text: string): string[] {
  return [...text.matchAll(/<a(?=[\s/])((?:[^>"']|"[^"]*"|'[^']*')*)/gi)].flatMap(([, attributes = '']) => {
    for (const [, name, double, single, bare] of attributes.matchAll(attribute)) {
      if (name?.toLowerCase() === 'href') return [(double ?? single ?? bare ?? '').replace(reference, referred)];
    }
    return [];
  });
}
const attribute = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
