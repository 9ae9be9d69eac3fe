import * as v from 'valibot';
import { parse } from '../../../protocol/parse';
import { ChannelPut } from '../../../protocol/rest/channels';
import { channelOf, updateChannel } from '../../conversations/channels';
import { readJson, type Topic, UsageError, WithId } from '../words';

const ChannelSet = v.object({ ...WithId.entries, ...ChannelPut.entries });

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
  commands: (world) => ({
    async 'channel list'() {
      const rows = await world.store.db.selectFrom('channels').selectAll().orderBy('id').execute();
      return { channels: rows.map(channelOf) };
    },
    async 'channel set'(input) {
      const { id, ...change } = parse(ChannelSet, input, 'channel set');
      return { channel: channelOf(await updateChannel(world, id, change)) };
    },
  }),
};
