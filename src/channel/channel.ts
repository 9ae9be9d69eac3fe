import { type Channel, type Messages, openPort, type PortOptions } from './port';
import { tooLarge } from './size';

export { type Channel, ChannelError, type ChannelErrorCode, type Messages } from './port';

export type ChannelOptions<In extends Messages> = PortOptions<In> & {
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
  { maxBytes = 65_536, maxPerSecond = 200, ...options }: ChannelOptions<In>,
): Channel<Out> {
  const rate = rateGate(maxPerSecond, (dropped) =>
    options.onFault?.(`${dropped} messages dropped: more than ${maxPerSecond} a second`),
  );
  return openPort<In, Out>(port, options, { ...rate, faultOf: (data) => tooLarge(data, maxBytes) });
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
