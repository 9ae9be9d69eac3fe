/** An agent's program: is told of everything on the business's socket, keeps its cursor over breaks, and writes through `/v2`. */
import { io } from 'socket.io-client';
import { agentSocketPath } from '../../src/protocol/agentLive';
import type { Event } from '../../src/protocol/event';
import { openApiWriter } from './apiWriter';
import { copyOf, type Keep } from './history';

export type Agent = {
  say(conversation: string, text: string, clientId: string): void;
  readonly waiting: number;
  /** Messages that it was told of. */
  readonly seen: number;
  stop(): void;
};

export type AgentOptions = { url: string; token: string; keep: Keep; isDoubling?: () => boolean };
type Page = { events: Event[]; cursor: string };

export function startAgent(options: AgentOptions): Agent {
  const writer = openApiWriter({ ...options, actor: 'agent' });
  /** From the beginning of the log. */
  let cursor: string | undefined;
  let seen = 0;
  let isStopped = false;

  function take(page: Page) {
    cursor = page.cursor;
    for (const event of page.events) {
      if (event.type !== 'message_create') continue;
      seen += 1;
      options.keep({ what: 'seen', ...copyOf(event.data.message) });
    }
  }

  const socket = io(options.url, {
    path: agentSocketPath,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    autoConnect: false,
    reconnectionDelay: 200,
    reconnectionDelayMax: 2_000,
    timeout: 4_000,
    auth: (give) => give({ token: options.token, after: cursor }),
  });
  socket.on('events', take);
  socket.on('resync', () => socket.disconnect() && void readAnew());
  socket.on('disconnect', (reason) => reason === 'io server disconnect' && later());
  socket.on('connect_error', () => {
    socket.io.opts.transports = ['polling', 'websocket'];
    if (!socket.active) later();
  });
  const later = () => setTimeout(() => !isStopped && socket.connect(), 500);

  /** All of the log through REST, then live again: at the start, and when the server says that it's too far behind. */
  async function readAnew(): Promise<void> {
    options.keep({ what: 'open' });
    cursor = undefined;
    seen = 0;
    while (!isStopped) {
      const page = await readLog(options.url, options.token, cursor).catch(() => undefined);
      if (!page) continue;
      take(page);
      if (page.events.length === 0) break;
    }
    if (!isStopped) socket.connect();
  }
  void readAnew();

  return {
    say: (conversation, text, clientId) => void writer.say(conversation, text, clientId),
    get waiting() {
      return writer.waiting;
    },
    get seen() {
      return seen;
    },
    stop() {
      isStopped = true;
      writer.stop();
      socket.off();
      socket.disconnect();
    },
  };
}

/** The next page of the account's log, in the order in which it was stored; no events when there is nothing more. */
export async function readLog(url: string, token: string, after: string | undefined): Promise<Page> {
  const query = new URLSearchParams({ limit: '200', ...(after === undefined ? {} : { after }) });
  const answer = await fetch(`${url}/v2/events?${query}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`GET /v2/events: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Page;
}
