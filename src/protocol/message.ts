import * as v from 'valibot';
import { Id, MessagePart, OfferedPart, ReplyPart, Time } from './parts';

/** v2 has user, agent and system on the way out; `bot` goes in and comes out as `bot` (docs/compatibility.md). */
export const ActorType = v.picklist(['user', 'agent', 'bot', 'system']);
export type ActorType = v.InferOutput<typeof ActorType>;

/**
 * The question that a message answers, and, for an answer by option, the option as it was offered: a `quick_reply_button`, a
 * `callback`, or the carousel's card. `payload` repeats the option's own, wherever it stands; never in a customer's browser.
 */
export const InReplyTo = v.object({
  message_id: Id,
  part: v.optional(OfferedPart),
  payload: v.optional(v.string()),
});
export type InReplyTo = v.InferOutput<typeof InReplyTo>;

/** A stored message, as the API, the webhooks and the event log carry it: v2's fields, then ours. */
export const Message = v.object({
  id: Id,
  app_id: Id,
  channel_id: Id,
  conversation_id: Id,
  interaction_id: v.string(),
  user_id: Id,
  actor_type: ActorType,
  actor_id: Id,
  message_type: v.picklist(['normal', 'private', 'system']),
  message_source: v.picklist(['web', 'api', 'system']),
  created_time: Time,
  message_parts: v.array(MessagePart),
  reply_parts: v.array(ReplyPart),
  in_reply_to: v.optional(InReplyTo),
  /** Name to show for the author; absent for the customer's own messages. */
  actor_name: v.optional(v.string()),
  /** The sender's own id of the message; the same one again gives the same message. */
  client_id: v.optional(v.string()),
  /** Place in the conversation's event log. */
  seq: v.number(),
});
export type Message = v.InferOutput<typeof Message>;
