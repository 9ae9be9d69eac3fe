import type { Message, Part } from './wire';

/** Only http and https, and nothing hidden before an @. */
export function safeUrl(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const url = new URL(text);
    const isFine = (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password;
    return isFine ? url.href : undefined;
  } catch {
    return undefined;
  }
}

const shown = 'a|b|strong|i|em|u|s|del|strike|small|sub|sup|mark|code|pre|span|font|ul|ol';
const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', '#39': "'" };

/**
 * What one reads of a text that a bot wrote with v2's bit of HTML: its tags taken away. It is shown as text, never as markup, so
 * what stays behind is only ugly, not dangerous.
 */
export function withoutTags(text: string): string {
  return text
    .replace(/<\/?(?:br|hr|p|div|li|h[1-6]|blockquote)\b[^<>]*>/gi, '\n')
    .replace(new RegExp(`</?(?:${shown})(?:\\s[^<>]*)?/?>`, 'gi'), '')
    .replace(/&(amp|lt|gt|quot|apos|nbsp|#39);/gi, (_, name: string) => named[name.toLowerCase()] ?? '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The text of a message's author: what customers type is never markup. */
export const read = (text: string, by: Message['actor_type']): string => (by === 'user' ? text : withoutTags(text));

export type Piece = { text: string; href?: string };

/** Text, and the bare links in it. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"\u200b-\u200f\u202a-\u202e\u2066-\u2069]{1,2040}/gi)) {
    const link = match[0].replace(/[.,:;!?'’)\]]+$/, '');
    const href = safeUrl(link);
    if (!href) continue;
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: link, href });
    at = match.index + link.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands under a part's key, as an object: `{}` when it's nothing that one can look into. */
export const inside = (part: unknown, kind: string): Record<string, unknown> => {
  const value = isRecord(part) ? part[kind] : undefined;
  return isRecord(value) ? value : {};
};
export const words = (value: unknown): string => (typeof value === 'string' ? value : '');
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const kindOf = (part: unknown): string => (isRecord(part) ? (Object.keys(part)[0] ?? '') : '');

/** A template's sections by name, each with its parts. */
export function sectionsOf(template: Record<string, unknown>): { name: string; parts: unknown[] }[] {
  return listOf(template.sections).map((section) => ({
    name: isRecord(section) ? words(section.name) : '',
    parts: isRecord(section) ? listOf(section.parts) : [],
  }));
}

/** The label of what a customer chose. */
export function chosen(part: Part | undefined): string | undefined {
  const label =
    words(inside(part, 'quick_reply_button').label) ||
    words(inside(part, 'callback').label) ||
    words(cardOf(inside(part, 'template_content')).title);
  return label || undefined;
}

export function cardOf(template: Record<string, unknown>) {
  const first = (name: string) => sectionsOf(template).find((section) => section.name === name)?.parts[0];
  return {
    image: inside(first('hero_image'), 'image'),
    title: words(inside(first('title'), 'text').content),
    description: words(inside(first('description'), 'text').content),
    callback: words(inside(first('callback'), 'callback').label),
    view: inside(first('view'), 'url_button'),
  };
}

const icons: Record<string, string> = { image: 'Picture', video: 'Video', audio: 'Recording', file: 'File' };

/** A message in one line, for the list. */
export function summaryOf(message: Message): string {
  const lines = message.message_parts.map((part) => {
    const kind = kindOf(part);
    if (kind === 'text') return read(words(inside(part, 'text').content), message.actor_type);
    if (kind === 'file') return words(inside(part, 'file').name) || 'File';
    if (kind === 'email') return words(inside(part, 'email').subject) || withoutTags(words(inside(part, kind).content));
    if (kind in icons) return icons[kind] as string;
    const template = inside(part, 'template_content');
    if (kind === 'template_content') {
      const title = sectionsOf(template).find(({ name }) => name === 'carousel_title')?.parts[0];
      return withoutTags(words(inside(title, 'text').content)) || (template.type === 'carousel' ? 'Cards' : 'A choice');
    }
    return words(inside(part, kind).label);
  });
  return lines.filter(Boolean).join(' · ').replace(/\s+/g, ' ').slice(0, 200) || 'Message';
}

export function sizeOf(bytes: unknown): string | undefined {
  if (typeof bytes !== 'number' || !(bytes >= 0)) return undefined;
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
