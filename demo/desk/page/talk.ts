import type { Conversation, LogEvent, Message } from './wire';

/** A conversation as the desk holds it: its head, and as much of its log as was read. */
export type Talk = {
  id: string;
  status: string;
  userId: string;
  agentId: string | undefined;
  /** Since when it waits in a group's queue for somebody to take it, in milliseconds since 1970. */
  queued: number | undefined;
  updated: number;
  /** Last seq that the head knows of. */
  seq: number;
  customerRead: number;
  businessRead: number;
  unread: number;
  last: Message | undefined;
  /** Ascending, without a gap; empty until it's read. */
  log: LogEvent[];
  /** The log up to its end was read. */
  loaded: boolean;
};

export function talkOf(listed: Conversation, known?: Talk): Talk {
  // What was told live meanwhile is newer than a list that was asked for before.
  if (known && known.seq >= listed.seq) return known;
  return {
    id: listed.conversation_id,
    status: listed.status,
    userId: listed.user_id,
    agentId: listed.assigned_agent_id,
    queued: listed.assigned_group_id && !listed.assigned_agent_id ? Date.parse(listed.updated_time) : undefined,
    updated: Date.parse(listed.updated_time),
    seq: listed.seq,
    customerRead: listed.customer_read,
    businessRead: listed.business_read,
    unread: listed.unread ?? 0,
    last: listed.last_message,
    // Between what was read of the log and what is new there may be a gap: it is read again.
    log: [],
    loaded: false,
  };
}

/** A conversation that begins, or one that the list was too short for: `log` is read when it is opened. */
export const talkBegun = ({ conversation_id, conversation, seq }: LogEvent): Talk => ({
  id: conversation_id,
  status: conversation?.status ?? 'new',
  userId: conversation?.user_id ?? '',
  agentId: conversation?.assigned_agent_id,
  queued: undefined,
  updated: 0,
  seq: seq - 1,
  customerRead: 0,
  businessRead: 0,
  unread: 0,
  last: undefined,
  log: [],
  loaded: seq === 1,
});

/** One event more. The same one again changes nothing. */
export function fold(talk: Talk, event: LogEvent): Talk {
  const next = { ...talk };
  const { conversation, data } = event;
  if (conversation) {
    next.status = conversation.status;
    next.userId = conversation.user_id;
    next.agentId = conversation.assigned_agent_id;
    const waits = conversation.assigned_group_id && !conversation.assigned_agent_id;
    next.queued = waits ? (talk.queued ?? Date.parse(event.time)) : undefined;
  }
  const end = talk.log.at(-1)?.seq ?? (talk.loaded ? 0 : undefined);
  if (end !== undefined && event.seq === end + 1) next.log = [...talk.log, event];
  else if (end !== undefined && event.seq > end + 1) next.loaded = false;
  if (event.seq <= talk.seq) return next;

  next.seq = event.seq;
  next.updated = Date.parse(event.time);
  if (event.type === 'message_create' && data.message) {
    next.last = data.message;
    if (data.message.actor_type === 'user') next.unread += 1;
  }
  if (event.type === 'message_read') {
    const upTo = data.up_to ?? 0;
    if (event.actor.actor_type === 'user') next.customerRead = Math.max(next.customerRead, upTo);
    else {
      next.businessRead = Math.max(next.businessRead, upTo);
      next.unread = unreadAfter(next);
    }
  }
  return next;
}

function unreadAfter({ log, loaded, businessRead, last, unread }: Talk): number {
  if (loaded && (log[0]?.seq ?? 0) <= businessRead + 1)
    return messagesIn(log).filter(({ actor_type, seq }) => actor_type === 'user' && seq > businessRead).length;
  return last && last.seq > businessRead ? unread : 0;
}

/** Takes a piece of the log that was read: the end of it, or what is older than what is there. */
export function withLog(talk: Talk, events: LogEvent[], end: number): Talk {
  const bySeq = new Map([...events, ...talk.log].map((event) => [event.seq, event]));
  const log = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  // Only the contiguous end counts: before it there may be a hole.
  let from = log.length - 1;
  while (from > 0 && log[from - 1]?.seq === (log[from]?.seq ?? 0) - 1) from -= 1;
  const whole = log.slice(Math.max(0, from));
  const next = { ...talk, log: whole, loaded: (whole.at(-1)?.seq ?? 0) >= Math.max(end, talk.seq) };
  return next;
}

export const messagesIn = (log: readonly LogEvent[]): Message[] =>
  log.flatMap((event) => (event.type === 'message_create' && event.data.message ? [event.data.message] : []));

/** Since when the customer has been without an answer, or without the person that was asked for, in milliseconds since 1970. */
export function waitingSince(talk: Talk): number | undefined {
  if (talk.status === 'resolved') return undefined;
  if (talk.queued !== undefined) return talk.queued;
  if (!talk.loaded) return talk.last?.actor_type === 'user' ? Date.parse(talk.last.created_time) : undefined;
  let since: number | undefined;
  for (const message of messagesIn(talk.log).reverse()) {
    if (message.message_type === 'private') continue;
    if (message.actor_type !== 'user') break;
    since = Date.parse(message.created_time);
  }
  return since;
}

/** The customer's answer to a message, if there is one. */
export const answerTo = (talk: Talk, messageId: string): Message | undefined =>
  messagesIn(talk.log).find((message) => message.in_reply_to?.part && message.in_reply_to.message_id === messageId);

export const filters = ['mine', 'unassigned', 'all', 'resolved'] as const;
export type Filter = (typeof filters)[number];

/** @param isBot whether an agent's id is a bot's */
export function isIn(filter: Filter, talk: Talk, me: string, isBot: (id: string) => boolean): boolean {
  const isResolved = talk.status === 'resolved';
  switch (filter) {
    case 'mine':
      return !isResolved && talk.agentId === me;
    case 'unassigned':
      return !isResolved && (talk.agentId === undefined || isBot(talk.agentId));
    case 'all':
      return !isResolved;
    case 'resolved':
      return isResolved;
  }
}
