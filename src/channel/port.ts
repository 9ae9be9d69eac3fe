/**
 * Notifications and requests over a MessagePort, between two sides that don't trust each other.
 *
 * On the port: `{v: 1, t: type, d: data, id?}`; with an `id` it is a request, answered by `{v: 1, re: id, ok, d}` where `d` is the
 * answer, or the reason of the refusal. Ids are counted by each side for itself. What isn't of this form, has a type without a
 * handler, or fails the owner's checks never reaches a handler: it is told to `onFault`.
 *
 * This file holds what the loader can afford; `channel.ts` adds the bound on the size of a message.
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

export type PortOptions<In extends Messages> = {
  /** A handler's return value (or promise) answers a request; throwing refuses it with the error's message. */
  handlers: { [K in keyof In]?: (data: In[K]) => unknown };
  /** Checks what came; returns the clean data or throws an Error that says what was expected. */
  check?: (type: string, data: unknown) => unknown;
  /** Malformed, unknown, oversized or too frequent traffic of the other side. */
  onFault?: (fault: string) => void;
  /** Messages a second that are let in, with bursts of one second's worth. Default 200; the rest is dropped and reported once a second. */
  maxPerSecond?: number;
};

export type ChannelErrorCode = 'timeout' | 'closed' | 'refused';

export class ChannelError extends Error {
  readonly code: ChannelErrorCode;
  constructor(code: ChannelErrorCode, message: string) {
    super(message);
    this.name = 'ChannelError';
    this.code = code;
  }
}

const requestTimeoutMs = 10_000;
const messagesPerSecond = 200;

type Waiting = { resolve: (value: unknown) => void; reject: (error: ChannelError) => void; timer: unknown };
type Envelope = { v?: unknown; t?: unknown; d?: unknown; id?: unknown; re?: unknown; ok?: unknown };

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** @param refuse Says why a message is not even looked at; called after the rate was checked. */
export function openPort<In extends Messages, Out extends Messages>(
  port: MessagePort,
  { handlers, check, onFault, maxPerSecond = messagesPerSecond }: PortOptions<In>,
  refuse?: (data: unknown) => string | undefined,
): Channel<Out> {
  const waiting = new Map<unknown, Waiting>();
  let ids = 0;
  let closed = false;
  let credit = maxPerSecond;
  let creditAt = performance.now();
  let dropped = 0;
  let dropTimer: ReturnType<typeof setTimeout> | undefined;

  const fault = (what: string) => onFault?.(what);
  const post = (message: Envelope) => {
    if (!closed) port.postMessage(message);
  };

  const tooFrequent = (): boolean => {
    const now = performance.now();
    credit = Math.min(maxPerSecond, credit + ((now - creditAt) * maxPerSecond) / 1_000);
    creditAt = now;
    if (credit >= 1) {
      credit -= 1;
      return false;
    }
    dropped++;
    dropTimer ??= setTimeout(() => {
      dropTimer = undefined;
      fault(`${dropped} messages dropped: more than ${maxPerSecond} a second`);
      dropped = 0;
    }, 1_000);
    return true;
  };

  const receive = ({ data }: MessageEvent<Envelope | null>) => {
    if (closed) return;
    const answered = waiting.get(data?.re);
    // Answers that are waited for are as many as our own requests: they pass.
    if (!answered && tooFrequent()) return;
    if (data?.v !== 1) return fault('expected {v: 1, …}');
    const refusal = refuse?.(data.d);
    if (answered) {
      settle(data.re, answered);
      if (refusal) answered.reject(new ChannelError('refused', refusal));
      else if (data.ok === true) answered.resolve(data.d);
      else answered.reject(new ChannelError('refused', typeof data.d === 'string' ? data.d : 'refused'));
      return;
    }
    const { t: type, id } = data;
    if (typeof type !== 'string')
      return fault('re' in data ? 'an answer that nobody waits for' : 'a message without type');
    try {
      if (refusal) throw new Error(refusal);
      const handler = Object.hasOwn(handlers, type) && handlers[type];
      if (!handler) throw new Error('unknown type');
      const result = handler((check ? check(type, data.d) : data.d) as In[string]);
      if (id !== undefined)
        Promise.resolve(result).then(
          (value) => answer(id, value),
          (error) => deny(id, error),
        );
    } catch (error) {
      fault(`${type.slice(0, 64)}: ${wordsOf(error)}`);
      if (id !== undefined) deny(id, error);
    }
  };

  const answer = (id: unknown, value: unknown) => {
    try {
      post({ v: 1, re: id, ok: true, d: value });
    } catch (error) {
      deny(id, error); // The value can't be cloned.
    }
  };
  const deny = (id: unknown, error: unknown) => post({ v: 1, re: id, ok: false, d: wordsOf(error) });

  const settle = (id: unknown, { timer }: Waiting) => {
    clearTimeout(timer as number);
    waiting.delete(id);
  };

  const close = () => {
    if (closed) return;
    closed = true;
    clearTimeout(dropTimer);
    port.onmessage = port.onmessageerror = null;
    port.close();
    waiting.forEach((one, id) => {
      settle(id, one);
      one.reject(new ChannelError('closed', 'the channel is closed'));
    });
  };

  port.onmessage = receive;
  port.onmessageerror = () => fault('a message that cannot be read');
  // Browsers that know this event tell when the other side's document is gone.
  port.addEventListener('close', close);

  return {
    notify: (type, data) => post({ v: 1, t: type, d: data }),
    request: (type, data, { timeoutMs = requestTimeoutMs } = {}) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new ChannelError('closed', 'the channel is closed'));
        const id = ++ids;
        post({ v: 1, t: type, d: data, id });
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new ChannelError('timeout', `no answer to ${type} within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.set(id, { resolve, reject, timer });
      }),
    close,
    get closed() {
      return closed;
    },
  };
}
