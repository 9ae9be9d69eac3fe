import { type Channel, type Envelope, type Messages, openPort } from './port';
import { tooLarge } from './size';

export { type Channel, ChannelError, type ChannelErrorCode, type Messages } from './port';

export type ChannelOptions<In extends Messages> = {
  /** A handler's return value (or promise) answers a request; throwing refuses it with the error's message. */
  handlers: { [K in keyof In]?: (data: In[K]) => unknown };
  /** Checks what came; returns the clean data or throws an Error that says what was expected. Unknown types never get here. */
  check?: (type: string, data: unknown) => unknown;
  /** Malformed, unknown, oversized or too frequent traffic of the other side; also what a handler threw. */
  onFault?: (fault: string) => void;
  /** Bytes of JSON of one message that comes in. Default 65536. */
  maxBytes?: number;
  /** Messages a second that are let in, with bursts of one second's worth. Default 200; the rest is dropped and reported once a second. */
  maxPerSecond?: number;
};

/**
 * One end of a channel to a side that isn't trusted: what is malformed, of an unknown type, too large or too much is told to
 * `onFault` and reaches no handler.
 *
 * @example
 * const channel = openChannel<ToPage, FromPage>(port, {
 *   handlers: { closing: async () => ({ state: await save() }) },
 *   onFault: (fault) => console.error(fault),
 * });
 * const { size } = await channel.request('request_size', { size: 'tall' });
 */
export function openChannel<In extends Messages, Out extends Messages>(
  port: MessagePort,
  { handlers, check, onFault = () => {}, maxBytes = 65_536, maxPerSecond = 200 }: ChannelOptions<In>,
): Channel<Out> {
  const rate = rateGate(maxPerSecond, (dropped) =>
    onFault(`${dropped} messages dropped: more than ${maxPerSecond} a second`),
  );

  const admit = (message: Envelope, awaited: boolean): boolean => {
    // Answers that are waited for are no more than our own requests: they pass.
    if (!awaited && !rate.admit()) return false;
    const fault =
      message?.v !== 1
        ? 'expected {v: 1, …}'
        : awaited
          ? undefined
          : 're' in message
            ? 'an answer that nobody waits for'
            : typeof message.t !== 'string'
              ? 'a message without type'
              : undefined;
    if (fault) onFault(fault);
    else if (awaited) refuseLargeAnswer(message);
    return !fault;
  };

  const refuseLargeAnswer = (message: Envelope) => {
    const fault = tooLarge(message.d, maxBytes);
    if (!fault) return;
    onFault(`an answer: ${fault}`);
    message.ok = false;
    message.d = fault;
  };

  const handle = async (type: string, data: unknown) => {
    try {
      const fault = tooLarge(data, maxBytes);
      if (fault) throw new Error(fault);
      const handler = Object.hasOwn(handlers, type) && handlers[type];
      if (!handler) throw new Error('unknown type');
      return await handler((check ? check(type, data) : data) as In[string]);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      onFault(`${type.slice(0, 64)}: ${words}`);
      throw new Error(words);
    }
  };

  const channel = openPort<Out>(port, handle, admit);
  const close = () => {
    rate.stop();
    port.onmessageerror = null;
    channel.close();
  };
  port.onmessageerror = () => onFault('a message that cannot be read');
  // Browsers that know this event tell when the other side's document is gone.
  port.addEventListener('close', close);

  return {
    notify: channel.notify,
    request: channel.request,
    close,
    get closed() {
      return channel.closed;
    },
  };
}

/** Lets in `perSecond`, with bursts of one second's worth; tells once a second how many it dropped. */
function rateGate(perSecond: number, tell: (dropped: number) => void) {
  let credit = perSecond;
  let at = performance.now();
  let dropped = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    admit(): boolean {
      const now = performance.now();
      credit = Math.min(perSecond, credit + ((now - at) * perSecond) / 1_000);
      at = now;
      if (credit >= 1) {
        credit--;
        return true;
      }
      dropped++;
      timer ??= setTimeout(() => {
        timer = undefined;
        tell(dropped);
        dropped = 0;
      }, 1_000);
      return false;
    },
    stop: () => clearTimeout(timer),
  };
}
