import { sql } from 'kysely';
import type { channelRoutes } from '../../../protocol/rest/channels';
import type { World } from '../../world';
import { offsetOf, pagesOf } from '../pages';
import type { Handlers } from './door';
import { channelOf } from './resources';

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
    getAccount: async () => ({ app_id: world.appId, organisation_id: world.appId }),
  };
}
