import { sql } from 'kysely';
import type { peopleRoutes } from '../../../protocol/rest/people';
import { agentsOf, createAgent, getAgent, updateAgent } from '../../access/agents';
import { createGroup, getGroup, groupsOf, updateGroup } from '../../access/groups';
import { deactivateAgent, removeGroup } from '../../conversations/leaving';
import type { World } from '../../world';
import { offsetOf, pagesOf } from '../pages';
import { actorOf } from './actor';
import type { Handlers } from './door';

export function peopleHandlers(world: World): Pick<Handlers, keyof typeof peopleRoutes> {
  const { store } = world;
  const agentOf = async (row: Parameters<typeof agentsOf>[1][number]) => only(await agentsOf(world, [row]));
  const groupOf = async (row: Parameters<typeof groupsOf>[1][number]) => only(await groupsOf(world, [row]));
  return {
    async listAgents({ context, query }) {
      const { total } = await store.db
        .selectFrom('agents')
        .select(sql<number>`count(*)`.as('total'))
        .executeTakeFirstOrThrow();
      const rows = await store.db
        .selectFrom('agents')
        .selectAll()
        // A program of Freshworks' own writes its notes as the first agent of the list: a person who is there.
        .orderBy((eb) => eb('deactivated', 'is not', null))
        .orderBy('actor_type')
        .orderBy('created')
        .orderBy('id')
        .limit(query.items_per_page)
        .offset(offsetOf(query))
        .execute();
      return { agents: await agentsOf(world, rows), ...pagesOf(context, query, total) };
    },
    createAgent: async ({ body }) => agentOf(await createAgent(world, body)),
    getAgent: async ({ param }) => agentOf(await getAgent(world, param('agent_id'))),
    updateAgent: async ({ param, body }) => agentOf(await updateAgent(world, param('agent_id'), body)),
    async deactivateAgent({ token, param }) {
      await deactivateAgent(world, param('agent_id'), await actorOf(world, token));
      return { code: 202, status: 'ACCEPTED', message: 'Agent deletion request accepted' };
    },
    async listGroups({ context, query }) {
      const { total } = await store.db
        .selectFrom('groups')
        .select(sql<number>`count(*)`.as('total'))
        .executeTakeFirstOrThrow();
      const rows = await store.db
        .selectFrom('groups')
        .selectAll()
        .orderBy('created')
        .orderBy('id')
        .limit(query.items_per_page)
        .offset(offsetOf(query))
        .execute();
      return { groups: await groupsOf(world, rows), ...pagesOf(context, query, total) };
    },
    createGroup: async ({ body }) => groupOf(await createGroup(world, body)),
    getGroup: async ({ param }) => groupOf(await getGroup(world, param('group_id'))),
    updateGroup: async ({ param, body }) => groupOf(await updateGroup(world, param('group_id'), body)),
    async deleteGroup({ token, param }) {
      await removeGroup(world, param('group_id'), await actorOf(world, token));
      return undefined;
    },
  };
}

function only<T>(things: T[]): T {
  const [thing] = things;
  if (thing === undefined) throw new Error('nothing where one was expected');
  return thing;
}
