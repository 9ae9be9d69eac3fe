import { GuichetError } from '../../protocol/errors';
import type { Actor, Event, EventData, EventType } from '../../protocol/event';
import type { Message } from '../../protocol/message';
import { isoTime, type World } from '../world';
import { outboxOf } from './outbox';

export type EventDraft = { [T in EventType]: { type: T; actor: Actor; data: EventData[T] } }[EventType];

/** A message before it has its place: `append` gives seq and time. */
export type MessageDraft = Omit<Message, 'seq' | 'created_time'>;

/**
 * The one door to the log: gives each draft the next `seq`, stores it with the webhook deliveries that it causes, and
 * publishes all of them once the transaction is on disk. Times rise strictly within a conversation, also when the
 * clock goes back, so that a page of messages can be named by a time.
 *
 * @throws GuichetError CONVERSATION_NOT_FOUND
 */
export async function append(
  world: World,
  conversationId: string,
  drafts: (EventDraft | MessageEventDraft)[],
): Promise<Event[]> {
  const { store } = world;
  return store.transaction(async () => {
    const events: Event[] = [];
    for (const draft of drafts) events.push(await appendOne(world, conversationId, draft));
    return events;
  });
}

/** A `message_create` whose message still lacks its seq and time. */
export type MessageEventDraft = { type: 'message_create'; actor: Actor; message: MessageDraft };

async function appendOne(world: World, conversationId: string, draft: EventDraft | MessageEventDraft): Promise<Event> {
  const { store } = world;
  const now = world.now();
  const conversation = await store.db
    .updateTable('conversations')
    .set((eb) => ({
      seq: eb('seq', '+', 1),
      updated: eb
        .case()
        .when('updated', '<', now)
        .then(now)
        .else(eb('updated', '+', 1))
        .end(),
    }))
    .where('id', '=', conversationId)
    .returningAll()
    .executeTakeFirst();
  if (!conversation) throw new GuichetError('CONVERSATION_NOT_FOUND', `No conversation has the id ${conversationId}.`);
  const { seq, updated: time } = conversation;
  const data = 'message' in draft ? { message: { ...draft.message, seq, created_time: isoTime(time) } } : draft.data;
  const event = {
    id: world.newId(),
    conversation_id: conversationId,
    seq,
    type: draft.type,
    time: isoTime(time),
    actor: draft.actor,
    data,
  } as Event;
  await store.db
    .insertInto('events')
    .values({
      id: event.id,
      conversation_id: conversationId,
      seq,
      type: event.type,
      actor_type: event.actor.actor_type,
      actor_id: event.actor.actor_id,
      time,
      data_json: JSON.stringify(data),
    })
    .execute();
  const caused = await outboxOf(world, event, conversation);
  store.afterCommit(() => {
    world.hub.publish({ type: 'event', userId: conversation.user_id, event });
    if (caused > 0) world.hub.publish({ type: 'deliveries' });
  });
  return event;
}
