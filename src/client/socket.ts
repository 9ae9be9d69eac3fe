import type { Socket } from 'socket.io-client';
import type { Ack, socketPath as Path, ServerMessages } from '../protocol/live';
import { Failure, failureOf } from './failure';

export type LinkState = 'connecting' | 'online' | 'offline';

/** What a live connection goes over; it reads nothing of what it carries. */
export type Link = {
  readonly state: LinkState;
  /** Asks once, without buffering, in this very moment when it can; throws `Failure`. */
  ask(type: string, data: unknown, timeoutMs: number): Promise<unknown>;
  /** Lets go of everything that the browser holds for it (bfcache, freezing), until `resume`. */
  pause(): void;
  /** `isDeaf`: it looks connected, and doesn't answer. */
  resume(isDeaf?: boolean): void;
  close(): void;
};
export type LinkOptions = {
  name: string;
  token: () => string;
  cursors: () => Record<string, number>;
  onState: (state: LinkState) => void;
  /** A message of the server's; a refused session comes as `session_end`. */
  onMessage: (type: keyof ServerMessages, data: unknown) => void;
  url?: string | undefined;
};

/** Of its type, so that it can't differ from the contract's; its module would bring the schemas along. */
const socketPath: typeof Path = '/widget/v1/socket';
/** Connecting for longer than this is being offline; a short break isn't worth a word. */
const patience = 4_000;
const messages = ['events', 'typing', 'web_view_taken', 'session_end'] as const satisfies (keyof ServerMessages)[];

/** A socket of this tab's own. Every reconnect sends today's cursors and gets what was missed. */
export function openSocket(options: LinkOptions): Link {
  let socket: Socket | undefined;
  let state: LinkState = 'connecting';
  let isClosed = false;
  let isPaused = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let impatience: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;

  function become(next: LinkState): void {
    clearTimeout(impatience);
    if (next === 'connecting') impatience = setTimeout(become, patience, 'offline');
    if (state === next) return;
    state = next;
    options.onState(next);
  }
  const broken = () => {
    if (globalThis.navigator?.onLine === false) become('offline');
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
      transports: ['websocket'],
      // Without it a network that swallows polling would keep WebSocket out once both are tried.
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
      if (failure?.isSessionOver) return options.onMessage('session_end', { reason: failure.message });
      // From now on polling leads, and is upgraded if it can: a network that swallows WebSockets would give no error to fall back on.
      import('./socketio/polling').then(
        () => {
          made.io.opts.transports = ['polling', 'websocket'];
        },
        () => {},
      );
      broken();
      if (!made.active) later(() => made.connect());
    });
    for (const type of messages) made.on(type, (data: unknown) => options.onMessage(type, data));
    if (!isPaused) made.connect();
  }

  become('connecting');
  void start();

  return {
    get state() {
      return state;
    },
    async ask(type, data, timeoutMs) {
      if (!socket?.connected) throw new Failure('unreachable', 'The socket is not connected.');
      let ack: Ack<unknown>;
      try {
        ack = await socket.timeout(timeoutMs).emitWithAck(type, data);
      } catch {
        throw new Failure('timeout', `No acknowledgement of ${type} within ${timeoutMs} ms.`);
      }
      if (ack?.ok) return ack.value;
      throw failureOf(ack?.error);
    },
    pause() {
      isPaused = true;
      clearTimeout(again);
      clearTimeout(impatience);
      socket?.disconnect();
    },
    resume(isDeaf) {
      // The wait for the next try may be long by now, and a sleeping machine's timers are anybody's guess.
      const isLate = state === 'offline' && globalThis.navigator?.onLine !== false;
      if (!isPaused && (isDeaf || isLate)) socket?.disconnect();
      else if (!isPaused) return;
      isPaused = false;
      become('connecting');
      if (socket) socket.connect();
      else void start();
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
