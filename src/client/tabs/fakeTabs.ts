import { Failure } from '../failure';
import type { LinkOptions, LinkState } from '../socket';
import type { TabChannel, TabWorld } from './tabWorld';

type Wish = { tab: string; run: () => void; refuse: (why: Error) => void };

/** A browser with tabs that share locks and channels, for tests. A frozen tab hears nothing until it thaws; a crashed one never does. */
export function fakeBrowser() {
  const ends = new Map<string, Set<{ tab: string; channel: TabChannel }>>();
  const locks = new Map<string, { held: Wish | undefined; queue: Wish[] }>();
  const frozen = new Map<string, (() => void)[]>();
  const dead = new Set<string>();
  /** What happens to a message on its way; delivered once when absent. */
  let copies: () => number = () => 1;
  let ids = 0;

  const inTab = (tab: string, run: () => void) => {
    if (dead.has(tab)) return;
    const later = frozen.get(tab);
    if (later) later.push(run);
    else run();
  };
  const grantNext = (name: string) => {
    const lock = locks.get(name);
    if (!lock) return;
    lock.held = lock.queue.shift();
    lock.held?.run();
  };

  return {
    lose(next: () => number) {
      copies = next;
    },
    freeze: (tab: string) => void frozen.set(tab, []),
    thaw(tab: string) {
      const later = frozen.get(tab) ?? [];
      frozen.delete(tab);
      for (const run of later) inTab(tab, run);
    },
    crash(tab: string) {
      dead.add(tab);
      for (const set of ends.values()) for (const end of set) if (end.tab === tab) set.delete(end);
      for (const [name, lock] of locks) {
        lock.queue = lock.queue.filter((each) => each.tab !== tab);
        if (lock.held?.tab === tab) grantNext(name);
      }
    },
    isRunning: (tab: string) => !dead.has(tab) && !frozen.has(tab),
    /** Channels and locks that are open or asked for. */
    openCount: () =>
      [...ends.values()].reduce((sum, set) => sum + set.size, 0) +
      [...locks.values()].reduce((sum, { held, queue }) => sum + queue.length + (held ? 1 : 0), 0),
    tab(tab: string, isVisible = () => true): TabWorld {
      return {
        newId: () => `${tab}-${++ids}`,
        isVisible,
        lock: (name, { signal, steal }, hold) =>
          new Promise((resolve, reject) =>
            inTab(tab, () => {
              const lock = locks.get(name) ?? { held: undefined, queue: [] };
              locks.set(name, lock);
              const wish: Wish = {
                tab,
                refuse: (why) => inTab(tab, () => reject(why)),
                run: () =>
                  inTab(
                    tab,
                    () =>
                      void hold().then(() => {
                        if (lock.held === wish) grantNext(name);
                        resolve(undefined);
                      }),
                  ),
              };
              signal?.addEventListener('abort', () => {
                if (!lock.queue.includes(wish)) return;
                lock.queue = lock.queue.filter((each) => each !== wish);
                reject(new DOMException('given up', 'AbortError'));
              });
              if (steal) {
                const robbed = lock.held;
                lock.held = wish;
                robbed?.refuse(new DOMException('stolen', 'AbortError'));
                queueMicrotask(wish.run);
              } else {
                lock.queue.push(wish);
                if (!lock.held) queueMicrotask(() => lock.held ?? grantNext(name));
              }
            }),
          ),
        openChannel(name) {
          const set = ends.get(name) ?? new Set();
          ends.set(name, set);
          const channel: TabChannel = {
            onmessage: null,
            postMessage(message) {
              if (frozen.has(tab) || ![...set].some((end) => end.channel === channel)) return;
              const data = structuredClone(message);
              for (const end of set) {
                if (end.channel === channel) continue;
                for (let n = copies(); n > 0; n--) {
                  setTimeout(
                    () => inTab(end.tab, () => set.has(end) && end.channel.onmessage?.({ data } as MessageEvent)),
                    1,
                  );
                }
              }
            },
            close: () => {
              for (const end of set) if (end.channel === channel) set.delete(end);
            },
          };
          set.add({ tab, channel });
          return channel;
        },
      };
    },
  };
}

/** A server with one log, and sockets to it; for tests. */
export function fakeServer() {
  const log: string[] = [];
  const sockets = new Set<{ tab: string; options: LinkOptions }>();
  /** The tabs that began anew with theirs. */
  const reconnects: string[] = [];
  return {
    log,
    reconnects,
    sockets,
    isOver: false,
    say(word: string) {
      log.push(word);
      for (const { options } of sockets) options.onMessage('events', [{ seq: log.length, word }]);
    },
    endSession() {
      this.isOver = true;
      for (const { options } of sockets) options.onMessage('session_end', { reason: 'logout' });
    },
    open(tab: string, options: LinkOptions, isRunning: () => boolean) {
      let state: LinkState = 'connecting';
      const entry = { tab, options: { ...options } };
      const hear = options.onMessage;
      entry.options.onMessage = (type, data) => isRunning() && hear(type, data);
      // Tries until it gets through: a frozen tab doesn't.
      const connecting = setInterval(() => {
        if (!isRunning()) return;
        clearInterval(connecting);
        if (this.isOver) return options.onMessage('session_end', { reason: 'over' });
        sockets.add(entry);
        state = 'online';
        options.onState(state);
        const after = options.cursors().c ?? 0;
        const missed = log.slice(after).map((word, at) => ({ seq: after + at + 1, word }));
        if (missed.length > 0) options.onMessage('events', missed);
      }, 10);
      return {
        get state() {
          return state;
        },
        ask: async (type: string, data: unknown) => {
          if (state !== 'online') throw new Failure('unreachable', 'not connected');
          if (type === 'send') {
            const word = (data as { word: string }).word;
            if (!log.includes(word)) this.say(word);
            return { seq: log.indexOf(word) + 1 };
          }
          if (type === 'head') return { cursors: { c: log.length } };
          if (type === 'events') {
            const after = (data as { after: number }).after;
            return { events: log.slice(after).map((word, at) => ({ seq: after + at + 1, word })), seq: log.length };
          }
          if (type === 'refused') throw new Failure('refused', 'no', 'CONFLICT' as never, 3_000);
          return { by: tab };
        },
        pause() {},
        resume: (isDeaf?: boolean) => void (isDeaf && reconnects.push(tab)),
        close() {
          clearInterval(connecting);
          sockets.delete(entry);
          state = 'offline';
        },
      };
    },
  };
}
