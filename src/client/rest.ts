import type {
  ClientMessages,
  ConversationHead,
  Customer,
  SendAnswer,
  SendRequest,
  SessionAnswer,
  SessionRequest,
} from '../protocol/live';
import { type LogEvent, readEvents } from './events';
import { asFailure, Failure, failureOf } from './failure';
import { count, flag, list, maybe, object, oneOf, record, type Shape, text } from './shape';
import { readSite } from './site';

export type Session = Omit<SessionAnswer, 'events'> & { events: LogEvent[] };
/** Part of a conversation's log: after a seq, or the last ones before one. */
export type Range = { conversation_id: string; after?: number; before?: number; limit?: number; snapshot?: true };
/** With a `head` it is a snapshot: the newest page, from which the conversation begins anew. */
export type LogPart = { events: LogEvent[]; seq: number; head?: ConversationHead | undefined };

export type Rest = {
  session(request: SessionRequest): Promise<Session>;
  send(token: string, request: SendRequest): Promise<SendAnswer>;
  read(token: string, message: ClientMessages['read']): Promise<unknown>;
  events(token: string, range: Range): Promise<LogPart>;
  /** How far the conversations have got, those that this browser doesn't know included. */
  head(token: string): Promise<{ cursors: Record<string, number> }>;
  logout(token: string): Promise<void>;
};

const readHead = object<ConversationHead>({
  id: text,
  status: oneOf('new', 'assigned', 'resolved', 'reopened'),
  seq: count,
  customer_read: count,
  business_read: count,
  updated_time: text,
});
const readSession = object<Session>({
  token: text,
  customer: object<Customer>({ id: text, vouched: flag, first_name: maybe(text) }),
  conversations: list(readHead),
  events: readEvents,
  site: readSite,
  time: text,
});
const readSent = object<SendAnswer>({ id: text, conversation_id: text, seq: count, created_time: text });
export const readLogPart = object<LogPart>({ events: readEvents, seq: count, head: maybe(readHead) });

const readCursors = object<{ cursors: Record<string, number> }>({
  cursors: (input) => {
    const cursors = record(input);
    for (const seq of Object.values(cursors)) count(seq);
    return cursors as Record<string, number>;
  },
});

/** Milliseconds until an answer is given up. */
const patience = 15_000;
/** The same of a question that is asked again soon. */
const shortPatience = 6_000;

/** `/widget/v1` over HTTP. Every method throws `Failure` and nothing else. */
export function openRest(base: string, fetch: typeof globalThis.fetch): Rest {
  async function ask(path: string, options: RequestInit & { token?: string; within?: number }): Promise<unknown> {
    const { token, within = patience, ...init } = options;
    let response: Response;
    let body: unknown;
    try {
      response = await fetch(`${base}${path}`, {
        ...init,
        signal: AbortSignal.timeout(within),
        headers: {
          ...(init.body ? { 'Content-Type': 'application/json' } : {}),
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
        },
      });
      const text = await response.text();
      body = text ? parseJson(text) : undefined;
    } catch (error) {
      if (error instanceof DOMException && error.name === 'TimeoutError') {
        throw new Failure('timeout', `No answer from ${path} within ${within} ms.`);
      }
      throw asFailure(error);
    }
    if (response.ok) return body;
    throw failureOf(body, response.status, response.headers.get('Retry-After'));
  }

  return {
    async session(request) {
      const body = JSON.stringify(request);
      return answer(readSession, await ask('/session', { method: 'POST', body }));
    },
    async send(token, request) {
      const body = JSON.stringify(request);
      return answer(readSent, await ask('/messages', { method: 'POST', body, token }));
    },
    read: (token, message) => ask('/read', { method: 'POST', body: JSON.stringify(message), token }),
    async events(token, range) {
      const query = new URLSearchParams(Object.entries(range).map(([key, value]) => [key, String(value)]));
      return answer(readLogPart, await ask(`/events?${query}`, { token }));
    },
    async head(token) {
      return answer(readCursors, await ask('/head', { token, within: shortPatience }));
    },
    async logout(token) {
      await ask('/logout', { method: 'POST', token, keepalive: true });
    },
  };
}

/** What a proxy or a captive portal answers is no reason to die of. */
function answer<T>(shape: Shape<T>, input: unknown): T {
  try {
    return shape(input);
  } catch (error) {
    throw new Failure('garbled', `The answer is not what was expected: ${error}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
