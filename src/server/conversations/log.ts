import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Event } from '../../protocol/event';
import type { Message } from '../../protocol/message';
import type { Tables } from '../store/tables';
import { isoTime, type World } from '../world';
import { withoutPayloads } from './payloads';

type EventRow = Selectable<Tables['events']>;

export function eventOf(row: EventRow): Event {
  return {
    id: row.id,
    conversation_id: row.conversation_id,
    seq: row.seq,
    type: row.type,
    time: isoTime(row.time),
    actor: { actor_type: row.actor_type, actor_id: row.actor_id },
    data: JSON.parse(row.data_json),
  } as Event;
}

/**
 * Part of a conversation's log, ascending: after a seq, or the last ones before one.
 *
 * @param range.bytes of JSON, about, after which no more is taken; one event comes in any case
 */
export async function readLog(
  world: World,
  conversationId: string,
  range: { after?: number | undefined; before?: number | undefined; limit: number; bytes?: number },
): Promise<Event[]> {
  let query = world.store.db
    .selectFrom('events')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .limit(range.limit);
  if (range.after !== undefined) {
    query = query.where('seq', '>', range.after).orderBy('seq', 'asc');
    return within(range.bytes, await query.execute()).map(eventOf);
  }
  if (range.before !== undefined) query = query.where('seq', '<', range.before);
  return within(range.bytes, await query.orderBy('seq', 'desc').execute())
    .map(eventOf)
    .reverse();
}

function within(bytes: number | undefined, rows: EventRow[]): EventRow[] {
  if (bytes === undefined) return rows;
  let left = bytes;
  const end = rows.findIndex(({ data_json }) => {
    left -= data_json.length;
    return left < 0;
  });
  return end < 0 ? rows : rows.slice(0, Math.max(1, end));
}

/** @throws GuichetError MESSAGE_NOT_FOUND */
export async function readMessage(world: World, conversationId: string, messageId: string): Promise<Message> {
  const row = await world.store.db
    .selectFrom('messages')
    .innerJoin('events', (join) =>
      join.onRef('events.conversation_id', '=', 'messages.conversation_id').onRef('events.seq', '=', 'messages.seq'),
    )
    .selectAll('events')
    .where('messages.id', '=', messageId)
    .where('messages.conversation_id', '=', conversationId)
    .executeTakeFirst();
  if (!row) throw new GuichetError('MESSAGE_NOT_FOUND', `No message of this conversation has the id ${messageId}.`);
  return (JSON.parse(row.data_json) as { message: Message }).message;
}

/**
 * The event as its customer may see it: private messages become `void`, so that `seq` stays gapless; payloads, a web view's
 * data and its raw result, which are the bot's business, are left out.
 */
export function forCustomer(event: Event): Event {
  if (event.type === 'message_create') {
    const { message } = event.data;
    if (message.message_type === 'private')
      return { ...event, type: 'void', actor: { actor_type: 'system', actor_id: 'system' }, data: {} };
    return { ...event, data: { message: withoutPayloads(message) } };
  }
  if (event.type === 'web_view_submit') {
    const { result: _, ...data } = event.data;
    return { ...event, data };
  }
  return event;
}
