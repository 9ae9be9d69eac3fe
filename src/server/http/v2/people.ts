import { sql } from 'kysely';
import { GuichetError } from '../../../protocol/errors';
import type { peopleRoutes } from '../../../protocol/rest/people';
import type { World } from '../../world';
import { offsetOf, pagesOf } from '../pages';
import type { Handlers } from './door';
import { agentOf } from './resources';

export function peopleHandlers(world: World): Pick<Handlers, keyof typeof peopleRoutes> {
  const { store } = world;
  return {
    async listAgents({ context, query }) {
      const { total } = await store.db
        .selectFrom('agents')
        .select(sql<number>`count(*)`.as('total'))
        .executeTakeFirstOrThrow();
      const rows = await store.db
        .selectFrom('agents')
        .selectAll()
        .orderBy('created')
        .orderBy('id')
        .limit(query.items_per_page)
        .offset(offsetOf(query))
        .execute();
      return { agents: rows.map(agentOf), ...pagesOf(context, query, total) };
    },
    async getAgent({ param }) {
      const row = await store.db
        .selectFrom('agents')
        .selectAll()
        .where('id', '=', param('agent_id'))
        .executeTakeFirst();
      if (!row) throw new GuichetError('AGENT_NOT_FOUND', `No agent or bot has the id ${param('agent_id')}.`);
      return agentOf(row);
    },
  };
}
