/** Web Locks for tests: exclusive, first come first served, with `signal` and `steal`. */
export function fakeLocks(): Pick<LockManager, 'request'> {
  type Request = { give: () => void; steal: () => void };
  let holder: Request | undefined;
  const queue: Request[] = [];
  const next = () => {
    holder = queue.shift();
    holder?.give();
  };

  function request(_name: string, options: LockOptions, run: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const own: Request = {
        give: () =>
          void Promise.resolve()
            .then(run)
            .then(resolve, reject)
            .finally(() => holder === own && next()),
        steal: () => reject(new DOMException('stolen', 'AbortError')),
      };
      if (options.steal) {
        holder?.steal();
        holder = own;
        own.give();
        return;
      }
      options.signal?.addEventListener('abort', () => {
        const at = queue.indexOf(own);
        if (at < 0) return;
        queue.splice(at, 1);
        reject(options.signal?.reason);
      });
      queue.push(own);
      if (!holder) next();
    });
  }
  return { request } as Pick<LockManager, 'request'>;
}
