import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { asFailure } from '../../client/failure';
import type { Live, LiveOptions, LiveState } from '../../client/live';
import { notConnected } from '../../client/outbox';
import type { LogPart, Range, Rest } from '../../client/rest';
import type { ClientMessages, SendAnswer, SendRequest } from '../../protocol/live';

/** What goes to the server: one live connection at a time, and HTTP where it doesn't get through. */
export type Wire = {
  state: ReadonlySignal<LiveState>;
  /** Absent while there is no session. */
  live(): Live | undefined;
  /** Takes the place of the former connection, of which nothing is heard any more. */
  open(options: LiveOptions): void;
  close(): void;
  /** Rejects when it takes longer. */
  whenOnline(timeoutMs: number): Promise<void>;
  /** Over the live connection alone; throws `Failure`. */
  ask: Live['ask'];
  /** May be lost. */
  tell<K extends keyof ClientMessages>(type: K, data: ClientMessages[K]): void;
  /** May be lost. */
  read(message: ClientMessages['read']): void;
  /** These go over HTTP too, as `read` does; throw `Failure`. */
  events(range: Range): Promise<LogPart>;
  send(request: SendRequest): Promise<SendAnswer>;
};

export function createWire(
  openLive: (options: LiveOptions) => Live,
  rest: Pick<Rest, 'events' | 'read' | 'send'>,
  token: () => string | undefined,
  isVisible: ReadonlySignal<boolean>,
): Wire {
  const state = signal<LiveState>('connecting');
  let live: Live | undefined;

  const ask: Live['ask'] = (type, data, timeoutMs) =>
    live?.ask(type, data, timeoutMs) ?? Promise.reject(notConnected());

  async function overEither<T>(overLive: () => Promise<T>, overHttp: (token: string) => Promise<T>): Promise<T> {
    // As whom is settled before anything is waited for.
    const asWhom = token();
    if (!asWhom) throw notConnected();
    const asThem = async () => {
      const answer = await overHttp(asWhom);
      // Else somebody else is here by now, whom it doesn't concern.
      if (token() === asWhom) return answer;
      throw notConnected();
    };
    if (live?.state !== 'online') return asThem();
    // The socket's tab may be stuck, and a hidden tab's timers would notice a minute later.
    const [first, second] = isVisible.peek() ? [overLive, asThem] : [asThem, overLive];
    return first().catch((error) => {
      if (asFailure(error).kind === 'refused') throw error;
      return second();
    });
  }

  return {
    state,
    live: () => live,
    open(options) {
      live?.close();
      state.value = 'connecting';
      const opened = openLive({
        ...options,
        onState(now) {
          if (live !== opened) return;
          state.value = now;
          options.onState(now);
        },
        onEvents: (events) => live === opened && options.onEvents(events),
        onSessionEnd: (reason) => live === opened && options.onSessionEnd(reason),
      });
      live = opened;
    },
    close() {
      live?.close();
      live = undefined;
      state.value = 'connecting';
    },
    whenOnline(timeoutMs) {
      return new Promise((resolve, reject) => {
        let stop = () => {};
        const timer = setTimeout(() => {
          stop();
          reject(notConnected());
        }, timeoutMs);
        stop = effect(() => {
          if (state.value !== 'online') return;
          clearTimeout(timer);
          // The effect can't undo itself before it has returned.
          queueMicrotask(() => stop());
          resolve();
        });
      });
    },
    ask,
    tell: (type, data) => void ask(type, data).catch(() => {}),
    read: (message) =>
      void overEither<unknown>(
        () => ask('read', message),
        (token) => rest.read(token, message),
      ).catch(() => {}),
    events: (range) =>
      overEither(
        () => ask('events', range),
        (token) => rest.events(token, range),
      ),
    // Should the first have arrived after all: the same client id over HTTP is the same message.
    send: (request) =>
      overEither(
        () => ask('send', request),
        (token) => rest.send(token, request),
      ),
  };
}
