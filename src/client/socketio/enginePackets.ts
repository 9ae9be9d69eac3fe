/**
 * The engine.io protocol (version 4) without binary packets, in the place of `engine.io-parser` in the browser's bundle.
 * A packet on the wire is the digit of its type and its text; a polled answer holds several of them.
 */
export const protocol = 4;
export type EnginePacket = { type: string; data?: string };

const types = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];
const separator = '\x1e';

export function encodePacket({ type, data }: EnginePacket, _: boolean, give: (encoded: string) => void): void {
  give(`${types.indexOf(type)}${data ?? ''}`);
}

export function decodePacket(encoded: unknown): EnginePacket {
  const type = typeof encoded === 'string' ? types['0123456'.indexOf(encoded.charAt(0) || '-')] : undefined;
  if (!type) return { type: 'error', data: 'parser error' };
  const data = (encoded as string).slice(1);
  return data ? { type, data } : { type };
}

export function encodePayload(packets: readonly EnginePacket[], give: (encoded: string) => void): void {
  const encoded: string[] = [];
  for (const packet of packets) encodePacket(packet, false, (one) => encoded.push(one));
  give(encoded.join(separator));
}

export function decodePayload(payload: string): EnginePacket[] {
  const packets = payload.split(separator).map(decodePacket);
  const broken = packets.findIndex(({ type }) => type === 'error');
  return broken < 0 ? packets : packets.slice(0, broken + 1);
}
