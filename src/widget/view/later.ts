import { type ReadonlySignal, signal } from '@preact/signals';

export type Later<T> = {
  value: ReadonlySignal<T | undefined>;
  /** The last try failed; the next one is on its way. */
  hasFailed: ReadonlySignal<boolean>;
  load(): void;
};

/** A part that comes when it's needed. A download that fails (offline at the wrong moment) is tried again. */
export function later<T>(fetch: () => Promise<T>): Later<T> {
  const value = signal<T | undefined>(undefined);
  const hasFailed = signal(false);
  let isLoading = false;
  let failures = 0;
  function load(): void {
    if (isLoading) return;
    isLoading = true;
    fetch().then(
      (loaded) => {
        value.value = loaded;
      },
      () => {
        isLoading = false;
        hasFailed.value = true;
        setTimeout(load, Math.min(30_000, 1_000 * 2 ** failures++));
      },
    );
  }
  return { value, hasFailed, load };
}
