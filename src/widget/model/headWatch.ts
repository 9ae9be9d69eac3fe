import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { asFailure } from '../../client/failure';
import type { Live, LiveState } from '../../client/live';
import type { Rest } from '../../client/rest';

/** How the customer's words get through: at once, at the pace of asking again and again, or not at all. */
export type Reach = LiveState | 'slow';

export type HeadWatch = {
  connection: ReadonlySignal<Reach>;
  /** Looks now whether anything was missed. `liveMs`: how long the socket has to answer, before HTTP is asked. */
  check(liveMs?: number): Promise<void>;
  /** The customer is here and does something. */
  noteActivity(): void;
  /** HTTP has just worked. */
  noteReached(): void;
  stop(): void;
};

export type HeadWatchOptions = {
  live: () => Live | undefined;
  liveState: ReadonlySignal<LiveState>;
  rest: Pick<Rest, 'head'>;
  /** Of the session, when there is one. */
  token: () => string | undefined;
  isReady: ReadonlySignal<boolean>;
  isVisible: ReadonlySignal<boolean>;
  sawHead: (cursors: Record<string, number>) => void;
  onSessionOver: (token: string) => void;
};

/**
 * Asks again and again how far the conversations have got, so that what was lost on the way is found with nothing new to
 * show the gap; and where no socket gets through, it is how messages come in.
 *
 * What is promised: 35 s in a visible tab, 70 s in a hidden one, whose timers Chromium lets run once a minute. A hidden tab asks over
 * HTTP: it may be the one that has to find out that the tab with the socket sleeps.
 */
export function createHeadWatch(options: HeadWatchOptions): HeadWatch {
  const { liveState, isVisible } = options;
  const reached = signal<boolean | undefined>(undefined);
  let activeAt = performance.now();
  /** How long the socket has to answer the question under way. */
  let asking = Number.POSITIVE_INFINITY;

  const connection = computed<Reach>(() => {
    if (liveState.value !== 'offline' || reached.value === false) return liveState.value;
    return reached.value ? 'slow' : 'connecting';
  });

  async function ask(liveMs: number): Promise<void> {
    const live = options.live();
    let isDeaf = false;
    if (live?.state === 'online' && isVisible.peek()) {
      isDeaf = true;
      const heard = live.ask('head', {}).then(
        ({ cursors }) => {
          isDeaf = false;
          options.sawHead(cursors);
        },
        () => {},
      );
      await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, liveMs))]);
      if (!isDeaf) return;
    }
    const token = options.token();
    if (!token) return;
    try {
      const { cursors } = await options.rest.head(token);
      reached.value = true;
      // The network is there, and the socket still says nothing: what it has missed mustn't be asked of it.
      if (isDeaf && live === options.live()) live?.resume(true);
      if (token === options.token()) options.sawHead(cursors);
    } catch (error) {
      const failure = asFailure(error);
      reached.value = failure.kind === 'refused';
      if (failure.isSessionOver) options.onSessionOver(token);
    }
  }
  function check(liveMs = liveWithin): Promise<void> {
    // Who wakes doesn't wait for a question that takes its time.
    if (asking <= liveMs) return Promise.resolve();
    asking = liveMs;
    return ask(liveMs).finally(() => {
      asking = Number.POSITIVE_INFINITY;
    });
  }

  function pace(visible: boolean, state: LiveState): number {
    if (!visible) return every.hidden;
    if (state === 'online') return every.online;
    return performance.now() - activeAt < activeFor ? every.withoutSocket : every.idle;
  }

  const stops = [
    effect(() => {
      const [visible, state] = [isVisible.value, liveState.value];
      if (!options.isReady.value) return;
      let timer: ReturnType<typeof setTimeout>;
      const wait = () => {
        timer = setTimeout(
          () => {
            void check();
            wait();
          },
          pace(visible, state),
        );
      };
      wait();
      return () => clearTimeout(timer);
    }),
    effect(() => {
      if (liveState.value === 'online' || !options.isReady.value) return;
      // Spread, so that a server that restarts isn't asked by everybody at once.
      const timer = setTimeout(() => void check(), liveState.value === 'offline' ? 0 : 500 + Math.random() * 2_000);
      return () => {
        clearTimeout(timer);
        if (liveState.peek() === 'online') reached.value = undefined;
      };
    }),
  ];
  return {
    connection,
    check,
    noteActivity() {
      activeAt = performance.now();
    },
    noteReached() {
      reached.value = true;
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** Milliseconds between two questions. */
const every = { online: 25_000, hidden: 30_000, withoutSocket: 4_000, idle: 15_000 };
const activeFor = 120_000;
/** A socket that looks connected and isn't mustn't hold up the answer for longer. */
const liveWithin = 5_000;
