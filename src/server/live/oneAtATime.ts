/**
 * Carries out works in the order in which they came, each once the one before is done, and the event loop comes round in between: a
 * burst of messages by one keeps nobody else from being heard.
 */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    waiting += 1;
    const before = last;
    const isFirst = waiting === 1;
    const run = before.then(() => (isFirst ? work() : new Promise((resolve) => setImmediate(resolve)).then(work)));
    last = run
      .catch(() => {})
      .finally(() => {
        waiting -= 1;
      });
    return run;
  };
}
