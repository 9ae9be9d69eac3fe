import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Agent, AgentPatch, AgentPost } from '../../protocol/rest/people';
import type { Tables } from '../store/tables';
import { isoTime, type World } from '../world';

export type AgentRow = Selectable<Tables['agents']>;
type Profile = Partial<
  Pick<
    Agent,
    'first_name' | 'last_name' | 'phone' | 'biography' | 'avatar' | 'locale' | 'timezone' | 'availability_status'
  >
>;

/** @throws GuichetError AGENT_NOT_FOUND */
export async function getAgent(world: World, id: string): Promise<AgentRow> {
  const row = await world.store.db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new GuichetError('AGENT_NOT_FOUND', `No agent or bot has the id ${id}.`);
  return row;
}

/**
 * One who may act and be given things.
 *
 * @throws GuichetError AGENT_NOT_FOUND, AGENT_DEACTIVATED
 */
export async function getActiveAgent(world: World, id: string): Promise<AgentRow> {
  const row = await getAgent(world, id);
  if (row.deactivated !== null)
    throw new GuichetError('AGENT_DEACTIVATED', `${row.name} (${id}) was deactivated: name another agent.`);
  return row;
}

/** @throws GuichetError ALREADY_EXISTS when an active agent has the e-mail address */
export async function createAgent(world: World, wanted: AgentPost): Promise<AgentRow> {
  const { email, actor_type, ...profile } = wanted;
  const { store } = world;
  return store.transaction(async () => {
    if (email) await refuseTakenEmail(world, email, undefined);
    const row: AgentRow = {
      id: world.newId(),
      name: nameOf(profile),
      actor_type,
      created: world.now(),
      email: email || null,
      profile_json: JSON.stringify(profile),
      deactivated: null,
    };
    await store.db.insertInto('agents').values(row).execute();
    return row;
  });
}

/** Fields that are absent stay. Messages keep the name under which they were written. */
export async function updateAgent(world: World, id: string, change: AgentPatch): Promise<AgentRow> {
  const { email, agent_status: status, ...fields } = change;
  const { store } = world;
  return store.transaction(async () => {
    const row = await getActiveAgent(world, id);
    if (email) await refuseTakenEmail(world, email, id);
    const availability: Profile =
      status && !fields.availability_status
        ? { availability_status: status.id === 'available' ? 'AVAILABLE' : 'UNAVAILABLE' }
        : {};
    const profile: Profile = { ...profileOf(row), ...JSON.parse(JSON.stringify(fields)), ...availability };
    return store.db
      .updateTable('agents')
      .set({
        name: nameOf(profile),
        email: email === undefined ? row.email : email || null,
        profile_json: JSON.stringify(profile),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/**
 * The bot that speaks for a token which is bound to nobody: made under the token's name when first needed, and bound to it.
 * Programs made for v2 send `actor_type: "bot"` and don't say which.
 */
export async function botOfToken(world: World, tokenId: string): Promise<AgentRow> {
  const { store } = world;
  return store.transaction(async () => {
    const token = await store.db
      .selectFrom('tokens')
      .select(['name', 'agent_id'])
      .where('id', '=', tokenId)
      .executeTakeFirstOrThrow();
    if (token.agent_id) return getActiveAgent(world, token.agent_id);
    const bot = await createAgent(world, { first_name: token.name, actor_type: 'bot' } as AgentPost);
    await store.db.updateTable('tokens').set({ agent_id: bot.id }).where('id', '=', tokenId).execute();
    return bot;
  });
}

/** Agents as `/v2` shows them, in the order of the rows. */
export async function agentsOf(world: World, rows: AgentRow[]): Promise<Agent[]> {
  if (rows.length === 0) return [];
  const members = await world.store.db
    .selectFrom('group_agents')
    .selectAll()
    .where(
      'agent_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('group_id')
    .execute();
  return rows.map((row) => {
    const { first_name, last_name, availability_status: availability, locale, timezone, ...profile } = profileOf(row);
    const isAvailable = row.deactivated === null && availability !== 'UNAVAILABLE';
    return {
      id: row.id,
      created_time: isoTime(row.created),
      first_name: first_name ?? row.name,
      last_name: last_name ?? '',
      email: row.email ?? '',
      ...profile,
      groups: members.filter(({ agent_id }) => agent_id === row.id).map(({ group_id }) => group_id),
      is_deactivated: row.deactivated !== null,
      availability_status: isAvailable ? 'AVAILABLE' : 'UNAVAILABLE',
      agent_status: isAvailable ? { id: 'available', name: 'Available' } : { id: 'unavailable', name: 'Unavailable' },
      routing_type: 'DISABLED',
      locale: locale ?? 'en',
      timezone: timezone ?? 'UTC',
      actor_type: row.actor_type,
    };
  });
}

const profileOf = (row: AgentRow): Profile => JSON.parse(row.profile_json);
/** What customers read above a message. */
const nameOf = ({ first_name, last_name }: { first_name?: string | undefined; last_name?: string | undefined }) =>
  [first_name, last_name].filter(Boolean).join(' ');

async function refuseTakenEmail(world: World, email: string, except: string | undefined): Promise<void> {
  const taken = await world.store.db
    .selectFrom('agents')
    .select('id')
    .where('email', '=', email)
    .where('deactivated', 'is', null)
    .where('id', '!=', except ?? '')
    .executeTakeFirst();
  if (taken) throw new GuichetError('ALREADY_EXISTS', `email: the agent ${taken.id} has ${email} already.`);
}
