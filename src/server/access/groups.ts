import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Group, GroupPost, GroupPut } from '../../protocol/rest/people';
import type { Tables } from '../store/tables';
import type { World } from '../world';
import { agentsOf, getActiveAgent } from './agents';

export type GroupRow = Selectable<Tables['groups']>;

/** @throws GuichetError GROUP_NOT_FOUND */
export async function getGroup(world: World, id: string): Promise<GroupRow> {
  const row = await world.store.db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new GuichetError('GROUP_NOT_FOUND', `No group has the id ${id}.`);
  return row;
}

/** @throws GuichetError AGENT_NOT_FOUND, AGENT_DEACTIVATED of a member */
export async function createGroup(world: World, wanted: GroupPost): Promise<GroupRow> {
  const { store } = world;
  return store.transaction(async () => {
    const row = {
      id: world.newId(),
      name: wanted.name,
      description: wanted.description ?? '',
      created: world.now(),
    };
    await store.db.insertInto('groups').values(row).execute();
    await setMembers(world, row.id, wanted.agents);
    return row;
  });
}

/** Fields that are absent stay; `agents` replaces all members. */
export async function updateGroup(world: World, id: string, change: GroupPut): Promise<GroupRow> {
  const { store } = world;
  return store.transaction(async () => {
    const row = await getGroup(world, id);
    if (change.agents) await setMembers(world, id, change.agents);
    return store.db
      .updateTable('groups')
      .set({ name: change.name ?? row.name, description: change.description ?? row.description })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/** Groups as `/v2` shows them, each with its agents. */
export async function groupsOf(world: World, rows: GroupRow[]): Promise<Group[]> {
  if (rows.length === 0) return [];
  const members = await world.store.db
    .selectFrom('group_agents')
    .innerJoin('agents', 'agents.id', 'group_agents.agent_id')
    .selectAll('agents')
    .select('group_agents.group_id')
    .where(
      'group_agents.group_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('agents.created')
    .orderBy('agents.id')
    .execute();
  const agents = await agentsOf(world, members);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    routing_type: 'DISABLED',
    agents: agents.filter((_, at) => members[at]?.group_id === row.id),
  }));
}

async function setMembers(world: World, groupId: string, agentIds: readonly string[]): Promise<void> {
  const { db } = world.store;
  await db.deleteFrom('group_agents').where('group_id', '=', groupId).execute();
  for (const agentId of new Set(agentIds)) {
    await getActiveAgent(world, agentId);
    await db.insertInto('group_agents').values({ group_id: groupId, agent_id: agentId }).execute();
  }
}
