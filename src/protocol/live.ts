import * as v from 'valibot';
import type { ErrorBody } from './errors';
import { ConversationStatus, Event } from './event';
import { limits } from './limits';
import { boundedRecord, Id, jsonBytes, Time } from './parts';
import { SiteInfo } from './theme';
import { ViewSize } from './webview';

/**
 * The customer's side: `/widget/v1` over HTTP, and the socket (socket.io, path `/widget/v1/socket`).
 *
 * REST, all JSON, `Authorization: Bearer <session token>` but for `session`:
 * - POST /widget/v1/session           SessionRequest → SessionAnswer
 * - POST /widget/v1/messages          SendRequest → SendAnswer             (twin of `send`)
 * - POST /widget/v1/read              { conversation_id, up_to } → {}     (twin of `read`)
 * - GET  /widget/v1/events            ?conversation_id=&after=seq | &before=seq, &limit=, &snapshot=true → EventsAnswer
 * - GET  /widget/v1/head              → HeadAnswer                       (twin of `head`)
 * - POST /widget/v1/logout            → 204; the session is revoked
 * - POST /widget/v1/files             the file's bytes, `Content-Type` its type, `X-File-Name` its name in percent-encoded UTF-8 → FileAnswer
 */
export const socketPath = '/widget/v1/socket';

/** The client's own id of a message; UUIDs are usual. */
export const ClientId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{8,64}$/, '8 to 64 of A-Z a-z 0-9 _ -'));

export const SessionRequest = v.object({
  site: v.pipe(v.string(), v.nonEmpty(), v.maxLength(64)),
  /** A JWT by which the site vouches for its user. */
  identity: v.optional(v.pipe(v.string(), v.maxLength(8_192))),
  /** The token of an earlier session of this browser. */
  resume: v.optional(v.pipe(v.string(), v.maxLength(2_048))),
});
export type SessionRequest = v.InferOutput<typeof SessionRequest>;

export const Customer = v.object({
  id: Id,
  /** True when the site vouched for this customer by a JWT. */
  vouched: v.boolean(),
  first_name: v.optional(v.string()),
});
export type Customer = v.InferOutput<typeof Customer>;

export const ConversationHead = v.object({
  id: Id,
  status: ConversationStatus,
  /** Last seq of the log. */
  seq: v.number(),
  /** How far the customer has read. */
  customer_read: v.number(),
  /** How far the business has read. */
  business_read: v.number(),
  updated_time: Time,
});
export type ConversationHead = v.InferOutput<typeof ConversationHead>;

export const SessionAnswer = v.object({
  token: v.string(),
  customer: Customer,
  /** Newest first. The first one is the one that goes on. */
  conversations: v.array(ConversationHead),
  /** The newest events of the first conversation, ascending and contiguous up to its `seq`. */
  events: v.array(Event),
  site: SiteInfo,
  time: Time,
});
export type SessionAnswer = v.InferOutput<typeof SessionAnswer>;

export const EventsAnswer = v.object({
  /** Ascending and contiguous. Fewer than were asked for where they are large: `seq` says whether there are more. */
  events: v.array(Event),
  /** Last seq of the log. */
  seq: v.number(),
  /**
   * A snapshot: `events` are the newest ones, and the client begins the conversation anew with them. Only for who asks with
   * `snapshot`, and either names no place in the log or misses more than `limits.catchUp` events after it.
   */
  head: v.optional(ConversationHead),
});
export type EventsAnswer = v.InferOutput<typeof EventsAnswer>;

/** What there is: the last seq of each of the customer's conversations, those included that the client doesn't know. */
export const HeadAnswer = v.object({ cursors: v.record(v.string(), v.number()) });
export type HeadAnswer = v.InferOutput<typeof HeadAnswer>;

const Content = v.union([
  v.object({
    text: v.pipe(
      v.string(),
      v.check((t) => t.trim() !== '', 'text that is not blank'),
      v.check((t) => [...t].length <= limits.textCodePoints, `at most ${limits.textCodePoints} code points`),
    ),
  }),
  /** Only which option of which message: the server fills in the rest from what was offered. */
  v.object({ answer: v.object({ message_id: Id, option: v.pipe(v.number(), v.integer(), v.minValue(0)) }) }),
  /** A file that this customer uploaded: the server makes the part that fits it. */
  v.object({ file: v.object({ id: Id }) }),
]);
export const SendRequest = v.object({
  client_id: ClientId,
  /** Absent: the customer's latest conversation, or a new one. */
  conversation_id: v.optional(Id),
  content: Content,
});
export type SendRequest = v.InferOutput<typeof SendRequest>;

export const SendAnswer = v.object({ id: Id, conversation_id: Id, seq: v.number(), created_time: Time });
export type SendAnswer = v.InferOutput<typeof SendAnswer>;

/** An uploaded file. It is nobody else's, and gone after a day, unless a message carries it. */
export const FileAnswer = v.object({
  id: Id,
  /** Unguessable and stable, on an origin that serves nothing else. */
  url: v.string(),
  name: v.string(),
  /** As its bytes say, whatever the sender called it. */
  content_type: v.string(),
  /** Bytes. */
  size: v.number(),
  /** Pixels, of pictures. */
  width: v.optional(v.number()),
  height: v.optional(v.number()),
});
export type FileAnswer = v.InferOutput<typeof FileAnswer>;

/** Every acknowledgement on the socket. */
export type Ack<T> = { ok: true; value: T } | { ok: false; error: ErrorBody };

/** `auth` of the socket's handshake: where the client stands, so that the server can send what it missed. */
export const SocketAuth = v.object({
  token: v.pipe(v.string(), v.maxLength(2_048)),
  cursors: v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))),
});

export const WebViewOpenAnswer = v.object({
  web_view_id: Id,
  url: v.string(),
  origin: v.string(),
  size: ViewSize,
  title: v.optional(v.string()),
  data: v.optional(v.record(v.string(), v.unknown())),
  state: v.optional(v.unknown()),
  /** The frame's `sandbox` and `allow`. */
  sandbox: v.string(),
  allow: v.string(),
  /** An opaque origin: it is told of by its window alone, and gets no code, data or state. */
  strict: v.boolean(),
  /** Hosts in whose page the frame is to stand; elsewhere, and without any, it's nested in the widget. */
  host_mount_on: v.array(v.string()),
  /** On a host's exact origin, whose scripts can read it: nothing may be said to the contrary. */
  readable_by_host: v.boolean(),
  /** The page's headers let nobody show it here, as far as the server has seen: offer a tab at once. Absent: nothing is known against it. */
  framing: v.optional(v.literal('refused')),
  /** False: the customer leaves without being asked, dirty or not. */
  confirm_close_when_dirty: v.boolean(),
  /** Where "open in a tab" leads, when it isn't `url`. */
  fallback_url: v.optional(v.string()),
  expires_time: Time,
});
export type WebViewOpenAnswer = v.InferOutput<typeof WebViewOpenAnswer>;

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Client → server; each answers `Ack` of the type in the comment. */
export const clientMessages = {
  send: SendRequest, // SendAnswer
  read: v.object({ conversation_id: Id, up_to: v.pipe(v.number(), v.integer(), v.minValue(0)) }), // {}
  typing: v.object({ conversation_id: Id, on: v.boolean() }), // {}
  head: v.object({}), // HeadAnswer
  events: v.object({
    conversation_id: Id,
    after: v.optional(wholeNumber),
    before: v.optional(wholeNumber),
    limit: v.optional(wholeNumber),
    snapshot: v.optional(v.boolean()),
  }), // EventsAnswer
  /** By the customer's own tap. A paused view goes on under its id; `owner` is this tab's id of itself. */
  web_view_open: v.object({
    conversation_id: Id,
    message_id: Id,
    button: v.pipe(v.number(), v.integer(), v.minValue(0)),
    owner: ClientId,
  }), // WebViewOpenAnswer
  /** A fresh one-time code (60 s) for the page's backend. */
  web_view_code: v.object({ web_view_id: Id, owner: ClientId }), // { code: string }
  /** At least every 20 s while open; without it the server pauses the view after 60 s. */
  web_view_beat: v.object({ web_view_id: Id, owner: ClientId }), // {}
  web_view_pause: v.object({ web_view_id: Id, owner: ClientId }), // {}
  web_view_save: v.object({
    web_view_id: Id,
    owner: ClientId,
    state: v.pipe(
      v.unknown(),
      v.check((x) => jsonBytes(x) <= limits.webViewState, `at most ${limits.webViewState} bytes of JSON`),
    ),
  }), // {}
  /** The customer's word, not the business's. */
  web_view_submit: v.object({
    web_view_id: Id,
    owner: ClientId,
    idempotency_key: ClientId,
    result: boundedRecord(limits.webViewResult),
    summary: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.summary))),
  }), // {}
  web_view_close: v.object({
    web_view_id: Id,
    owner: ClientId,
    reason: v.picklist(['page', 'customer', 'replaced', 'blocked']),
  }), // {}
} as const;
export type ClientMessages = { [K in keyof typeof clientMessages]: v.InferOutput<(typeof clientMessages)[K]> };
export type ClientAnswers = {
  send: SendAnswer;
  read: object;
  typing: object;
  head: HeadAnswer;
  events: EventsAnswer;
  web_view_open: WebViewOpenAnswer;
  web_view_code: { code: string };
  web_view_beat: object;
  web_view_pause: object;
  web_view_save: object;
  web_view_submit: object;
  web_view_close: object;
};

/** Server → client. */
export const serverMessages = {
  /** Ascending, of one or several conversations; may repeat what the client has. */
  events: v.array(Event),
  /** Somebody on the business's side is typing; not in the log, may be lost; holds for 8 s. */
  typing: v.object({ conversation_id: Id, name: v.optional(v.string()), on: v.boolean() }),
  /** Another tab or device goes on with this view. */
  web_view_taken: v.object({ web_view_id: Id, owner: v.string() }),
  /** The session is over (revoked, identity changed): drop everything of this customer. */
  session_end: v.object({ reason: v.string() }),
} as const;
export type ServerMessages = { [K in keyof typeof serverMessages]: v.InferOutput<(typeof serverMessages)[K]> };
