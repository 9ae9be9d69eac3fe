const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for an element or a quoted attribute. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] as string);

/** One line of prose: what stands between backquotes is code. */
export const prose = (text: string): string =>
  text
    .split('`')
    .map((part, at) => (at % 2 === 1 ? `<code>${escapeText(part)}</code>` : escapeText(part)))
    .join('');

/** JSON as a person would write it: what is short stays on one line. */
export function written(value: unknown, indent = '', name = ''): string {
  const flat = JSON.stringify(value) ?? '';
  if (typeof value !== 'object' || value === null) return flat;
  const spaced = flatText(value);
  if (indent.length + name.length + spaced.length <= 58) return spaced;
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((each) => written(each, inner))
    : Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${written(each, inner, `${key}"": `)}`);
  const [open, close] = isList ? '[]' : '{}';
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}

function flatText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatText).join(', ')}]`;
  const items = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${flatText(each)}`);
  return items.length > 0 ? `{ ${items.join(', ')} }` : '{}';
}

/** JSON with its names, texts and other values told apart. */
export const coloured = (value: unknown): string =>
  written(value).replace(
    /("(?:\\.|[^"\\])*")(\s*:)?|(\btrue\b|\bfalse\b|\bnull\b|-?\d[\d.eE+-]*)|[^"\dtfn-]+|./gs,
    (all, words, colon, other) => {
      if (words) return `<span class="${colon ? 'k' : 's'}">${escapeText(words)}</span>${colon ?? ''}`;
      return other ? `<span class="n">${escapeText(other)}</span>` : escapeText(all);
    },
  );
