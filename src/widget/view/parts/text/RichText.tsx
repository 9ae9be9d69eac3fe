import { type ComponentChild, h } from 'preact';
import { useMemo } from 'preact/hooks';
import { plainText } from '../../../../protocol/markup';
import { type Rich, readMarkup } from '../../../text/richText';
import './richText.css';

/** Text with its markup. `isSwapped`: it was there as plain text before, and has been read out. */
export function RichText({ text, isSwapped }: { text: string; isSwapped: boolean }) {
  const tree = useMemo(() => readMarkup(text), [text]);
  return (
    <div class="rich" aria-live={isSwapped ? 'off' : undefined}>
      {tree.length ? tree.map(show) : plainText(text)}
    </div>
  );
}

/** Headings in a message stand below those of the page and the chat. */
const shownAs: Record<string, string> = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6', font: 'span', strike: 's' };
const ownDirection = new Set(['p', 'div', 'li', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

function show(rich: Rich): ComponentChild {
  if (typeof rich === 'string') return rich;
  const { element, href, dir, lang, children } = rich;
  const shared = { dir: dir ?? (ownDirection.has(element) ? 'auto' : undefined), lang };
  if (element === 'a') {
    const link = href ? { href, target: '_blank', rel: 'noopener noreferrer' } : {};
    return h(href ? 'a' : 'span', { ...shared, ...link }, children.map(show));
  }
  return h(shownAs[element] ?? element, shared, children.length ? children.map(show) : undefined);
}
