import { GuichetError } from '../../protocol/errors';
import type { Actor, BusinessStatus } from '../../protocol/event';
import { limits } from '../../protocol/limits';
import type { ConversationHead } from '../../protocol/live';
import { jsonBytes } from '../../protocol/parts';
import type { ConversationPut } from '../../protocol/rest/conversations';
import { getActiveAgent } from '../access/agents';
import { getGroup } from '../access/groups';
import { isoTime, type World } from '../world';
import { append, type EventDraft } from './append';
import { getChannel, settingsOf } from './channels';
import type { ConversationRow } from './messages';
import { closeViewsOf } from './webViewLife';

/** @throws GuichetError CONVERSATION_NOT_FOUND */
export async function getConversation(world: World, id: string): Promise<ConversationRow> {
  const row = await world.store.db.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new GuichetError('CONVERSATION_NOT_FOUND', `No conversation has the id ${id}.`);
  return row;
}

/** A customer's own conversation; somebody else's is as unknown as one that doesn't exist. */
export async function getOwnConversation(world: World, userId: string, id: string): Promise<ConversationRow> {
  const row = await getConversation(world, id);
  if (row.user_id !== userId) throw new GuichetError('CONVERSATION_NOT_FOUND', `No conversation has the id ${id}.`);
  return row;
}

export async function listOwn(world: World, userId: string): Promise<ConversationRow[]> {
  return world.store.db
    .selectFrom('conversations')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created', 'desc')
    .orderBy('id', 'desc')
    .limit(50)
    .execute();
}

/** How far each of a customer's conversations has got: `{id: seq}`. */
export async function cursorsOf(world: World, userId: string): Promise<Record<string, number>> {
  return Object.fromEntries((await listOwn(world, userId)).map(({ id, seq }) => [id, seq]));
}

/** As its customer may see it: for whom the business waits is the business's own. */
export const headOf = (row: ConversationRow): ConversationHead => ({
  id: row.id,
  status: isWaiting(row.status) ? 'assigned' : row.status,
  seq: row.seq,
  customer_read: row.customer_read,
  business_read: row.business_read,
  updated_time: isoTime(row.updated),
});

const isWaiting = (status: BusinessStatus) => status === 'waiting on customer' || status === 'waiting on internal team';

/**
 * Begins a conversation. One that a customer begins goes to the group that its channel names.
 *
 * @throws GuichetError CHANNEL_DISABLED
 */
export async function createConversation(
  world: World,
  start: {
    siteId: string;
    channelId: string;
    userId: string;
    actor: Actor;
    properties?: Record<string, unknown> | undefined;
  },
): Promise<ConversationRow> {
  const id = world.newId();
  const now = world.now();
  return world.store.transaction(async () => {
    const channel = await getChannel(world, start.channelId);
    const { enabled, assign_to_group: group } = settingsOf(channel);
    if (enabled === false)
      throw new GuichetError(
        'CHANNEL_DISABLED',
        `The channel ${channel.name} is switched off: no conversation begins there.`,
      );
    await world.store.db
      .insertInto('conversations')
      .values({
        id,
        site_id: start.siteId,
        channel_id: start.channelId,
        user_id: start.userId,
        status: 'new',
        agent_id: null,
        group_id: null,
        properties_json: JSON.stringify(start.properties ?? {}),
        seq: 0,
        customer_read: 0,
        business_read: 0,
        created: now,
        updated: now,
      })
      .execute();
    await append(world, id, [{ type: 'conversation_create', actor: start.actor, data: {} }]);
    if (group && start.actor.actor_type === 'user') {
      const system = { actor_type: 'system' as const, actor_id: 'system' };
      await updateConversation(world, id, system, { assigned_group_id: group });
    }
    return getConversation(world, id);
  });
}

export type ConversationChange = { [K in keyof ConversationPut]?: ConversationPut[K] | undefined };

/**
 * Assigns, resolves, reopens, sets properties; says nothing of what is so already.
 *
 * @throws GuichetError CONVERSATION_NOT_FOUND, AGENT_NOT_FOUND, AGENT_DEACTIVATED, GROUP_NOT_FOUND, CHANNEL_NOT_FOUND
 */
export async function updateConversation(
  world: World,
  id: string,
  actor: Actor,
  change: ConversationChange,
): Promise<ConversationRow> {
  const { store } = world;
  return store.transaction(async () => {
    const row = await getConversation(world, id);
    const isReopened = row.status === 'resolved' && change.status !== undefined && change.status !== 'resolved';
    const had = isReopened ? await thoseStillThere(world, row) : row;
    const agentId = change.assigned_agent_id === undefined ? had.agent_id : change.assigned_agent_id || null;
    const groupId = change.assigned_group_id === undefined ? had.group_id : change.assigned_group_id || null;
    if (agentId && agentId !== had.agent_id) await getActiveAgent(world, agentId);
    if (groupId && groupId !== had.group_id) await getGroup(world, groupId);
    if (change.channel_id) await requireChannel(world, change.channel_id, row.site_id);
    const status = change.status ?? statusAfter(row, agentId, groupId);
    await store.db
      .updateTable('conversations')
      .set({
        status,
        agent_id: agentId,
        group_id: groupId,
        channel_id: change.channel_id ?? row.channel_id,
        // What has no event of its own brings it to the front of a desk's list as well.
        ...(status !== row.status || change.properties ? { updated: Math.max(world.now(), row.updated) } : {}),
        ...(change.properties ? { properties_json: merged(row.properties_json, change.properties) } : {}),
      })
      .where('id', '=', id)
      .execute();
    const drafts: EventDraft[] = [];
    if (agentId !== row.agent_id || groupId !== row.group_id) {
      drafts.push({
        type: 'conversation_assignment',
        actor,
        data: {
          to_agent_id: agentId ?? '',
          to_group_id: groupId ?? '',
          from_agent_id: row.agent_id ?? '',
          from_group_id: row.group_id ?? '',
        },
      });
    }
    if (status === 'resolved' && row.status !== 'resolved') {
      await closeViewsOf(world, id, 'resolved', actor);
      drafts.push({ type: 'conversation_resolution', actor, data: {} });
    }
    if (isReopened) drafts.push({ type: 'conversation_reopen', actor, data: {} });
    await append(world, id, drafts);
    return getConversation(world, id);
  });
}

/**
 * What a new message, other than a private one, does to its conversation beforehand: one that was resolved is reopened, and a
 * customer who writes is waited for no longer.
 */
export async function wakeUp(world: World, conversation: ConversationRow, actor: Actor): Promise<void> {
  if (conversation.status === 'resolved')
    await updateConversation(world, conversation.id, actor, { status: 'reopened' });
  if (conversation.status === 'waiting on customer' && actor.actor_type === 'user')
    await updateConversation(world, conversation.id, actor, { status: 'assigned' });
}

/** Who had it when it was resolved may have gone since: none waits for them. */
async function thoseStillThere(
  { store }: World,
  { agent_id, group_id }: ConversationRow,
): Promise<Pick<ConversationRow, 'agent_id' | 'group_id'>> {
  const agent = await store.db
    .selectFrom('agents')
    .select('id')
    .where('id', '=', agent_id)
    .where('deactivated', 'is', null)
    .executeTakeFirst();
  const group = await store.db.selectFrom('groups').select('id').where('id', '=', group_id).executeTakeFirst();
  return { agent_id: agent?.id ?? null, group_id: group?.id ?? null };
}

/** Whoever is given an open conversation has it `assigned`; what nobody has any more is `new` again. */
function statusAfter(row: ConversationRow, agentId: string | null, groupId: string | null): BusinessStatus {
  if (row.status === 'resolved') return row.status;
  if (agentId && agentId !== row.agent_id) return 'assigned';
  const isTakenBack = (row.agent_id ?? row.group_id) !== null && !agentId && !groupId;
  return isTakenBack && row.status === 'assigned' ? 'new' : row.status;
}

/** @throws GuichetError INVALID_VALUE when the whole becomes too large */
function merged(json: string, more: Record<string, unknown>): string {
  const all = { ...JSON.parse(json), ...more };
  if (jsonBytes(all) > limits.properties) {
    throw new GuichetError(
      'INVALID_VALUE',
      `properties: together with those that are there already, expected at most ${limits.properties} bytes of JSON.`,
    );
  }
  return JSON.stringify(all);
}

/** Marks what one side has read, up to a seq; never backwards, never past the end. */
export async function markRead(
  world: World,
  row: ConversationRow,
  side: 'customer' | 'business',
  actor: Actor,
  upTo: number,
): Promise<void> {
  const { store } = world;
  const column = side === 'customer' ? 'customer_read' : 'business_read';
  await store.transaction(async () => {
    const now = await getConversation(world, row.id);
    const seq = Math.min(upTo, now.seq);
    if (seq <= now[column]) return;
    await store.db
      .updateTable('conversations')
      .set({ [column]: seq })
      .where('id', '=', row.id)
      .execute();
    await append(world, row.id, [{ type: 'message_read', actor, data: { up_to: seq } }]);
  });
}

async function requireChannel(world: World, id: string, siteId: string): Promise<void> {
  const channel = await world.store.db.selectFrom('channels').select('site_id').where('id', '=', id).executeTakeFirst();
  if (channel?.site_id !== siteId)
    throw new GuichetError('CHANNEL_NOT_FOUND', `No channel of this conversation's site has the id ${id}.`);
}
