import * as v from 'valibot';
import { BusinessStatus, Event } from '../event';
import { limits } from '../limits';
import { Id, Time } from '../parts';
import { type Route, text, wholeNumber } from './route';

const EventsQuery = v.object({
  /** The `cursor` of the answer before; absent or empty: from the beginning; `latest`: only what is new from now on. */
  after: v.optional(text(200)),
  limit: wholeNumber(1, limits.eventsMax, limits.events),
  /** Seconds to wait for something new when there is nothing yet. */
  wait: wholeNumber(0, limits.eventsWait, 0),
});

/** An event's conversation as it is now, which may be later than the event. */
export const EventConversation = v.object({
  id: Id,
  status: BusinessStatus,
  channel_id: Id,
  user_id: Id,
  assigned_agent_id: v.optional(Id),
  assigned_group_id: v.optional(Id),
  updated_time: Time,
});
export type EventConversation = v.InferOutput<typeof EventConversation>;

/** An event of any conversation of the account. */
export const AccountEvent = v.intersect([Event, v.object({ conversation: EventConversation })]);
export type AccountEvent = v.InferOutput<typeof AccountEvent>;

const seq = v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'a seq'), v.transform(Number)));
const LogQuery = v.object({
  /** Events after this seq, the oldest of them; without either: the newest. */
  after: seq,
  /** Events before this seq, the newest of them. */
  before: seq,
  limit: wholeNumber(1, limits.eventsMax, limits.events),
});

export const eventRoutes = {
  listConversationEvents: {
    method: 'get',
    path: '/conversations/{conversation_id}/events',
    scope: 'events:read',
    summary: 'Part of a conversation’s log, ascending and without a gap: messages, and all else that happened',
    query: LogQuery,
    status: 200,
    answer: v.object({ events: v.array(Event), /** Last seq of the log. */ seq: v.number() }),
  },
  listEvents: {
    method: 'get',
    path: '/events',
    scope: 'events:read',
    summary: 'Everything that happens in all conversations, in the order of its storing, from a cursor on',
    query: EventsQuery,
    status: 200,
    answer: v.object({
      events: v.array(AccountEvent),
      /** Keep it once the events are dealt with, and ask with it next time. */
      cursor: v.string(),
      has_more: v.boolean(),
    }),
  },
} as const satisfies Record<string, Route>;
