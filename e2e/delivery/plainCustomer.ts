/** A customer without the widget: says one thing after another over a socket or over HTTP, each until it is acknowledged, as fast as it is let. */
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import type { Event } from '../../src/protocol/event';
import { type Ack, type SendAnswer, type SessionAnswer, socketPath } from '../../src/protocol/live';
import { hashOf, type Keep } from './history';

/** What all speakers share: whether to go on, how many wait for an answer, how many were acknowledged. */
export type Turnstile = { goesOn: boolean; inFlight: number; acknowledged: number };

export type PlainCustomer = {
  readonly conversation: string | undefined;
  readonly session: string;
  /** What the socket was told, by `conversation seq`; empty over HTTP. */
  readonly told: ReadonlyMap<string, Event>;
  /** Resolves when it's told not to go on, and the last thing is acknowledged. */
  speak(): Promise<void>;
  leave(): void;
};

export type PlainCustomerOptions = {
  name: string;
  url: string;
  by: 'socket' | 'http';
  keep: Keep;
  turnstile: Turnstile;
  /** Milliseconds between an acknowledgement and the next message. */
  rest: () => number;
};

/** A session and, over the socket, a connection to begin with. */
export async function openPlainCustomer(options: PlainCustomerOptions): Promise<PlainCustomer> {
  const { name, url, keep, turnstile } = options;
  const opened = await post<SessionAnswer>(`${url}/widget/v1/session`, '', { site: 'ag-bank' });
  if (!opened) throw new Error('no session');
  const session = opened.token;
  const socket = options.by === 'socket' ? openSocket(url, session) : undefined;
  const attempt =
    socket?.attempt ??
    ((client_id: string, text: string) =>
      post<SendAnswer>(`${url}/widget/v1/messages`, session, { client_id, content: { text } }));
  let conversation: string | undefined;

  async function say(n: number): Promise<void> {
    const text = `${name} says ${n}`;
    const client_id = `${name}-message-${n}`;
    const hash = hashOf(text);
    keep({ what: 'invoke', hash, text });
    keep({ what: 'kept', hash, client_id });
    for (;;) {
      turnstile.inFlight += 1;
      const answer = await attempt(client_id, text).finally(() => {
        turnstile.inFlight -= 1;
      });
      if (answer) {
        turnstile.acknowledged += 1;
        conversation = answer.conversation_id;
        keep({ what: 'ok', client_id, hash, conversation, id: answer.id, seq: answer.seq });
        return;
      }
      await pause(20);
    }
  }

  return {
    get conversation() {
      return conversation;
    },
    session,
    told: socket?.told ?? new Map(),
    async speak() {
      for (let n = 0; turnstile.goesOn; n += 1) {
        await say(n);
        await pause(options.rest());
      }
    },
    leave: () => socket?.leave(),
  };
}

function openSocket(url: string, session: string) {
  const told = new Map<string, Event>();
  const cursors: Record<string, number> = {};
  const socket = io(url, {
    path: socketPath,
    transports: ['websocket'],
    auth: (give) => give({ token: session, cursors }),
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
  });
  socket.on('events', (events: Event[]) => {
    for (const event of events) {
      told.set(`${event.conversation_id} ${event.seq}`, event);
      if (event.seq === (cursors[event.conversation_id] ?? 0) + 1) cursors[event.conversation_id] = event.seq;
    }
  });
  return {
    told,
    leave: () => socket.disconnect(),
    async attempt(client_id: string, text: string) {
      const ack: Ack<SendAnswer> | undefined = await socket
        .timeout(1_500)
        .emitWithAck('send', { client_id, content: { text } })
        .catch(() => undefined);
      if (ack && !ack.ok && ack.error.code < 500) throw new Error(`${ack.error.status}: ${ack.error.message}`);
      return ack?.ok ? ack.value : undefined;
    },
  };
}

/** Nothing when the server is gone, before or in the middle of its answer. A refusal is a fault of the rig. */
async function post<T>(url: string, bearer: string, body: unknown): Promise<T | undefined> {
  let status: number;
  let text: string;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(3_000),
    });
    status = answer.status;
    text = await answer.text();
  } catch {
    return undefined;
  }
  if (status >= 500) return undefined;
  if (status !== 200) throw new Error(`${url}: ${status} ${text}`);
  return JSON.parse(text) as T;
}
