import createPurify from 'dompurify';
import { safeUrl } from '../../client/shape';
import { shownElements } from '../../protocol/markup';
import { linkify } from './linkify';

/** Text with its markup, as a tree of what may be shown: text, and elements of the list with nothing else on them. */
export type Rich = string | RichElement;
export type RichElement = {
  element: (typeof shownElements)[number];
  /** http, https, mailto or tel. */
  href?: string;
  dir?: 'ltr' | 'rtl' | 'auto';
  lang?: string;
  children: Rich[];
};

/** Deeper than anybody writes by hand; what lies deeper is shown without its elements. */
const deepest = 24;
const shown = new Set<string>(shownElements);
const blocks = new Set<string>([
  'p',
  'div',
  'blockquote',
  'ul',
  'ol',
  'li',
  'hr',
  'pre',
  'br',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
]);
const purify = createPurify(window);

/**
 * Reads the HTML subset of a message. This is the only place where text is parsed as HTML, and it is parsed in a document of its
 * own: DOMPurify takes away what isn't on the list, and what is left is read into a tree by the same list once more. Nothing of
 * it is ever written into the widget's document as HTML.
 */
export function readMarkup(text: string): Rich[] {
  const clean = purify.sanitize(text, {
    ALLOWED_TAGS: [...shownElements],
    ALLOWED_ATTR: ['href', 'dir', 'lang'],
    // They hold no URL, and are checked below.
    ADD_URI_SAFE_ATTR: ['dir', 'lang'],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel):/i,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  return childrenOf(clean, true, false, 0);
}

function childrenOf(parent: Node, isBlock: boolean, isInLink: boolean, depth: number): Rich[] {
  if (depth > deepest) return [parent.textContent ?? ''];
  const nodes = [...parent.childNodes];
  return nodes.flatMap((node, at): Rich[] => {
    if (node.nodeType === Node.TEXT_NODE) {
      let words = node.nodeValue ?? '';
      if (!isIn(node, 'pre')) {
        words = words.replace(/[\t\f\r ]+/g, ' ');
        // Line ends between elements that begin a line of their own are the author's, not the text's.
        if (at === 0 ? isBlock : isLine(nodes[at - 1])) words = words.trimStart();
        if (at === nodes.length - 1 ? isBlock : isLine(nodes[at + 1])) words = words.trimEnd();
      }
      return isInLink ? (words ? [words] : []) : linked(words);
    }
    const element = node.nodeName.toLowerCase();
    if (node.nodeType !== Node.ELEMENT_NODE) return [];
    if (!shown.has(element)) return childrenOf(node, false, isInLink, depth);
    return [elementOf(node as Element, element as RichElement['element'], isInLink, depth)];
  });
}

function elementOf(node: Element, element: RichElement['element'], isInLink: boolean, depth: number): RichElement {
  const href = element === 'a' ? hrefOf(node.getAttribute('href') ?? '') : undefined;
  const dir = node.getAttribute('dir')?.toLowerCase();
  const lang = node.getAttribute('lang') ?? '';
  return {
    element,
    ...(href ? { href } : {}),
    ...(dir === 'ltr' || dir === 'rtl' || dir === 'auto' ? { dir } : {}),
    ...(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(lang) ? { lang } : {}),
    children: childrenOf(node, blocks.has(element), isInLink || href !== undefined, depth + 1),
  };
}

const linked = (words: string): Rich[] =>
  linkify(words).map(({ text, href }) => (href ? { element: 'a', href, children: [text] } : text));
const isLine = (node: Node | undefined) => node !== undefined && blocks.has(node.nodeName.toLowerCase());
const isIn = (node: Node, element: string) => node.parentElement?.closest(element) != null;

/** An absolute link that goes somewhere outside, or none. */
function hrefOf(written: string): string | undefined {
  const http = safeUrl(written.trim());
  if (http) return http.href;
  if (written.length > 2_048 || !URL.canParse(written)) return undefined;
  const url = new URL(written);
  return /^(?:mailto|tel):$/.test(url.protocol) ? url.href : undefined;
}
