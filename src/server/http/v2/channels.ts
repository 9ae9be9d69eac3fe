import { sql } from 'kysely';
import type { channelRoutes } from '../../../protocol/rest/channels';
import { channelOf, getChannel, updateChannel } from '../../conversations/channels';
import type { World } from '../../world';
import { offsetOf, pagesOf } from '../pages';
import type { Handlers } from './door';

export function channelHandlers(world: World): Pick<Handlers, keyof typeof channelRoutes> {
  const { store } = world;
  return {
    async listChannels({ context, query }) {
      const { total } = await store.db
        .selectFrom('channels')
        .select(sql<number>`count(*)`.as('total'))
        .executeTakeFirstOrThrow();
      const rows = await store.db
        .selectFrom('channels')
        .selectAll()
        .orderBy('id')
        .limit(query.items_per_page)
        .offset(offsetOf(query))
        .execute();
      return { channels: rows.map(channelOf), ...pagesOf(context, query, total) };
    },
    getChannel: async ({ param }) => channelOf(await getChannel(world, param('channel_id'))),
    updateChannel: async ({ param, body }) => channelOf(await updateChannel(world, param('channel_id'), body)),
    getAccount: async () => ({ app_id: world.appId, organisation_id: world.appId }),
  };
}
