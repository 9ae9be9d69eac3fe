import { safeUrl } from '../../client/shape';

export type Piece = { text: string; href?: string };

/**
 * Splits text into words and bare links: `http(s)://…` and `www.…`, nothing else. Each href has been through the URL parser and is
 * http or https, so whatever else the text holds stays text.
 */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(
    /(?<![\p{L}\p{N}@/.])(?:https?:\/\/|www\.)[^\s<>"“”«»\u0000-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069]{1,2040}/giu,
  )) {
    const shown = withoutTail(match[0]);
    const href = hrefOf(shown);
    if (!href) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: shown, href });
    at = match.index + shown.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

/** Punctuation at the end belongs to the sentence, and so does a bracket that the link didn't open. */
function withoutTail(link: string): string {
  for (;;) {
    const last = link.at(-1) ?? '';
    if (/[.,:;!?'’*_~،؛؟。、]/.test(last)) link = link.slice(0, -1);
    else if (
      ')]}'.includes(last) &&
      last &&
      count(link, last) > count(link, { ')': '(', ']': '[', '}': '{' }[last] ?? '')
    )
      link = link.slice(0, -1);
    else return link;
  }
}
const count = (text: string, what: string) => text.split(what).length - 1;

function hrefOf(link: string): string | undefined {
  const isBare = /^www\./i.test(link);
  const url = safeUrl(isBare ? `https://${link}` : link);
  if (!url || (isBare && !/\.[a-z]{2,}$/i.test(url.hostname.slice(4)))) return undefined;
  return url.href;
}
