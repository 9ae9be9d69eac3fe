import type { ReadonlySignal } from '@preact/signals';

export interface Retries {
  /** A try failed. Whether another one comes by itself. */
  failed(): boolean;
  /** It came, or somebody asked by hand: all tries are there again. */
  reset(): void;
  stop(): void;
}

/** Milliseconds from each failure to the next try. After these nothing is tried by the clock. */
export const retryAfter: readonly number[] = [1_000, 4_000, 15_000];

/**
 * When a download that failed is tried again: a few times by the clock, each time after longer, and as soon as the network or the
 * conversation is back, which is also when one that was given up gets another chance.
 *
 * @param again starts a try; its outcome comes back by `failed` or `reset`
 */
export function retries(again: () => void, connection: ReadonlySignal<string>): Retries {
  let failures = 0;
  let isLost = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const retry = () => {
    if (!isLost) return;
    isLost = false;
    clearTimeout(timer);
    again();
  };
  window.addEventListener('online', retry);
  const unsubscribe = connection.subscribe((state) => {
    if (state === 'online') retry();
  });
  return {
    failed() {
      isLost = true;
      clearTimeout(timer);
      const after = retryAfter[failures++];
      if (after === undefined) return false;
      timer = setTimeout(retry, after);
      return true;
    },
    reset() {
      failures = 0;
      isLost = false;
      clearTimeout(timer);
    },
    stop() {
      clearTimeout(timer);
      window.removeEventListener('online', retry);
      unsubscribe();
    },
  };
}
