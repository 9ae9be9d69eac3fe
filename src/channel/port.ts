/**
 * Notifications and requests over a MessagePort.
 *
 * On the port: `{v: 1, t: type, d: data, id?}`; with an `id` it is a request, answered by `{v: 1, re: id, ok, d}` where `d` is the
 * answer, or the reason of the refusal. Each side counts its own ids.
 *
 * This is as much as the loader needs, which talks to nobody but our own widget and has no byte to spare; `channel.ts` adds what
 * it takes to talk to strangers.
 */
export type Messages = Record<string, unknown>;

export type Channel<Out extends Messages> = {
  notify<K extends keyof Out & string>(type: K, data: Out[K]): void;
  /** Rejects with `ChannelError`: `timeout` (10 s unless said), `closed`, or `refused` with the other side's words. */
  request<K extends keyof Out & string>(type: K, data: Out[K], options?: { timeoutMs?: number }): Promise<unknown>;
  /** Idempotent; requests that wait are rejected. */
  close(): void;
  readonly closed: boolean;
};

export type ChannelErrorCode = 'timeout' | 'closed' | 'refused';

export class ChannelError extends Error {
  declare readonly code: ChannelErrorCode;
  constructor(code: ChannelErrorCode, message: string) {
    super(message);
    (this as { code: string }).code = code;
  }
}

export type Envelope = { v?: unknown; t?: unknown; d?: unknown; id?: unknown; re?: unknown; ok?: unknown };

/**
 * @param handle Takes each message; what it returns (or resolves with) answers a request, what it throws refuses it.
 * @param admit Says of all that comes whether it is looked at; told whether it is an answer that is waited for.
 */
export function openPort<Out extends Messages>(
  port: MessagePort,
  handle: (type: never, data: never) => unknown,
  admit: (message: Envelope, awaited: boolean) => boolean = Boolean,
): Channel<Out> {
  const waiting = new Map<unknown, (ok: boolean, d: unknown, code?: ChannelErrorCode) => void>();
  let ids = 0;
  let closed = false;
  const post = (message: Envelope) => closed || port.postMessage(message);

  port.onmessage = async ({ data }: MessageEvent<Envelope>) => {
    const settle = data && waiting.get(data.re);
    if (closed || !admit(data, !!settle)) return;
    if (settle) return settle(data.ok === true, data.d);
    const answer = (ok: boolean, d: unknown) => data.id === undefined || post({ v: 1, re: data.id, ok, d });
    try {
      answer(true, await handle(data.t as never, data.d as never));
    } catch (error) {
      answer(false, (error as Error).message);
    }
  };

  return {
    notify: (t, d) => void post({ v: 1, t, d }),
    request: (t, d, { timeoutMs = 10_000 } = {}) =>
      new Promise((resolve, reject) => {
        const id = ++ids;
        const settle = (ok: boolean, d: unknown, code: ChannelErrorCode = 'refused') => {
          clearTimeout(timer);
          waiting.delete(id);
          if (ok) resolve(d);
          else reject(new ChannelError(code, typeof d === 'string' ? d : code));
        };
        const timer = setTimeout(settle, timeoutMs, false, `no answer to ${t} in ${timeoutMs} ms`, 'timeout');
        waiting.set(id, settle);
        if (closed) settle(false, 0, 'closed');
        post({ v: 1, t, d, id });
      }),
    close() {
      closed = true;
      port.onmessage = null;
      port.close();
      waiting.forEach((settle) => {
        settle(false, 0, 'closed');
      });
    },
    get closed() {
      return closed;
    },
  };
}
