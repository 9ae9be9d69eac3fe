import type { ErrorCode } from '../../protocol/errors';
import { Failure } from '../failure';
import { attempt, count, flag, maybe, number, object, oneOf, record, type Shape, text } from '../shape';

/**
 * What tabs of one customer say to each other about the socket that they share. The version is part of the channel's and
 * the lock's name, so that tabs that run different versions after a deploy don't hear each other: each group has a socket.
 * Another form of these messages is another version.
 */
export const relayVersion = 1;

const failure = object<{
  kind: Failure['kind'];
  code: string;
  message: string;
  after?: number | undefined;
  details?: unknown;
}>({
  kind: oneOf('unreachable', 'timeout', 'refused', 'garbled'),
  code: text,
  message: text,
  after: maybe(number),
  details: (input) => input,
});
const any: Shape<unknown> = (input) => input;

const shapes = {
  /** Who holds the socket? To be answered by `hold`. */
  who: object<{ from: string; visible: boolean }>({ from: text, visible: flag }),
  /** I do. A later holder has a higher `term`: who comes back from a sleep and still believes in its own hears that it's over. */
  hold: object<{ from: string; term: number; state: 'connecting' | 'online' | 'offline' }>({
    from: text,
    term: count,
    state: oneOf('connecting', 'online', 'offline'),
  }),
  /** I don't any more. */
  gone: object<{ from: string }>({ from: text }),
  /** The server's words, as they came. */
  said: object<{ from: string; type: 'events' | 'typing' | 'web_view_taken' | 'session_end'; data: unknown }>({
    from: text,
    type: oneOf('events', 'typing', 'web_view_taken', 'session_end'),
    data: any,
  }),
  ask: object<{ from: string; to: string; id: number; type: string; data: unknown; ms: number }>({
    from: text,
    to: text,
    id: count,
    type: text,
    data: any,
    ms: number,
  }),
  /** The question has arrived and is on its way. */
  heard: object<{ to: string; id: number }>({ to: text, id: count }),
  answer: object<{ to: string; id: number; value?: unknown; failure?: ReturnType<typeof failure> | undefined }>({
    to: text,
    id: count,
    value: any,
    failure: maybe(failure),
  }),
};
type Fields = { [K in keyof typeof shapes]: ReturnType<(typeof shapes)[K]> };
export type RelayMessage = { [K in keyof Fields]: { is: K } & Fields[K] }[keyof Fields];

/** A channel is open to every document of this origin: what isn't one of these messages is nothing. */
export function readRelay(input: unknown): RelayMessage | undefined {
  const is = attempt(record, input)?.is;
  if (typeof is !== 'string' || !Object.hasOwn(shapes, is)) return undefined;
  const fields = attempt(shapes[is as keyof typeof shapes] as Shape<object>, input);
  return fields && ({ is, ...fields } as RelayMessage);
}

/** A failure crosses the channel as plain fields. */
export const failureAsFields = ({ kind, code, message, retryAfter, details }: Failure) => ({
  kind,
  code,
  message,
  after: retryAfter,
  details,
});
export function failureFromFields(fields: ReturnType<typeof failure>): Failure {
  const { kind, code, message, after, details } = fields;
  const made = new Failure(kind, message, kind === 'refused' ? (code as ErrorCode) : undefined, after);
  if (Array.isArray(details)) made.details = details;
  return made;
}
