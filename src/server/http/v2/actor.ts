import type { Actor } from '../../../protocol/event';
import type { ApiToken } from '../../access/tokens';
import type { World } from '../../world';

/** Who acts when a token does: the actor bound to it, else the system. */
export async function actorOf(world: World, token: ApiToken): Promise<Actor> {
  const agent = token.agent_id
    ? await world.store.db
        .selectFrom('agents')
        .select(['id', 'actor_type'])
        .where('id', '=', token.agent_id)
        .executeTakeFirst()
    : undefined;
  return agent ? { actor_type: agent.actor_type, actor_id: agent.id } : { actor_type: 'system', actor_id: 'system' };
}
