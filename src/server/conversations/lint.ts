import type { FaultDetail } from '../../protocol/errors';
import { GuichetError } from '../../protocol/errors';
import { pathText } from '../../protocol/faults';
import { limits } from '../../protocol/limits';
import { elementsIn, isMarkup, linksIn, plainText, refusedElements, shownElements } from '../../protocol/markup';
import type { ActorType } from '../../protocol/message';
import { invalid } from '../../protocol/parse';
import type { MessagePart, OfferedPart, ReplyPart, UrlButton, WebViewOptions } from '../../protocol/parts';
import type { SiteSettings } from '../access/sites';
import { sameSiteHosts } from '../access/webViewModes';
import { checkWebViewUrl } from '../access/webViewUrls';

/**
 * What could never be shown is refused when it is posted, not dropped when it is drawn. The schema has seen to each part's
 * shape; here is what a schema can't say: what markup holds, which pages the site lets open, who may offer what to whom.
 */
export type Lintable = {
  actor_type: ActorType;
  message_type: 'normal' | 'private';
  message_parts: readonly MessagePart[];
  reply_parts: readonly ReplyPart[];
};
/** The keys that lead to something in a body: `['messages', 0]`. */
export type Place = readonly (string | number)[];
/** The site on which the message is shown, and the chat's own origin. */
type Stage = { site: SiteSettings; origin: string };
type Fault = FaultDetail & { isUrl?: boolean };
type Part = MessagePart | ReplyPart | OfferedPart;

/**
 * @param at where the message stands in the body, for the paths
 * @throws GuichetError INVALID_VALUE, or WEB_VIEW_URL_REFUSED when nothing else is wrong, with every fault in `details`
 */
export function lintMessage(message: Lintable, stage: Stage, at: Place = []): void {
  lintMessages([{ message, at }], stage);
}

/** The same of several messages at once. */
export function lintMessages(messages: readonly { message: Lintable; at: Place }[], stage: Stage): void {
  const found = messages.flatMap(({ message, at }) => faultsOf(message, stage, at)).slice(0, 20);
  if (found.length === 0) return;
  const details = found.map(({ path, expected, received }) => ({ path, expected, received: clip(received) }));
  throw invalid(details, 'body', found.every(({ isUrl }) => isUrl) ? 'WEB_VIEW_URL_REFUSED' : 'INVALID_VALUE');
}

function faultsOf(message: Lintable, stage: Stage, at: Place): Fault[] {
  const isToCustomer = message.actor_type !== 'user' && message.message_type === 'normal';
  const shown = message.message_parts.flatMap((part, index) => [...partsIn(part, [...at, 'message_parts', index])]);
  const faults = shown.flatMap((each) => [
    ...faultsOfPart(each, stage, message.actor_type === 'user'),
    ...(isToCustomer ? [] : faultsOfButtons(each, message)),
  ]);
  if (isToCustomer) {
    const offered = message.reply_parts.flatMap((part, index) => [...partsIn(part, [...at, 'reply_parts', index])]);
    faults.push(...offered.flatMap((each) => faultsOfPart(each, stage, false)));
  } else if (message.reply_parts.length > 0) {
    faults.push({
      path: pathText([...at, 'reply_parts']),
      expected: `none in ${nameOf(message)}: the customer could not answer it`,
      received: `${message.reply_parts.length} of them`,
    });
  }
  return faults;
}

type PartAt = { part: Part; at: Place };
/** A part and all that it holds, each with its place. */
export function* partsIn(part: Part, at: Place): Generator<PartAt> {
  yield { part, at };
  if ('collection' in part) {
    for (const [index, each] of part.collection.sub_parts.entries())
      yield* partsIn(each, [...at, 'collection', 'sub_parts', index]);
  } else if ('template_content' in part) {
    for (const [section, { parts }] of part.template_content.sections.entries())
      for (const [index, each] of parts.entries())
        yield* partsIn(each, [...at, 'template_content', 'sections', section, 'parts', index]);
  }
}

function faultsOfPart({ part, at }: PartAt, stage: Stage, isTyped: boolean): Fault[] {
  if ('text' in part) return faultsOfText(part.text.content, [...at, 'text', 'content'], isTyped);
  if ('email' in part) {
    const { subject, content } = part.email;
    return [
      ...faultsOfWords(subject, [...at, 'email', 'subject']),
      ...faultsOfText(content, [...at, 'email', 'content'], isTyped),
    ];
  }
  if ('quick_reply_button' in part) {
    const { label, custom_reply_text } = part.quick_reply_button;
    return [
      ...faultsOfWords(label, [...at, 'quick_reply_button', 'label']),
      ...faultsOfWords(custom_reply_text, [...at, 'quick_reply_button', 'custom_reply_text']),
    ];
  }
  if ('callback' in part) return faultsOfWords(part.callback.label, [...at, 'callback', 'label']);
  if ('reference' in part) return faultsOfWords(part.reference.label, [...at, 'reference', 'label']);
  if ('file' in part) return faultsOfWords(part.file.name, [...at, 'file', 'name']);
  if ('image' in part) return faultsOfType(part.image.content_type, /^image\//i, [...at, 'image']);
  if ('video' in part) return faultsOfType(part.video.content_type, /^(?:video|application)\//i, [...at, 'video']);
  if ('audio' in part)
    return faultsOfType(part.audio.content_type, /^(?:audio|video|application)\//i, [...at, 'audio']);
  if ('url_button' in part) return faultsOfUrlButton(part.url_button, stage, [...at, 'url_button']);
  return [];
}

/** Neither blank nor made of characters that take no room, such as U+200B. */
const shows = (text: string) => /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}]/u.test(text);

function faultsOfWords(text: string | undefined, at: Place): Fault[] {
  if (text === undefined || shows(text)) return [];
  return [{ path: pathText(at), expected: 'text that shows something', received: JSON.stringify(text) }];
}

/** @param isTyped a customer's own words, which are never taken for markup */
function faultsOfText(text: string, at: Place, isTyped: boolean): Fault[] {
  const path = pathText(at);
  if (isTyped) return faultsOfWords(text, at);
  const refused = elementsIn(text).filter((name) => name in instead);
  if (refused.length > 0) {
    const expected = `text without ${refused.map((name) => `<${name}> (${instead[name as keyof typeof instead]})`).join(', ')}`;
    return [{ path, expected, received: refused.map((name) => `<${name}>`).join(', ') }];
  }
  if (!shows(isMarkup(text) ? plainText(text).replace(anyTag, '') : text))
    return [{ path, expected: 'text that shows something once its markup is taken away', received: text }];
  const lost = isMarkup(text) ? placeholdersIn(text) : [];
  if (lost.length > 0) {
    const expected = 'HTML that is closed, and &lt; for a "<" that is to be read';
    return [{ path, expected, received: lost.map((name) => `<${name}>`).join(', ') }];
  }
  return linksIn(text)
    .filter((href) => !canBeFollowed(href))
    .map((href) => ({ path, expected: 'absolute links by http, https, mailto or tel', received: `href="${href}"` }));
}

const anyTag = /<\/?[a-z][^<>]*>?/gi;
const known = new Set<string>([...shownElements, ...refusedElements, 'wbr']);

/**
 * What markup would swallow: in `<b>Hello</b> <your name>` the second is no bold text gone wrong but words. An element that isn't
 * on our list and is closed again is only taken off; what it holds is shown.
 */
function placeholdersIn(text: string): string[] {
  const closed = new Set([...text.matchAll(/<\/([a-z][^\s<>/]*)/gi)].map(([, name = '']) => name.toLowerCase()));
  const opened = [...text.matchAll(/<([a-z][^\s<>/]*)[^<>]*>/gi)].map(([, name = '']) => name.toLowerCase());
  return [...new Set(opened)].filter((name) => !known.has(name) && !closed.has(name)).slice(0, 5);
}

function canBeFollowed(href: string): boolean {
  if (href.length > limits.url || !URL.canParse(href)) return false;
  const { protocol, username, password } = new URL(href);
  return /^(?:mailto|tel):$/.test(protocol) || (/^https?:$/.test(protocol) && !username && !password);
}

const picture = 'use an image part';
const button = 'use quick replies, a dropdown or a url_button';
const page = 'use a url_button with target "_self": a web view';
const never = 'never shown';
const table = 'use a list, or lines of text';
const instead: Record<(typeof refusedElements)[number], string> = {
  ...{ img: picture, picture, svg: picture, canvas: picture, math: picture },
  ...{ video: 'use a video part', source: 'use a video or an audio part', audio: 'use an audio part' },
  ...{ iframe: page, frame: page, object: page, embed: page, form: page, input: page, textarea: page },
  ...{ button, select: button, option: button },
  ...{ script: never, style: never, link: never, meta: never, base: never, template: never, noscript: never },
  ...{ table, thead: table, tbody: table, tfoot: table, tr: table, td: table, th: table, caption: table },
};

function faultsOfType(type: string | undefined, good: RegExp, at: Place): Fault[] {
  if (type === undefined || good.test(type)) return [];
  const kind = String(at.at(-1));
  return [
    {
      path: pathText([...at, 'content_type']),
      expected: `a type that ${kind === 'image' ? 'an image' : `a ${kind}`} can have (a file part takes any)`,
      received: type,
    },
  ];
}

function faultsOfUrlButton({ label, url, target, web_view }: UrlButton, stage: Stage, at: Place): Fault[] {
  const words = [
    ...faultsOfWords(label, [...at, 'label']),
    ...faultsOfWords(web_view?.title, [...at, 'web_view', 'title']),
  ];
  if (target === '_self') {
    const refused = faultsOfWebViewUrl(url, stage, [...at, 'url']);
    const unknown = refused.length > 0 || !web_view ? [] : faultsOfModes(url, web_view, stage, [...at, 'web_view']);
    return [...words, ...refused, ...unknown];
  }
  if (!web_view) return words;
  const expected = 'absent, or target "_self": only that opens a web view';
  return [...words, { path: pathText([...at, 'web_view']), expected, received: `one with target "${target}"` }];
}

function faultsOfWebViewUrl(url: string, { site, origin }: Stage, at: Place): Fault[] {
  try {
    checkWebViewUrl(url, site, origin);
    return [];
  } catch (error) {
    if (!(error instanceof GuichetError)) throw error;
    const why = error.message.replace(/^.*?: /, '').replace(/\.$/, '');
    const expected = 'a URL that a web view may open on this site';
    return [{ path: pathText(at), expected, received: `${clip(url, 80)}: ${why}`, isUrl: true }];
  }
}

/** What the site doesn't grant, and what can't be together. */
function faultsOfModes(url: string, { mount, strict, permissions = [] }: WebViewOptions, { site }: Stage, at: Place) {
  const faults: Fault[] = [];
  const { web_view_permissions: granted, allow_host_mount, hosts } = site;
  for (const [index, asked] of permissions.entries()) {
    const path = pathText([...at, 'permissions', index]);
    if (!granted.includes(asked)) {
      const expected = `one that the site grants by web_view_permissions (${granted.join(', ') || 'none'})`;
      faults.push({ path, expected, received: asked });
    } else if (strict && asked !== 'popups') {
      const expected = 'popups or nothing: a strict page has no origin that could be given more';
      faults.push({ path, expected, received: asked });
    }
  }
  if (mount === 'host') {
    const path = pathText([...at, 'mount']);
    const { origin } = new URL(url);
    if (!allow_host_mount) {
      faults.push({ path, expected: '"widget", unless the site sets allow_host_mount', received: 'host' });
    } else if (sameSiteHosts(site, origin).length === 0) {
      const expected = `"widget", or a page of the same site as one of ${hosts.join(', ')}, on an origin of its own`;
      faults.push({ path, expected, received: `host, for ${origin}` });
    }
  }
  return faults;
}

/** What nobody could press: the customer doesn't answer their own message, and never sees a private one. */
function faultsOfButtons({ part, at }: PartAt, message: Lintable): Fault[] {
  const kind = Object.keys(part)[0] as string;
  const isPressed =
    kind === 'quick_reply_button' ||
    kind === 'callback' ||
    ('url_button' in part && (message.actor_type === 'user' || part.url_button.target === '_self'));
  if (!isPressed) return [];
  const expected = `no ${kind} in ${nameOf(message)}: nobody could press it`;
  return [{ path: pathText([...at, kind]), expected, received: 'one' }];
}

const nameOf = ({ actor_type }: Lintable) => (actor_type === 'user' ? "a user's message" : 'a private message');

const clip = (text: string, most = 200) => (text.length > most ? `${text.slice(0, most)}…` : text);
