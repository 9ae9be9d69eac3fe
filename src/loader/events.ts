import type { PageEvents } from '../protocol/frame';

type Listener = (data: unknown) => void;

let listeners: [unknown, Listener][] = [];

/** Tells the page's listeners, each by itself: what one of them throws is the page's own and stops nobody. */
export function emit<K extends keyof PageEvents>(name: K, data: PageEvents[K]): void {
  for (const [of, fn] of listeners) if (of === name) Promise.resolve(data).then(fn);
}

export function on(name: unknown, fn: Listener): void {
  listeners = [...listeners, [name, fn]];
}

/** Without `fn` all of that name, without a name all. */
export function off(name?: unknown, fn?: unknown): void {
  listeners = listeners.filter((one) => name && (one[0] !== name || (fn && one[1] !== fn)));
}
