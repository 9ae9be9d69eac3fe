import { io } from 'socket.io-client';
import type { LogEvent } from './wire';

export type Told = {
  /** True when what comes is not the sequel of what was told before: all has to be read anew. */
  began(): void;
  events(events: LogEvent[]): void;
  typing(conversationId: string, on: boolean): void;
  link(state: 'on' | 'off'): void;
  /** The token is good no more. */
  ended(): void;
};

/** The business's socket: keeps the cursor, and with it goes on after every break. Returns how to close it. */
export function openSocket(chat: string, token: string, told: Told): () => void {
  let cursor: string | undefined;
  const socket = io(chat, {
    path: '/v2/socket',
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    withCredentials: false,
    reconnectionDelay: 500,
    reconnectionDelayMax: 8_000,
    auth: (answer) => answer(cursor === undefined ? { token } : { token, after: cursor }),
  });
  let again: ReturnType<typeof setTimeout> | undefined;

  socket.on('events', (data: { events: LogEvent[]; cursor: string }) => {
    const isFirst = cursor === undefined;
    cursor = data.cursor;
    if (isFirst) told.began();
    if (data.events.length > 0) told.events(data.events);
  });
  socket.on('resync', (data: { cursor: string }) => {
    cursor = data.cursor;
    told.began();
  });
  socket.on('typing', (data: { conversation_id: string; on: boolean }) => told.typing(data.conversation_id, data.on));
  socket.on('end', () => told.ended());
  socket.on('connect', () => told.link('on'));
  socket.on('disconnect', (reason) => {
    told.link('off');
    // The server closed it, and the library would leave it at that.
    if (reason === 'io server disconnect') later();
  });
  socket.on('connect_error', (error) => {
    told.link('off');
    const status = (error as Error & { data?: { status?: string } }).data?.status;
    if (status === 'UNAUTHENTICATED' || status === 'FORBIDDEN') return told.ended();
    if (status === 'INVALID_VALUE') cursor = undefined;
    if (status) later();
  });
  const later = () => {
    clearTimeout(again);
    again = setTimeout(() => socket.connect(), 2_000);
  };

  return () => {
    clearTimeout(again);
    socket.off();
    socket.disconnect();
  };
}
