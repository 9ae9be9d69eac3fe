import { sql } from 'kysely';
import type { userRoutes } from '../../../protocol/rest/users';
import { listOwn } from '../../conversations/conversations';
import { createUser, getUser, updateUser, userOf } from '../../conversations/users';
import type { World } from '../../world';
import { offsetOf, pagesOf } from '../pages';
import { actorOf } from './actor';
import type { Handlers } from './door';

export function userHandlers(world: World): Pick<Handlers, keyof typeof userRoutes> {
  const { store } = world;
  return {
    createUser: async ({ body }) => userOf(await createUser(world, body)),
    async listUsers({ context, query }) {
      const filter = { email: query.email, reference_id: query.reference_id, phone: query.phone };
      const given = Object.entries(filter).filter(([, value]) => value !== undefined) as [
        'email' | 'reference_id' | 'phone',
        string,
      ][];
      const select = () =>
        store.db.selectFrom('users').where((eb) => eb.and(given.map(([column, value]) => eb(column, '=', value))));
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
    getUser: async ({ param }) => userOf(await getUser(world, param('user_id'))),
    async updateUser({ token, param, body }) {
      await updateUser(world, await actorOf(world, token), param('user_id'), body);
      return undefined;
    },
    async listUserConversations({ param }) {
      const user = await getUser(world, param('user_id'));
      return { conversations: (await listOwn(world, user.id)).map(({ id }) => ({ id })) };
    },
  };
}
