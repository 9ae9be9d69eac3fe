/** A client of peers/bareChat.mjs: shows its history when it is opened, then what it is told, and sends with an acknowledgement. */
import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { type Copy, hashOf, type Keep } from './history';

export type BareStored = { room: string; seq: number; id: string; client_id: string; text: string; by: string };
export const bareCopyOf = ({ room, seq, id, client_id, text }: BareStored): Copy => ({
  conversation: room,
  seq,
  id,
  client_id,
  hash: hashOf(text),
});

export type BareClient = {
  say(room: string, text: string): void;
  /** Unacknowledged. */
  readonly waiting: number;
  readonly shown: readonly BareStored[];
  leave(): void;
};

export type BareClientOptions = {
  url: string;
  name: string;
  rooms: readonly string[];
  /** socket.io's own retries. */
  retries: boolean;
  keep: Keep;
  onMessage?: (message: BareStored) => void;
};

export function openBareClient(options: BareClientOptions): BareClient {
  const { keep } = options;
  const shown: BareStored[] = [];
  let waiting = 0;
  let hasHistory = false;
  const socket = io(options.url, {
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    forceNew: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    auth: { rooms: options.rooms },
    ...(options.retries ? { retries: 10, ackTimeout: 4_000 } : {}),
  });
  function show(message: BareStored) {
    shown.push(message);
    keep({ what: 'seen', ...bareCopyOf(message) });
    options.onMessage?.(message);
  }
  keep({ what: 'open' });
  socket.on('connect', () => {
    if (hasHistory) return;
    hasHistory = true;
    for (const room of options.rooms)
      socket.emit('history', room, (...answer: unknown[]) => {
        for (const message of historyIn(answer)) if (!shown.some(({ id }) => id === message.id)) show(message);
      });
  });
  socket.on('message', show);

  return {
    say(room, text) {
      const client_id = randomUUID();
      const hash = hashOf(text);
      keep({ what: 'invoke', hash, text: text.slice(0, 80) });
      keep({ what: 'kept', hash, client_id });
      waiting += 1;
      const heard = ({ id, seq }: BareStored) => {
        waiting -= 1;
        keep({ what: 'ok', hash, client_id, conversation: room, id, seq });
      };
      socket.emit('send', { room, client_id, text, by: options.name }, (...answer: unknown[]) => {
        const stored = answer.at(-1) as Partial<BareStored> | undefined;
        if (stored?.id) heard(stored as BareStored);
      });
    },
    get waiting() {
      return waiting;
    },
    shown,
    leave: () => socket.disconnect(),
  };
}

/** With retries an acknowledgement comes behind an error, or is one. */
const historyIn = (answer: unknown[]): BareStored[] => {
  const last = answer.at(-1);
  return Array.isArray(last) ? last : [];
};
