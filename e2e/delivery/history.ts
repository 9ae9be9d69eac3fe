/**
 * What each side was told, in the order in which it was told: the checker's input, as JSON lines. A record is on its way to
 * the disk before what follows from it happens, so that a client that dies leaves behind all that it knew.
 *
 * `at` is in milliseconds of the rig's own clock, whatever clock the client believes in. `text` is the message's text, which
 * no two messages of a run share; `hash` is of all that has to stay as it was said.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import type { Message } from '../../src/protocol/message';

/** A message as one side has it. `key` names what was said, whoever says it and however often. */
export type Copy = { conversation: string; seq: number; id: string; client_id?: string | undefined; hash: string };

export type Told =
  /** A client begins to look: of what it sees, the first may stand anywhere in the log. */
  | { what: 'open' }
  /** About to be said: from now on it may be stored. */
  | { what: 'invoke'; hash: string; text: string }
  /** In the client's outbox: from now on it has to be stored, or refused. */
  | { what: 'kept'; hash: string; client_id: string }
  | { what: 'ok'; client_id: string; hash: string; conversation: string; id: string; seq: number }
  | { what: 'refused'; client_id: string; hash: string; code: string }
  | ({ what: 'seen' } & Copy)
  /** All that is on this client's screen when the run is over, and how much of it still waits to be sent. */
  | { what: 'screen'; messages: Copy[]; waiting: number }
  /** Nothing more is said, nothing is broken any longer, and all that was said is acknowledged or refused. */
  | { what: 'quiet' };

export type HistoryRecord = Told & { client: string; at: number };
/** `conversations`: the logs that this client is owed; absent: all of them. `isViewer` false: it sees nothing, it only writes. */
export type History = { client: string; conversations?: string[]; isViewer: boolean; records: HistoryRecord[] };

export type Keep = (told: Told) => void;

/** Writes each record before it returns. */
export function openHistory(file: string, client: string): Keep {
  return (told) => appendFileSync(file, `${JSON.stringify({ client, at: now(), ...told })}\n`);
}

/** A client that was killed may leave half a line behind, as its last. */
export function readHistory(file: string): HistoryRecord[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, at) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as HistoryRecord];
    } catch (error) {
      if (at === lines.length - 1) return [];
      throw error;
    }
  });
}

/** Milliseconds since 1970 by a clock that nobody skews. */
export const now = (): number => performance.timeOrigin + performance.now();

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** Of a stored message: its parts, as they are on the wire. A message of one text is hashed as that text. */
export function hashOfMessage(message: Pick<Message, 'message_parts'>): string {
  const [part, ...more] = message.message_parts as { text?: { content?: string } }[];
  const text = part?.text?.content;
  return more.length === 0 && text !== undefined && Object.keys(part ?? {}).length === 1
    ? hashOf(text)
    : hashOf(JSON.stringify(message.message_parts));
}

export const copyOf = (message: Message): Copy => ({
  conversation: message.conversation_id,
  seq: message.seq,
  id: message.id,
  client_id: message.client_id,
  hash: hashOfMessage(message),
});
