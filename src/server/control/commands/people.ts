import { parse } from '../../../protocol/parse';
import { AgentPost, GroupPost } from '../../../protocol/rest/people';
import { agentsOf, createAgent } from '../../access/agents';
import { createGroup, groupsOf } from '../../access/groups';
import { deactivateAgent, removeGroup } from '../../conversations/leaving';
import type { CreateCommands } from '../words';
import { WithId } from './withId';

const system = { actor_type: 'system', actor_id: 'system' } as const;

export const peopleCommands: CreateCommands = (world) => ({
  async 'agent add'(input) {
    const [agent] = await agentsOf(world, [await createAgent(world, parse(AgentPost, input, 'agent add'))]);
    return { agent };
  },
  async 'agent list'() {
    const rows = await world.store.db.selectFrom('agents').selectAll().orderBy('created').orderBy('id').execute();
    return { agents: await agentsOf(world, rows) };
  },
  async 'agent remove'(input) {
    const { id } = parse(WithId, input, 'agent remove');
    await deactivateAgent(world, id, system);
    return { removed: id };
  },
  async 'group add'(input) {
    const [group] = await groupsOf(world, [await createGroup(world, parse(GroupPost, input, 'group add'))]);
    return { group };
  },
  async 'group list'() {
    const rows = await world.store.db.selectFrom('groups').selectAll().orderBy('created').orderBy('id').execute();
    return { groups: await groupsOf(world, rows) };
  },
  async 'group remove'(input) {
    const { id } = parse(WithId, input, 'group remove');
    await removeGroup(world, id, system);
    return { removed: id };
  },
});
