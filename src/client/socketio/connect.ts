import { Manager, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

/** What `io` does, without its cache of connections and its reading of URLs. */
export const connectTo = (origin: string, options: Partial<ManagerOptions & SocketOptions>): Socket =>
  new Manager(origin, options).socket('/', options);
