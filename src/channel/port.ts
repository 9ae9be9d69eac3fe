/**
 * Notifications and requests over a MessagePort.
 *
 * On the port: `{v: 1, t: type, d: data, id?}`; with an `id` it is a request, answered by `{v: 1, re: id, ok, d}` where `d` is the
 * answer, or the words of the refusal. Each side counts its own ids.
 *
 * This is all that the page of a business needs towards the chat that it chose; `channel.ts` adds the bounds for strangers.
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
  /** Checks what came; returns the clean data or throws an Error that says what was expected. Unknown types never get here. */
  check?: (type: string, data: unknown) => unknown;
  /** Malformed, unknown, oversized or too frequent traffic of the other side; also what a handler threw. */
  onFault?: (fault: string) => void;
};

/** What comes in is looked at only as far as these let it. */
export type Bounds = {
  /** Whether one more message is let in. Answers that are waited for aren't asked for: they are no more than our own requests. */
  admit(): boolean;
  /** What is wrong with the size or the kind of this data. */
  faultOf(data: unknown): string | undefined;
  stop(): void;
};

export type ChannelErrorCode = 'timeout' | 'closed' | 'refused';

/** How a request, or a hello, ends that isn't answered. */
export class ChannelError extends Error {
  declare readonly code: ChannelErrorCode;
  constructor(code: ChannelErrorCode, message: string) {
    super(message);
    this.name = 'ChannelError';
    this.code = code;
  }
}

type Envelope = { v?: unknown; t?: unknown; d?: unknown; id?: unknown; re?: unknown; ok?: unknown };
type Settle = (ok: boolean, value: unknown, code?: ChannelErrorCode) => void;

export function openPort<In extends Messages, Out extends Messages>(
  port: MessagePort,
  { handlers, check, onFault = () => {} }: PortOptions<In>,
  bounds?: Bounds,
): Channel<Out> {
  const waiting = new Map<unknown, Settle>();
  let ids = 0;
  let closed = false;

  port.onmessage = ({ data: message }: MessageEvent<Envelope | null>) => {
    const settle = waiting.get(message?.re);
    if (!settle && bounds && !bounds.admit()) return;
    if (message?.v !== 1) return onFault('expected {v: 1, …}');
    if (settle) return take(message, settle);
    if ('re' in message) return onFault('an answer that nobody waits for');
    if (typeof message.t !== 'string') return onFault('a message without type');
    const answer = (ok: boolean, d: unknown) => {
      if (!closed && message.id !== undefined) port.postMessage({ v: 1, re: message.id, ok, d });
    };
    handle(message.t, message.d)
      .then((value) => answer(true, value))
      .catch((error) => answer(false, wordsOf(error)));
  };
  port.onmessageerror = () => onFault('a message that cannot be read');
  // Browsers that know this event tell when the other side's document is gone.
  port.addEventListener('close', close);

  function take({ ok, d, re }: Envelope, settle: Settle) {
    const fault = bounds?.faultOf(d);
    if (fault) onFault(`the answer to request ${re}: ${fault}`);
    settle(ok === true && !fault, fault ?? d);
  }

  async function handle(type: string, data: unknown) {
    try {
      const fault = bounds?.faultOf(data);
      if (fault) throw new Error(fault);
      const handler = Object.hasOwn(handlers, type) && handlers[type];
      if (!handler) throw new Error('unknown type');
      return await handler((check ? check(type, data) : data) as In[string]);
    } catch (error) {
      onFault(`${type.slice(0, 64)}: ${wordsOf(error)}`);
      throw error;
    }
  }

  function close() {
    if (closed) return;
    closed = true;
    bounds?.stop();
    port.onmessage = port.onmessageerror = null;
    port.close();
    for (const settle of waiting.values()) settle(false, 'the channel is closed', 'closed');
  }

  return {
    notify(type, data) {
      if (!closed) port.postMessage({ v: 1, t: type, d: data });
    },
    request: (type, data, { timeoutMs = 10_000 } = {}) =>
      new Promise((resolve, reject) => {
        if (closed) throw new ChannelError('closed', 'the channel is closed');
        const id = ++ids;
        port.postMessage({ v: 1, t: type, d: data, id });
        const settle: Settle = (ok, value, code = 'refused') => {
          clearTimeout(timer);
          waiting.delete(id);
          if (ok) resolve(value);
          else reject(new ChannelError(code, typeof value === 'string' ? value : code));
        };
        const late = `no answer to ${type} within ${timeoutMs} ms`;
        const timer = setTimeout(() => settle(false, late, 'timeout'), timeoutMs);
        waiting.set(id, settle);
      }),
    close,
    get closed() {
      return closed;
    },
  };
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
