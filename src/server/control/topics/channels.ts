import { readJson, type Topic, UsageError } from '../words';

export const channelTopic: Topic = {
  usage: `guichet channel list
guichet channel set ID [--welcome FILE.json] [--name NAME] [--group GROUP-ID|none]`,
  phrases: {
    'channel list': { takes: [], input: () => ({}) },
    'channel set': {
      id: 'a channel id',
      takes: ['welcome', 'name', 'group'],
      input: (id, flags) => {
        if (flags.welcome === undefined && flags.name === undefined && flags.group === undefined)
          throw new UsageError('"channel set" needs something to set: --welcome, --name or --group.');
        return {
          id,
          ...(flags.welcome !== undefined ? { welcome_message: readJson(flags.welcome, '--welcome') } : {}),
          ...(flags.name !== undefined ? { name: flags.name } : {}),
          ...(flags.group !== undefined ? { assign_to_group: flags.group === 'none' ? null : flags.group } : {}),
        };
      },
    },
  },
};
