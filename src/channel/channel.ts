import { type Channel, type Messages, openPort, type PortOptions } from './port';
import { tooLarge } from './size';

export { type Channel, ChannelError, type ChannelErrorCode, type Messages } from './port';

export type ChannelOptions<In extends Messages> = PortOptions<In> & {
  /** Bytes of JSON of one message that comes in. Default 65536. */
  maxBytes?: number;
};

/**
 * One end of a channel, with every bound on what comes in.
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
  { maxBytes = 65_536, ...options }: ChannelOptions<In>,
): Channel<Out> {
  return openPort<In, Out>(port, options, (data) => tooLarge(data, maxBytes));
}
