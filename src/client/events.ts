import type { Actor, Event, WebViewRef } from '../protocol/event';
import type { InReplyTo, Message } from '../protocol/message';
import type { MessagePart, OfferedPart, UrlButton } from '../protocol/parts';
import { attempt, count, flag, httpUrl, list, maybe, number, object, oneOf, record, type Shape, text } from './shape';

/** A part that this widget doesn't know: what of it can be read by a person. */
export type UnknownPart = { unknown: { kind: string; text?: string; url?: string } };
export type ShownPart = MessagePart | UnknownPart;
/** A message as it is shown: parts that a newer server may send stay in their places. */
export type ShownMessage = Omit<Message, 'message_parts' | 'reply_parts'> & {
  message_parts: ShownPart[];
  reply_parts: ShownPart[];
};
export type LogEvent =
  | Exclude<Event, { type: 'message_create' }>
  | (Omit<Extract<Event, { type: 'message_create' }>, 'data'> & { data: { message: ShownMessage } });

/**
 * Reads what came over the wire. A log stays gapless: an event of a kind that we don't know becomes `void`, a part that
 * we don't know becomes an `UnknownPart`. What isn't even an event is left out and said in the console.
 */
export function readEvents(input: unknown): LogEvent[] {
  if (!Array.isArray(input)) return [];
  return input.map(readEvent).filter((event) => event !== undefined);
}

function readEvent(input: unknown): LogEvent | undefined {
  const head = attempt(Head, input);
  if (!head) {
    console.warn('guichet: this is no event and was left out', input);
    return undefined;
  }
  const { type, data } = input as { type?: unknown; data?: unknown };
  const shape =
    typeof type === 'string' && Object.hasOwn(bodies, type) ? bodies[type as keyof typeof bodies] : undefined;
  const body = shape && attempt(shape as Shape<object>, data);
  return (body ? { ...head, type, data: body } : { ...head, type: 'void', data: {} }) as LogEvent;
}

// ---- parts ------------------------------------------------------------------------------------------------------------

const label = (input: unknown) => {
  const read = text(input);
  if (read.trim()) return read;
  throw new TypeError('expected text that is not blank');
};
const webView = maybe((input): UrlButton['web_view'] => {
  const { size, title, once } = record(input);
  return {
    size: attempt(oneOf('compact', 'tall', 'full'), size) ?? 'tall',
    title: attempt(label, title),
    once: attempt(flag, once) ?? true,
    expires_in: 0,
    confirm_close_when_dirty: true,
  };
});
const parts: Record<string, Shape<unknown>> = {
  text: object({ content: label }),
  image: object({
    url: httpUrl,
    alt_text: maybe(text),
    width: maybe(number),
    height: maybe(number),
    content_type: maybe(text),
  }),
  video: object({ url: httpUrl, content_type: maybe(text), width: maybe(number), height: maybe(number) }),
  audio: object({ url: httpUrl, content_type: maybe(text), name: maybe(text) }),
  file: object({ name: label, url: httpUrl, file_size_in_bytes: maybe(number), content_type: maybe(text) }),
  url_button: object({
    label,
    url: httpUrl,
    target: (input: unknown) => (input === '_self' ? '_self' : '_blank'),
    web_view: webView,
  }),
  quick_reply_button: object({ label, custom_reply_text: maybe(text) }),
  callback: object({ label }),
  reference: object({
    label,
    reference_id: maybe(text),
    placeholder_reference_id: maybe(text),
    url: maybe(httpUrl),
  }),
  email: object({ subject: maybe(text), content: label }),
  collection: object({ sub_parts: list((input) => readPart(input)) }),
  template_content: object({
    type: oneOf('quick_reply_dropdown', 'carousel', 'carousel_card_default'),
    sections: list(object({ name: text, parts: list((input) => readPart(input)) })),
  }),
};

/** Buttons and options are named by their place, so nothing is left out and a field too many does no harm. */
function readPart(input: unknown): ShownPart {
  const part = record(input);
  const kind = Object.keys(part)[0] ?? '';
  const shape = Object.hasOwn(parts, kind) ? parts[kind] : undefined;
  const known = shape && attempt(shape, part[kind]);
  return known ? ({ [kind]: known } as ShownPart) : { unknown: readable(kind, attempt(record, part[kind]) ?? {}) };
}

function readable(kind: string, fields: Record<string, unknown>): UnknownPart['unknown'] {
  const words = [fields.label, fields.content, fields.title, fields.name, fields.carousel_title];
  const found = words.map((word) => attempt(label, word)).find(Boolean);
  const url = attempt(httpUrl, fields.url);
  return { kind, ...(found ? { text: found } : {}), ...(url ? { url } : {}) };
}

// ---- events -----------------------------------------------------------------------------------------------------------

const id = label;
const actorType = oneOf('user', 'agent', 'bot', 'system');
const Head = object<{ id: string; conversation_id: string; seq: number; time: string; actor: Actor }>({
  id,
  conversation_id: id,
  seq: (input) => count(input) || count(-1),
  time: text,
  actor: object<Actor>({ actor_type: actorType, actor_id: id }),
});

const message = object<ShownMessage>({
  id,
  app_id: id,
  channel_id: id,
  conversation_id: id,
  interaction_id: text,
  user_id: id,
  actor_type: actorType,
  actor_id: id,
  message_type: oneOf('normal', 'private', 'system'),
  message_source: oneOf('web', 'api', 'system'),
  created_time: text,
  message_parts: list(readPart),
  reply_parts: list(readPart),
  in_reply_to: maybe(
    object<InReplyTo>({
      message_id: id,
      // Read as the question's own parts are, so that it can be found among them.
      part: maybe((input) => readPart(input) as OfferedPart),
      payload: () => undefined,
    }),
  ),
  actor_name: maybe(text),
  client_id: maybe(text),
  seq: count,
});

const web_view = object<WebViewRef>({
  id,
  message_id: id,
  button: count,
  url: text,
  origin: text,
  title: maybe(text),
});
const nothing = object({});

const bodies = {
  conversation_create: nothing,
  message_create: object({ message }),
  message_read: object({ up_to: count }),
  conversation_assignment: object({
    to_agent_id: text,
    to_group_id: text,
    from_agent_id: text,
    from_group_id: text,
  }),
  conversation_resolution: nothing,
  conversation_reopen: nothing,
  web_view_open: object({ web_view, resumed: flag }),
  web_view_pause: object({ web_view }),
  web_view_update: object({ web_view, title: maybe(text), size: maybe(text), data: maybe(record) }),
  web_view_submit: object({ web_view, summary: text, source: oneOf('page', 'business') }),
  web_view_close: object({
    web_view,
    reason: oneOf('submitted', 'page', 'customer', 'business', 'expired', 'resolved', 'replaced', 'blocked'),
    submitted: flag,
    duration_ms: number,
  }),
  void: nothing,
};
