import * as v from 'valibot';
import { parse } from '../../../protocol/parse';
import { ChannelPut } from '../../../protocol/rest/channels';
import { channelOf, updateChannel } from '../../conversations/channels';
import type { CreateCommands } from '../words';
import { WithId } from './withId';

const ChannelSet = v.object({ ...WithId.entries, ...ChannelPut.entries });

export const channelCommands: CreateCommands = (world) => ({
  async 'channel list'() {
    const rows = await world.store.db.selectFrom('channels').selectAll().orderBy('id').execute();
    return { channels: rows.map(channelOf) };
  },
  async 'channel set'(input) {
    const { id, ...change } = parse(ChannelSet, input, 'channel set');
    return { channel: channelOf(await updateChannel(world, id, change)) };
  },
});
