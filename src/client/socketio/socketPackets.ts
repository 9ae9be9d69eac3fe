/**
 * The socket.io protocol (version 5) without binary packets, in the place of `socket.io-parser` in the browser's bundle: everything
 * here is JSON, and what carries files would be 2 kB that the customer waits for. A test holds it against the original.
 *
 * A packet on the wire: its type, `/namespace,` unless it's the main one, the acknowledgement's id if there is one, JSON.
 */
export const protocol = 5;
export const PacketType = {
  CONNECT: 0,
  DISCONNECT: 1,
  EVENT: 2,
  ACK: 3,
  CONNECT_ERROR: 4,
  BINARY_EVENT: 5,
  BINARY_ACK: 6,
} as const;
export type SocketPacket = { type: number; nsp: string; id?: number; data?: unknown };

export class Encoder {
  encode({ type, nsp, id, data }: SocketPacket): string[] {
    return [`${type}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${data == null ? '' : JSON.stringify(data)}`];
  }
}

/** Tells its one listener of each packet; throws at what is none, and the connection is closed over it. */
export class Decoder {
  private listener: ((packet: SocketPacket) => void) | undefined;
  on(_: 'decoded', listener: (packet: SocketPacket) => void): void {
    this.listener = listener;
  }
  off(): void {
    this.listener = undefined;
  }
  destroy(): void {}
  add(text: unknown): void {
    const [all, type, nsp = '/', id] = /^([0-4])(?:(\/[^,]*),?)?(\d+)?/.exec(String(text)) ?? [];
    if (all === undefined) throw new Error('This is no packet of socket.io.');
    const json = String(text).slice(all.length);
    const packet: SocketPacket = { type: Number(type), nsp };
    if (id) packet.id = Number(id);
    if (json) packet.data = JSON.parse(json);
    if (!isFit(packet)) throw new Error('This packet of socket.io holds what its type does not.');
    this.listener?.(packet);
  }
}

/** Names that the library emits by itself: nobody else may say them. */
const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'];

function isFit({ type, data }: SocketPacket): boolean {
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  switch (type) {
    case PacketType.CONNECT:
      return isObject || data === undefined;
    case PacketType.DISCONNECT:
      return data === undefined;
    case PacketType.CONNECT_ERROR:
      return isObject || typeof data === 'string' || data === undefined;
    case PacketType.EVENT:
      return Array.isArray(data) && typeof data[0] === 'string' && !reserved.includes(data[0]);
    default:
      return Array.isArray(data);
  }
}
