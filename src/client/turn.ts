/**
 * One tab of a browser at a time, by a Web Lock.
 *
 * - A turn is short: whoever wants another one queues again.
 * - `letGo` gives the turn up at once, whatever still runs in it: a page that is put away must hold no lock that others
 *   wait for, or it is thrown out of the back/forward cache.
 * - A holder that doesn't come back (frozen by force, stopped) is not waited for longer than `patience` after the last sign of
 *   life: its lock is stolen. So what is done in a turn must be harmless when two do it.
 * - Where there are no locks (insecure context, old browser) everybody has a turn always.
 */
export type Turn = {
  /** Resolves when the turn is over. */
  take(run: () => Promise<unknown>): Promise<unknown>;
  letGo(): void;
  /** The holder lives, and may take this many milliseconds more. */
  wait(ms: number): void;
};

/** Browsers give a number, Node an object. */
export type Timer = ReturnType<typeof setTimeout> | number | undefined;

export type TurnOptions = {
  locks: Pick<LockManager, 'request'> | undefined;
  /** Of the lock. */
  name: string;
  patience: number;
  setTimer?: (run: () => void, ms: number) => Timer;
  clearTimer?: (timer: Timer) => void;
};

export function openTurn(options: TurnOptions): Turn {
  const { locks, name, patience, setTimer = setTimeout, clearTimer = clearTimeout } = options;
  let timer: Timer;
  let abort = new AbortController();
  let letGo = () => {};
  let isWaiting = false;

  function wait(ms: number): void {
    clearTimer(timer);
    if (isWaiting) timer = setTimer(() => abort.abort('late'), ms);
  }

  return {
    wait,
    async take(run) {
      let running: Promise<unknown> | undefined;
      const isLetGo = new Promise<void>((resolve) => {
        letGo = () => {
          clearTimer(timer);
          abort.abort();
          resolve();
        };
      });
      const given = () => {
        isWaiting = false;
        clearTimer(timer);
        running = run();
        return Promise.race([running, isLetGo]);
      };
      if (!locks) return given();
      abort = new AbortController();
      const { signal } = abort;
      isWaiting = true;
      wait(patience);
      try {
        await locks.request(name, { signal }, given);
      } catch {
        if (running || (signal.aborted && signal.reason !== 'late')) return Promise.race([running, isLetGo]);
        // Too late, or refused altogether.
        if (signal.aborted) await locks.request(name, { steal: true }, given).catch(() => running);
        else await given();
      }
    },
    letGo: () => letGo(),
  };
}
