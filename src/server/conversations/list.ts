import { type SelectQueryBuilder, sql } from 'kysely';
import type { BusinessStatus } from '../../protocol/event';
import type { Message } from '../../protocol/message';
import type { Tables } from '../store/tables';
import type { World } from '../world';
import type { ConversationRow } from './messages';

export type ConversationFilter = {
  status?: BusinessStatus[] | undefined;
  /** `none`: nobody's. */
  assigned_agent_id?: string | undefined;
  assigned_group_id?: string | undefined;
  user_id?: string | undefined;
  channel_id?: string | undefined;
  /** Milliseconds since 1970. */
  updated_from?: number | undefined;
};

/** Conversations of the whole account, the one in which something happened last first. */
export async function listConversations(
  world: World,
  filter: ConversationFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: ConversationRow[]; total: number }> {
  const select = () => filtered(world.store.db.selectFrom('conversations'), filter);
  const { total } = await select().select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
  const rows = await select()
    .selectAll()
    .orderBy('updated', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return { rows, total };
}

/** A user's conversations, the newest first. */
export async function listOfUser(
  world: World,
  userId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: { id: string }[]; total: number }> {
  const select = () => world.store.db.selectFrom('conversations').where('user_id', '=', userId);
  const { total } = await select().select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
  const rows = await select()
    .select('id')
    .orderBy('created', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return { rows, total };
}

function filtered(select: SelectQueryBuilder<Tables, 'conversations', object>, filter: ConversationFilter) {
  const { status, assigned_agent_id: agent, assigned_group_id: group, updated_from: from } = filter;
  let query = select;
  if (status) query = query.where('status', 'in', status);
  if (agent !== undefined)
    query = agent === 'none' ? query.where('agent_id', 'is', null) : query.where('agent_id', '=', agent);
  if (group !== undefined)
    query = group === 'none' ? query.where('group_id', 'is', null) : query.where('group_id', '=', group);
  if (filter.user_id !== undefined) query = query.where('user_id', '=', filter.user_id);
  if (filter.channel_id !== undefined) query = query.where('channel_id', '=', filter.channel_id);
  if (from !== undefined) query = query.where('updated', '>=', from);
  return query;
}

/** How many messages by the customer the business has not read, by conversation; those without any are left out. */
export async function unreadOf(world: World, ids: string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await world.store.db
    .selectFrom('messages')
    .innerJoin('conversations', 'conversations.id', 'messages.conversation_id')
    .select(['messages.conversation_id as id', sql<number>`count(*)`.as('unread')])
    .where('messages.conversation_id', 'in', ids)
    .where('messages.author', '=', 'user')
    .whereRef('messages.seq', '>', 'conversations.business_read')
    .groupBy('messages.conversation_id')
    .execute();
  return new Map(rows.map(({ id, unread }) => [id, Number(unread)]));
}

/** The newest message of each conversation, private ones included. */
export async function lastMessagesOf(world: World, ids: string[]): Promise<Map<string, Message>> {
  if (ids.length === 0) return new Map();
  const { db } = world.store;
  const newest = db
    .selectFrom('messages')
    .select(({ fn }) => ['conversation_id', fn.max('seq').as('seq')])
    .where('conversation_id', 'in', ids)
    .groupBy('conversation_id')
    .as('newest');
  const rows = await db
    .selectFrom(newest)
    .innerJoin('events', (join) =>
      join.onRef('events.conversation_id', '=', 'newest.conversation_id').onRef('events.seq', '=', 'newest.seq'),
    )
    .select(['events.conversation_id as id', 'events.data_json'])
    .execute();
  return new Map(rows.map(({ id, data_json }) => [id, (JSON.parse(data_json) as { message: Message }).message]));
}

/** How many conversations are looked at for the properties that they have. */
const looked = 5_000;

/** Properties in use: those of the conversations that were changed last, with the type of their values. */
export async function fieldsOf(world: World) {
  const rows = await world.store.db
    .selectFrom('conversations')
    .select('properties_json')
    .orderBy('updated', 'desc')
    .limit(looked)
    .execute();
  const types = new Map<string, Set<string>>();
  for (const { properties_json } of rows) {
    for (const [name, value] of Object.entries(JSON.parse(properties_json))) {
      const seen = types.get(name) ?? new Set();
      if (value !== null) seen.add(typeof value);
      types.set(name, seen);
    }
  }
  return [...types]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, seen]) => ({ name, label: name, type: seen.size === 1 ? [...seen][0] : 'mixed' })) as {
    name: string;
    label: string;
    type: 'string' | 'number' | 'boolean' | 'object' | 'mixed';
  }[];
}
