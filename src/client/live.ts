import type { Socket } from 'socket.io-client';
import type { Ack, ClientAnswers, ClientMessages, socketPath as Path, ServerMessages } from '../protocol/live';
import { type LogEvent, readEvents } from './events';
import { Failure, failureOf } from './failure';
import { readLogPart } from './rest';
import { attempt, flag, maybe, object, type Shape, text } from './shape';

export type LiveState = 'connecting' | 'online' | 'offline';
type Answers = Omit<ClientAnswers, 'events'> & { events: ReturnType<typeof readLogPart> };

/**
 * The socket. Live events are a shortcut and nothing is owed to them: whoever listens folds by `seq` and asks for what is
 * missing. Every reconnect sends today's cursors and gets what was missed.
 */
export type Live = {
  readonly state: LiveState;
  /** Asks once, without buffering; throws `Failure`. What has to arrive is retried by who sends it. */
  ask<K extends keyof ClientMessages>(type: K, data: ClientMessages[K], timeoutMs?: number): Promise<Answers[K]>;
  /** Lets go of the connection (bfcache), until `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
};

export type LiveOptions = {
  token: () => string;
  cursors: () => Record<string, number>;
  onState: (state: LiveState) => void;
  onEvents: (events: LogEvent[]) => void;
  onTyping: (typing: { conversation_id: string; name?: string | undefined; on: boolean }) => void;
  onTaken: (taken: { web_view_id: string; owner: string }) => void;
  onSessionEnd: (reason: string) => void;
  /** Where the server is; the document's own origin when absent. */
  url?: string;
};

/** Of its type, so that it can't differ from the contract's; its module would bring the schemas along. */
const socketPath: typeof Path = '/widget/v1/socket';
/** Connecting for longer than this is being offline; a short break isn't worth a word. */
const patience = 4_000;

export function openLive(options: LiveOptions): Live {
  let socket: Socket | undefined;
  let state: LiveState = 'connecting';
  let isClosed = false;
  let isPaused = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let impatience: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;

  function become(next: LiveState): void {
    clearTimeout(impatience);
    if (next === 'connecting') impatience = setTimeout(become, patience, 'offline');
    if (state === next) return;
    state = next;
    options.onState(next);
  }
  const broken = () => {
    if (!navigator.onLine) become('offline');
    else if (state === 'online') become('connecting');
  };
  function later(run: () => void): void {
    clearTimeout(again);
    again = setTimeout(run, Math.min(30_000, 1_000 * 2 ** tries++) * (0.5 + Math.random() / 2));
  }

  async function start(): Promise<void> {
    let connectTo: typeof import('./socketio/connect').connectTo;
    try {
      ({ connectTo } = await import('./socketio/connect'));
    } catch {
      // The chunk didn't come: offline at the wrong moment.
      broken();
      if (!isClosed) later(() => void start());
      return;
    }
    if (isClosed || socket) return;
    const made = connectTo(options.url ?? location.origin, {
      path: socketPath,
      transports: ['websocket', 'polling'],
      // Without it a network that blocks WebSocket is never got through by polling.
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 10_000,
      timeout: 6_000,
      autoConnect: false,
      auth: (give) => give({ token: options.token(), cursors: options.cursors() }),
    });
    socket = made;
    made.on('connect', () => {
      tries = 0;
      become('online');
    });
    made.on('disconnect', (reason) => {
      if (isClosed || isPaused) return;
      broken();
      // The server put us off, so socket.io doesn't come back by itself.
      if (reason === 'io server disconnect') later(() => made.connect());
    });
    made.on('connect_error', (error: Error & { data?: unknown }) => {
      if (isClosed || isPaused) return;
      const failure = error.data === undefined ? undefined : failureOf(error.data);
      if (failure?.isSessionOver) return options.onSessionEnd(failure.message);
      // A network that swallows WebSockets gives no error to fall back on: from now on polling leads, and is upgraded if it can.
      made.io.opts.transports = ['polling', 'websocket'];
      broken();
      if (!made.active) later(() => made.connect());
    });
    made.on('events', (data: unknown) => options.onEvents(readEvents(data)));
    const hear = <T>(type: keyof ServerMessages, shape: Shape<T>, handle: (message: T) => void) =>
      made.on(type, (data: unknown) => {
        const message = attempt(shape, data);
        if (message) handle(message);
      });
    hear('typing', readTyping, options.onTyping);
    hear('web_view_taken', readTaken, options.onTaken);
    hear('session_end', readEnd, ({ reason }) => options.onSessionEnd(reason));
    if (!isPaused) made.connect();
  }

  become('connecting');
  void start();

  return {
    get state() {
      return state;
    },
    async ask(type, data, timeoutMs = 10_000) {
      if (!socket?.connected) throw new Failure('unreachable', 'The socket is not connected.');
      let ack: Ack<unknown>;
      try {
        ack = await socket.timeout(timeoutMs).emitWithAck(type, data);
      } catch {
        throw new Failure('timeout', `No acknowledgement of ${type} within ${timeoutMs} ms.`);
      }
      if (ack?.ok) return (type === 'events' ? readLogPart(ack.value) : ack.value) as never;
      throw failureOf(ack?.error);
    },
    pause() {
      isPaused = true;
      clearTimeout(again);
      clearTimeout(impatience);
      socket?.disconnect();
    },
    resume() {
      if (!isPaused) return;
      isPaused = false;
      become('connecting');
      socket?.connect();
    },
    close() {
      isClosed = true;
      clearTimeout(again);
      clearTimeout(impatience);
      socket?.disconnect();
      socket?.removeAllListeners();
    },
  };
}

const readTyping = object<ServerMessages['typing']>({ conversation_id: text, name: maybe(text), on: flag });
const readTaken = object<ServerMessages['web_view_taken']>({ web_view_id: text, owner: text });
const readEnd = object<ServerMessages['session_end']>({ reason: text });
