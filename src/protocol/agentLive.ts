import * as v from 'valibot';
import { Id } from './parts';
import { AccountEvent } from './rest/events';

/**
 * The business's side, live: a socket (socket.io, path `/v2/socket`) for an agents' desk or any program that would rather be
 * told than ask. It only tells; what an agent does goes through `/v2`. A browser's page may connect when its origin is in
 * GUICHET_API_ORIGINS.
 */
export const agentSocketPath = '/v2/socket';

/** A place in the account's log, as `GET /v2/events` gives it; opaque. */
export const Cursor = v.pipe(v.string(), v.nonEmpty(), v.maxLength(200));

/** `auth` of the handshake. The token needs the scope `events:read`. */
export const AgentSocketAuth = v.object({
  /** An API token. */
  token: v.pipe(v.string(), v.maxLength(200)),
  /** What came after this is told first. Absent: from now on. */
  after: v.optional(Cursor),
});
export type AgentSocketAuth = v.InferOutput<typeof AgentSocketAuth>;

/** Server → client. */
export const agentMessages = {
  /**
   * Of all conversations, in the order in which they were stored, each once: first what was missed, then what is new.
   * `cursor` stands behind the last one: keep it for the next `after`.
   */
  events: v.object({ events: v.array(AccountEvent), cursor: Cursor }),
  /** A customer is typing, or no more; not in the log, may be lost; holds for 8 s. */
  typing: v.object({ conversation_id: Id, on: v.boolean() }),
  /** The client is so far behind that it had better read anew through `/v2`; what follows is after this cursor. */
  resync: v.object({ cursor: Cursor }),
  /** The token is no longer good: the socket closes. */
  end: v.object({ reason: v.string() }),
} as const;
export type AgentMessages = { [K in keyof typeof agentMessages]: v.InferOutput<(typeof agentMessages)[K]> };
