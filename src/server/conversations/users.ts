import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Actor } from '../../protocol/event';
import { limits } from '../../protocol/limits';
import type { User, UserPost } from '../../protocol/rest/users';
import { agentsOf } from '../access/agents';
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
        profile_json: JSON.stringify(merged(JSON.parse(row.profile_json), JSON.parse(JSON.stringify(profile)))),
        updated: world.now(),
      })
      .where('id', '=', id)
      .execute();
    await announceUser(world, actor, userOf(await getUser(world, id)));
  });
}

type Profile = { properties?: { name: string; value: unknown }[] };

/** Properties are set one by one: a program that knows one of them need not know the others. */
function merged(known: Profile, given: Profile): Profile {
  if (!given.properties) return { ...known, ...given };
  const values = new Map([...(known.properties ?? []), ...given.properties].map(({ name, value }) => [name, value]));
  if (values.size > limits.userProperties) {
    throw new GuichetError(
      'INVALID_VALUE',
      `properties: together with those that are there already, expected at most ${limits.userProperties}, got ${values.size}.`,
    );
  }
  return { ...known, ...given, properties: [...values].map(([name, value]) => ({ name, value })) };
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

/** A bot, an agent or the system, shown as v2 shows users: what stands in a message's `actor_id` has a name. */
export async function systemUser(world: World, id: string): Promise<User | undefined> {
  if (id === 'system') {
    const made = isoTime(Number.parseInt(world.appId.replace('-', '').slice(0, 12), 16)); // The id is a UUIDv7.
    return { id, first_name: 'System', created_time: made, updated_time: made, vouched: false };
  }
  const agent = await world.store.db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
  if (!agent) return undefined;
  const [shown] = await agentsOf(world, [agent]);
  if (!shown) return undefined;
  const { first_name, last_name, avatar, created_time } = shown;
  return {
    ...{ id, first_name, last_name, created_time, updated_time: created_time, vouched: false },
    ...(avatar ? { avatar } : {}),
  };
}
