import * as v from 'valibot';
import { limits } from './limits';
import { ActorType, Message } from './message';
import { Id, Time } from './parts';
import { CloseReason } from './webview';

export const Actor = v.object({ actor_type: ActorType, actor_id: Id });
export type Actor = v.InferOutput<typeof Actor>;

export const ConversationStatus = v.picklist(['new', 'assigned', 'resolved', 'reopened']);
export type ConversationStatus = v.InferOutput<typeof ConversationStatus>;

/**
 * A conversation's status as the business sees it. The two that wait come from a client of Freshworks' own, spaces included; a
 * customer is told `assigned` for them.
 */
export const BusinessStatus = v.picklist([
  ...ConversationStatus.options,
  'waiting on customer',
  'waiting on internal team',
]);
export type BusinessStatus = v.InferOutput<typeof BusinessStatus>;

/** What an event says of a web view: enough to draw its button, nothing of what was typed. */
export const WebViewRef = v.object({
  id: Id,
  message_id: Id,
  /** Index of the button among the message's URL buttons. */
  button: v.number(),
  url: v.string(),
  origin: v.string(),
  title: v.optional(v.string()),
});
export type WebViewRef = v.InferOutput<typeof WebViewRef>;

/** By hand or by a browser: `page` results are the customer's word, `business` results are the business's own. */
export const ResultSource = v.picklist(['page', 'business']);

const bodies = {
  conversation_create: v.object({}),
  message_create: v.object({ message: Message }),
  message_read: v.object({ /** Everything up to this seq has been seen by `actor`'s side. */ up_to: v.number() }),
  conversation_assignment: v.object({
    to_agent_id: v.string(),
    to_group_id: v.string(),
    from_agent_id: v.string(),
    from_group_id: v.string(),
  }),
  conversation_resolution: v.object({}),
  conversation_reopen: v.object({}),
  web_view_open: v.object({ web_view: WebViewRef, /** True when a paused view goes on. */ resumed: v.boolean() }),
  web_view_pause: v.object({ web_view: WebViewRef }),
  web_view_update: v.object({
    web_view: WebViewRef,
    title: v.optional(v.string()),
    size: v.optional(v.string()),
    data: v.optional(v.record(v.string(), v.unknown())),
  }),
  web_view_submit: v.object({
    web_view: WebViewRef,
    summary: v.pipe(v.string(), v.maxLength(limits.summary)),
    source: ResultSource,
    /** Absent in what a customer's browser is told. */
    result: v.optional(v.unknown()),
  }),
  web_view_close: v.object({
    web_view: WebViewRef,
    reason: CloseReason,
    submitted: v.boolean(),
    /** Milliseconds since the first opening. */ duration_ms: v.number(),
  }),
  /** Stands where the log has something that this reader may not see, so that `seq` stays gapless. */
  void: v.object({}),
} as const;

export type EventType = keyof typeof bodies;
export type EventData = { [T in EventType]: v.InferOutput<(typeof bodies)[T]> };
const eventTypes = Object.keys(bodies) as EventType[];

const head = {
  id: Id,
  conversation_id: Id,
  seq: v.pipe(v.number(), v.integer(), v.minValue(1)),
  time: Time,
  actor: Actor,
};

type Head = { id: string; conversation_id: string; seq: number; time: string; actor: Actor };
/** One entry of a conversation's append-only log; `seq` counts from 1 without a gap. */
export type Event = { [T in EventType]: Head & { type: T; data: EventData[T] } }[EventType];

export const Event = v.variant(
  'type',
  eventTypes.map((type) => v.object({ ...head, type: v.literal(type), data: bodies[type] })) as never,
) as unknown as v.GenericSchema<unknown, Event>;

export type EventOf<T extends EventType> = Extract<Event, { type: T }>;
