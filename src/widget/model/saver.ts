/**
 * Saves the first time at once, then at most once a second and only the newest: an honest page saves with each key, and
 * what it saves counts among what its customer may send in a minute.
 */
export type Saver = {
  /** Resolves once this state, or a newer one, is saved. */
  save(state: unknown): Promise<void>;
  /** Saves now what waits. */
  flush(): void;
};

type Waiting = { state: unknown; saved: Promise<void>; resolve: () => void; reject: (error: unknown) => void };

export function createSaver(send: (state: unknown) => Promise<unknown>, pause = 1_000): Saver {
  let waiting: Waiting | undefined;
  let isResting = false;

  async function saveNow(state: unknown): Promise<void> {
    isResting = true;
    setTimeout(() => {
      isResting = false;
      flush();
    }, pause);
    await send(state);
  }
  /** Sends in this very moment: the connection may be let go right after. */
  function flush(): void {
    const next = waiting;
    waiting = undefined;
    if (next) saveNow(next.state).then(next.resolve, next.reject);
  }

  return {
    flush,
    save(state) {
      if (!isResting) return saveNow(state);
      if (waiting) waiting.state = state;
      else {
        const next = { state } as Waiting;
        next.saved = new Promise((resolve, reject) => Object.assign(next, { resolve, reject }));
        waiting = next;
      }
      return waiting.saved;
    },
  };
}
