import { sql } from 'kysely';
import type { userRoutes } from '../../../protocol/rest/users';
import { listOfUser } from '../../conversations/list';
import { createUser, getUser, systemUser, updateUser, userOf } from '../../conversations/users';
import type { World } from '../../world';
import { offsetOf, pagesOf } from '../pages';
import { actorOf } from './actor';
import type { Handlers } from './door';

export function userHandlers(world: World): Pick<Handlers, keyof typeof userRoutes> {
  const { store } = world;
  return {
    createUser: async ({ body }) => userOf(await createUser(world, body)),
    async listUsers({ context, query }) {
      const { created_from: from, created_to: to } = query;
      const given = (['email', 'reference_id', 'phone'] as const).filter((column) => query[column] !== undefined);
      const select = () =>
        store.db
          .selectFrom('users')
          .where((eb) => eb.and(given.map((column) => eb(column, '=', query[column] as string))))
          .$if(from !== undefined, (all) => all.where('created', '>=', from as number))
          .$if(to !== undefined, (all) => all.where('created', '<=', to as number));
      const { total } = await select().select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
      const rows = await select()
        .selectAll()
        .orderBy('created', 'desc')
        .orderBy('id')
        .limit(query.items_per_page)
        .offset(offsetOf(query))
        .execute();
      return { users: rows.map(userOf), ...pagesOf(context, query, total) };
    },
    async fetchUsers({ body }) {
      if (body.ids.length === 0) return { users: [] };
      const rows = await store.db.selectFrom('users').selectAll().where('id', 'in', body.ids).execute();
      return { users: rows.map(userOf) };
    },
    async getUser({ param, query }) {
      const id = param('user_id');
      const known = query.system_user === 'true' ? await systemUser(world, id) : undefined;
      return known ?? userOf(await getUser(world, id));
    },
    async updateUser({ token, param, body }) {
      await updateUser(world, await actorOf(world, token), param('user_id'), body);
      return undefined;
    },
    async listUserConversations({ context, param, query }) {
      const user = await getUser(world, param('user_id'));
      const page = { limit: query.items_per_page, offset: offsetOf(query) };
      const { rows, total } = await listOfUser(world, user.id, page);
      return { conversations: rows.map(({ id }) => ({ id })), ...pagesOf(context, query, total) };
    },
  };
}
