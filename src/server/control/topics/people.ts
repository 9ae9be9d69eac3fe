import type { Topic } from '../words';

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
};
