import type { ConversationStatus, WebViewRef } from '../protocol/event';
import type { ConversationHead } from '../protocol/live';
import { stepTo, type ViewPhase, type ViewStep } from '../protocol/viewLife';
import type { CloseReason } from '../protocol/webview';
import type { LogEvent, ShownMessage } from './events';

/**
 * What a conversation's log folds to. Pure: the same events give the same state, however they came.
 *
 * - An event is applied only when it is the next one; what is at or before `last` is dropped.
 * - What lies beyond the next one is not kept: `fold` says that there is a gap, and the answer to "after `last`" brings it again.
 * - Older pages are put before what is there by `prepend` (olderPages.ts).
 */
export type Conversation = {
  id: string;
  /** Seq of the first and last event folded; `first` is `last + 1` when there is none. */
  first: number;
  last: number;
  status: ConversationStatus;
  /** Ascending by seq. */
  timeline: Entry[];
  customerRead: number;
  businessRead: number;
  /** When the business read as far as `businessRead`. */
  businessReadTime: string | undefined;
  /** By `buttonKey`. */
  views: Readonly<Record<string, WebViewState>>;
  /** Messages whose question has its answer: `message id → client id or id of the answer`. */
  answered: Readonly<Record<string, string>>;
};

export type Entry =
  | { kind: 'message'; seq: number; message: ShownMessage }
  | { kind: 'line'; seq: number; time: string; line: 'resolved' | 'reopened' };

export type WebViewState = {
  id: string;
  seq: number;
  /** Each undefined while what said it lies in an older page. */
  phase: Exclude<ViewPhase, 'offered'> | undefined;
  submitted: boolean | undefined;
  reason: CloseReason | undefined;
};

export const buttonKey = (messageId: string, button: number) => `${messageId}:${button}`;
const keyOf = (view: WebViewRef) => buttonKey(view.message_id, view.button);

export function startConversation(head: ConversationHead, events: readonly LogEvent[]): Conversation {
  const first = events[0]?.seq ?? head.seq + 1;
  const { conversation } = fold({ ...empty(head.id), first, last: first - 1 }, events);
  return {
    ...conversation,
    // The log may start after what set these; the head knows.
    status: head.status,
    customerRead: Math.max(conversation.customerRead, head.customer_read),
    businessRead: Math.max(conversation.businessRead, head.business_read),
  };
}

/** A conversation of which nothing is known but its id: its log is asked for from the start. */
export const empty = (id: string): Conversation => ({
  id,
  first: 1,
  last: 0,
  status: 'new',
  timeline: [],
  customerRead: 0,
  businessRead: 0,
  businessReadTime: undefined,
  views: {},
  answered: {},
});

/** Applies a batch in any order. `hasGap`: some of it lies beyond the next one and has to be asked for. */
export function fold(
  before: Conversation,
  events: readonly LogEvent[],
): { conversation: Conversation; hasGap: boolean } {
  let conversation = before;
  const fresh = events
    .filter((event) => event.conversation_id === before.id && event.seq > before.last)
    .sort((a, b) => a.seq - b.seq);
  for (const event of fresh) {
    if (event.seq === conversation.last + 1) conversation = { ...apply(conversation, event), last: event.seq };
    else if (event.seq > conversation.last) return { conversation, hasGap: true };
  }
  return { conversation, hasGap: false };
}

function apply(before: Conversation, event: LogEvent): Conversation {
  switch (event.type) {
    case 'message_create':
      return withMessage(before, event.data.message, event.seq);
    case 'message_read': {
      const upTo = event.data.up_to;
      if (event.actor.actor_type === 'user') return { ...before, customerRead: Math.max(before.customerRead, upTo) };
      if (upTo <= before.businessRead) return before;
      return { ...before, businessRead: upTo, businessReadTime: event.time };
    }
    case 'conversation_assignment':
      return { ...before, status: 'assigned' };
    case 'conversation_resolution':
      return withLine({ ...before, status: 'resolved' }, event, 'resolved');
    case 'conversation_reopen':
      return withLine({ ...before, status: 'reopened' }, event, 'reopened');
    case 'web_view_open':
    case 'web_view_pause':
    case 'web_view_submit':
      return withView(before, event, event.type === 'web_view_submit' ? { submitted: true } : {});
    case 'web_view_close':
      return withView(before, event, { submitted: event.data.submitted, reason: event.data.reason });
    default:
      return before;
  }
}

function withMessage(before: Conversation, message: ShownMessage, seq: number): Conversation {
  const question = message.in_reply_to?.message_id;
  const timeline = [...before.timeline, { kind: 'message' as const, seq, message }];
  if (!question) return { ...before, timeline };
  return { ...before, timeline, answered: { ...before.answered, [question]: message.client_id ?? message.id } };
}

function withLine(before: Conversation, event: LogEvent, line: 'resolved' | 'reopened'): Conversation {
  return { ...before, timeline: [...before.timeline, { kind: 'line', seq: event.seq, time: event.time, line }] };
}

function withView(
  before: Conversation,
  event: Extract<LogEvent, { type: ViewStep }>,
  change: Partial<Pick<WebViewState, 'submitted' | 'reason'>>,
): Conversation {
  const { web_view: ref } = event.data;
  const known = before.views[keyOf(ref)];
  const start = known?.id === ref.id ? known : { phase: undefined, submitted: undefined, reason: undefined };
  const phase = stepTo[event.type] ?? start.phase;
  const view = { ...start, ...change, phase, id: ref.id, seq: event.seq };
  return { ...before, views: { ...before.views, [keyOf(ref)]: view } };
}
