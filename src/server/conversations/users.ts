import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Actor } from '../../protocol/event';
import type { User, UserPost } from '../../protocol/rest/users';
import type { Tables } from '../store/tables';
import { isoTime, type World } from '../world';
import { announceUser } from './outbox';

export type UserRow = Selectable<Tables['users']>;

/** @throws GuichetError USER_NOT_FOUND */
export async function getUser(world: World, id: string): Promise<UserRow> {
  const row = await world.store.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new GuichetError('USER_NOT_FOUND', `No user has the id ${id}.`);
  return row;
}

export async function createUser(world: World, fields: UserPost): Promise<UserRow> {
  const { email, phone, reference_id, ...profile } = fields;
  const now = world.now();
  const row: UserRow = {
    id: world.newId(),
    site_id: null,
    reference_id: reference_id ?? null,
    vouched: 0,
    email: email ?? null,
    phone: phone ?? null,
    profile_json: JSON.stringify(profile),
    created: now,
    updated: now,
  };
  await world.store.db.insertInto('users').values(row).execute();
  return row;
}

/** Fields that are absent stay. A vouched user's reference is the site's word and stays too. */
export async function updateUser(world: World, actor: Actor, id: string, fields: UserPost): Promise<void> {
  await world.store.transaction(async () => {
    const row = await getUser(world, id);
    const { email, phone, reference_id, ...profile } = fields;
    if (row.vouched && reference_id !== undefined && reference_id !== row.reference_id) {
      throw new GuichetError(
        'INVALID_VALUE',
        'reference_id: the site vouched for this user by it; it can not be changed.',
      );
    }
    await world.store.db
      .updateTable('users')
      .set({
        reference_id: reference_id ?? row.reference_id,
        email: email ?? row.email,
        phone: phone ?? row.phone,
        profile_json: JSON.stringify({ ...JSON.parse(row.profile_json), ...JSON.parse(JSON.stringify(profile)) }),
        updated: world.now(),
      })
      .where('id', '=', id)
      .execute();
    await announceUser(world, actor, userOf(await getUser(world, id)));
  });
}

/** As `/v2` and the webhooks show a user. */
export function userOf(row: UserRow): User {
  return {
    id: row.id,
    ...JSON.parse(row.profile_json),
    ...(row.email !== null ? { email: row.email } : {}),
    ...(row.phone !== null ? { phone: row.phone } : {}),
    ...(row.reference_id !== null ? { reference_id: row.reference_id } : {}),
    created_time: isoTime(row.created),
    updated_time: isoTime(row.updated),
    vouched: row.vouched === 1,
  };
}
