import { required, requiredList, seconds, type Topic, UsageError } from '../words';

export const tokenTopic: Topic = {
  usage: `guichet token create --name NAME --scope SCOPE [--scope …] [--bot | --agent | --agent-id ID]
guichet token list
guichet token rotate ID [--overlap 24h]
guichet token revoke ID`,
  phrases: {
    'token create': {
      takes: ['name', 'scope', 'bot', 'agent', 'agent-id'],
      input: (_, flags) => {
        if (Number(!!flags.bot) + Number(!!flags.agent) + Number(flags['agent-id'] !== undefined) > 1)
          throw new UsageError('--bot, --agent and --agent-id exclude each other.');
        return {
          name: required(flags.name, '--name'),
          scopes: requiredList(flags.scope, '--scope'),
          ...(flags.bot ? { actor: 'bot' } : flags.agent ? { actor: 'agent' } : {}),
          ...(flags['agent-id'] !== undefined ? { agent_id: flags['agent-id'] } : {}),
        };
      },
    },
    'token list': { takes: [], input: () => ({}) },
    'token rotate': {
      id: 'a token id',
      takes: ['overlap'],
      input: (id, flags) => ({
        id,
        ...(flags.overlap ? { overlap_seconds: seconds(flags.overlap, '--overlap') } : {}),
      }),
    },
    'token revoke': { id: 'a token id', takes: [], input: (id) => ({ id }) },
  },
};
