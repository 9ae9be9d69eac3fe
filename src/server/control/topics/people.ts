import { parse } from '../../../protocol/parse';
import { AgentPost, GroupPost } from '../../../protocol/rest/people';
import { agentsOf, createAgent } from '../../access/agents';
import { createGroup, groupsOf } from '../../access/groups';
import { deactivateAgent, removeGroup } from '../../conversations/leaving';
import { type Topic, WithId } from '../words';

const system = { actor_type: 'system', actor_id: 'system' } as const;

/** Who answers: agents, bots, and the groups that they are in. */
export const peopleTopic: Topic = {
  usage: `guichet agent add NAME [--email ADDRESS] [--bot]
guichet agent list
guichet agent remove ID                  (its tokens end at once; what it wrote stays)
guichet group add NAME [--member AGENT-ID …]
guichet group list
guichet group remove ID`,
  phrases: {
    'agent add': {
      id: 'a name',
      takes: ['email', 'bot'],
      input: (name, flags) => {
        const [first_name, ...rest] = name.trim().split(/\s+/);
        return {
          first_name,
          ...(rest.length > 0 ? { last_name: rest.join(' ') } : {}),
          ...(flags.email ? { email: flags.email } : {}),
          actor_type: flags.bot ? 'bot' : 'agent',
        };
      },
    },
    'agent list': { takes: [], input: () => ({}) },
    'agent remove': { id: 'an agent id', takes: [], input: (id) => ({ id }) },
    'group add': {
      id: 'a name',
      takes: ['member'],
      input: (name, flags) => ({ name, agents: flags.member ?? [] }),
    },
    'group list': { takes: [], input: () => ({}) },
    'group remove': { id: 'a group id', takes: [], input: (id) => ({ id }) },
  },
  commands: (world) => ({
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
  }),
};
