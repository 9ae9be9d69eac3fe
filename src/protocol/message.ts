import * as v from 'valibot';
import { limits } from './limits';

const short = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(most),
    v.check((text) => text.trim() !== '', 'text that is not blank'),
  );

/** A v2 id: ours are UUIDs, but nothing may depend on that. */
export const Id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(128));
/** ISO 8601 with milliseconds and `Z`. */
export const Time = v.string();

/** An absolute http(s) URL without user-info; comes out re-serialised by the URL parser. */
export const HttpUrl = v.pipe(
  v.string(),
  v.maxLength(limits.url),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const url = parseUrl(dataset.value);
    if (url && !url.username && !url.password) return url.href;
    addIssue({
      message: 'an absolute http or https URL without user-info',
      expected: 'an absolute http or https URL without user-info',
    });
    return NEVER;
  }),
);
function parseUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}

/** Visible text: something other than white space, at most `limits.textCodePoints` code points. */
const Content = v.pipe(
  v.string(),
  v.check((text) => text.trim() !== '', 'text that is not blank'),
  v.check((text) => [...text].length <= limits.textCodePoints, `at most ${limits.textCodePoints} code points`),
);

/** How a `url_button` with `target: "_self"` opens; additive to v2. */
export const WebViewOptions = v.strictObject({
  size: v.optional(v.picklist(['compact', 'tall', 'full']), 'tall'),
  title: v.optional(short(limits.title)),
  /** Handed to the page in `welcome`; at most `limits.webViewData` bytes of JSON. */
  data: v.optional(boundedRecord(limits.webViewData)),
  /** Seconds from the first opening. */
  expires_in: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(limits.webViewExpiresMax)),
    limits.webViewExpires,
  ),
  /** Can't be opened again after a submit. */
  once: v.optional(v.boolean(), true),
});
export type WebViewOptions = v.InferOutput<typeof WebViewOptions>;

export function boundedRecord(bytes: number) {
  return v.pipe(
    v.record(v.string(), v.unknown()),
    v.check((value) => jsonBytes(value) <= bytes, `at most ${bytes} bytes of JSON`),
  );
}

/** Bytes of a value as JSON; what is nested too deep to be written has too many. */
export function jsonBytes(value: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(value ?? null)).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export const TextPart = v.strictObject({ text: v.object({ content: Content }) });
export const ImagePart = v.strictObject({
  image: v.object({
    url: HttpUrl,
    alt_text: v.optional(v.pipe(v.string(), v.maxLength(1_000))),
    width: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20_000))),
    height: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20_000))),
  }),
});
export const FilePart = v.strictObject({
  file: v.object({
    name: short(255),
    url: HttpUrl,
    file_size_in_bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    content_type: v.optional(short(255)),
  }),
});
export const UrlButtonPart = v.strictObject({
  url_button: v.object({
    label: short(limits.label),
    url: HttpUrl,
    target: v.optional(v.picklist(['_self', '_blank']), '_blank'),
    web_view: v.optional(WebViewOptions),
  }),
});
export const QuickReplyPart = v.strictObject({
  quick_reply_button: v.object({
    label: short(limits.label),
    custom_reply_text: v.optional(short(limits.payload)),
    /** For the bot; never sent to a customer's browser. */
    payload: v.optional(v.pipe(v.string(), v.maxLength(limits.payload))),
  }),
});
export const CollectionPart = v.strictObject({
  collection: v.object({
    sub_parts: v.pipe(v.array(v.union([UrlButtonPart, QuickReplyPart])), v.minLength(1), v.maxLength(limits.options)),
  }),
});
/** What may stand among the reply parts: chips. */
export const QuickReplyCollection = v.strictObject({
  collection: v.object({ sub_parts: v.pipe(v.array(QuickReplyPart), v.minLength(1), v.maxLength(limits.options)) }),
});

/** What is shown. Each element holds exactly one part, named by its key. */
export const MessagePart = v.union([TextPart, ImagePart, FilePart, UrlButtonPart, CollectionPart]);
export type MessagePart = v.InferOutput<typeof MessagePart>;
/** What the customer may answer with. */
export const ReplyPart = v.union([QuickReplyCollection, QuickReplyPart]);
export type ReplyPart = v.InferOutput<typeof ReplyPart>;
export type QuickReply = v.InferOutput<typeof QuickReplyPart>['quick_reply_button'];
export type UrlButton = v.InferOutput<typeof UrlButtonPart>['url_button'];

export const MessageParts = v.pipe(v.array(MessagePart), v.minLength(1), v.maxLength(limits.messageParts));
export const ReplyParts = v.pipe(v.array(ReplyPart), v.maxLength(limits.messageParts));

/** v2 has user, agent and system on the way out; `bot` goes in and comes out as `bot` (docs/compatibility.md). */
export const ActorType = v.picklist(['user', 'agent', 'bot', 'system']);
export type ActorType = v.InferOutput<typeof ActorType>;

/** The question that a message answers, and, for an answer by option, the option as it was offered. */
export const InReplyTo = v.object({ message_id: Id, part: v.optional(QuickReplyPart) });
export type InReplyTo = v.InferOutput<typeof InReplyTo>;

/** A stored message, as the API, the webhooks and the event log carry it: v2's fields, then ours. */
export const Message = v.object({
  id: Id,
  app_id: Id,
  channel_id: Id,
  conversation_id: Id,
  interaction_id: v.string(),
  user_id: Id,
  actor_type: ActorType,
  actor_id: Id,
  message_type: v.picklist(['normal', 'private', 'system']),
  message_source: v.picklist(['web', 'api', 'system']),
  created_time: Time,
  message_parts: v.array(MessagePart),
  reply_parts: v.array(ReplyPart),
  in_reply_to: v.optional(InReplyTo),
  /** Name to show for the author; absent for the customer's own messages. */
  actor_name: v.optional(v.string()),
  /** The sender's own id of the message; the same one again gives the same message. */
  client_id: v.optional(v.string()),
  /** Place in the conversation's event log. */
  seq: v.number(),
});
export type Message = v.InferOutput<typeof Message>;

/** All quick replies that a message offers, in order. An answer names one by its index here. */
export function optionsOf(message: Pick<Message, 'message_parts' | 'reply_parts'>): QuickReply[] {
  const found: QuickReply[] = [];
  for (const part of [...message.message_parts, ...message.reply_parts] as (MessagePart | ReplyPart)[]) {
    if ('quick_reply_button' in part) found.push(part.quick_reply_button);
    if ('collection' in part) {
      for (const sub of part.collection.sub_parts) if ('quick_reply_button' in sub) found.push(sub.quick_reply_button);
    }
  }
  return found;
}

/** All URL buttons of a message, in order. A web view names its button by its index here. */
export function urlButtonsOf(message: Pick<Message, 'message_parts'>): UrlButton[] {
  const found: UrlButton[] = [];
  for (const part of message.message_parts) {
    if ('url_button' in part) found.push(part.url_button);
    if ('collection' in part) {
      for (const sub of part.collection.sub_parts) if ('url_button' in sub) found.push(sub.url_button);
    }
  }
  return found;
}
