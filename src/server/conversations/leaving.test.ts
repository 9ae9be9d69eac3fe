import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAgent } from '../access/agents';
import { createGroup } from '../access/groups';
import { openInstallation } from '../installation';
import { turnsDuring } from '../turnsDuring';
import type { World } from '../world';
import { updateConversation } from './conversations';
import { deactivateAgent, removeGroup } from './leaving';

const system = { actor_type: 'system' as const, actor_id: 'system' };

let world: World;
beforeEach(async () => {
  ({ world } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' }));
});
afterEach(() => world.store.close());

const addAgent = async () =>
  (await createAgent(world, { first_name: 'Grace', actor_type: 'agent' } as Parameters<typeof createAgent>[1])).id;

/** Conversations that somebody has, each `times` times over. */
async function give(to: { agent_id?: string; group_id?: string }, status: 'assigned' | 'resolved', times: number) {
  const { db } = world.store;
  const userId = world.newId();
  await db
    .insertInto('users')
    .values({
      ...{ id: userId, site_id: null, reference_id: null, vouched: 0, email: null, phone: null },
      ...{ profile_json: '{}', created: 1, updated: 1 },
    })
    .execute();
  for (let at = 0; at < times; at += 1)
    await db
      .insertInto('conversations')
      .values({
        ...{ id: world.newId(), site_id: 'site', channel_id: 'channel', user_id: userId, status },
        ...{ agent_id: null, group_id: null, properties_json: '{}', seq: 0, customer_read: 0, business_read: 0 },
        ...{ created: 1, updated: 1 },
        ...to,
      })
      .execute();
}
const rows = () => world.store.db.selectFrom('conversations').selectAll().execute();
const openOf = async (id: string) =>
  (await rows()).filter((row) => row.status !== 'resolved' && [row.agent_id, row.group_id].includes(id));

/** The same world, whose server is killed before its so many-th transaction. */
function killedBefore(transaction: number): World {
  let left = transaction;
  let isInside = false;
  const store = Object.create(world.store, {
    transaction: {
      async value(work: () => Promise<unknown>) {
        if (isInside) return work();
        left -= 1;
        if (left <= 0) throw new Error('killed');
        isInside = true;
        return world.store.transaction(work).finally(() => {
          isInside = false;
        });
      },
    },
  });
  return { ...world, store };
}

describe('an agent with many open conversations', () => {
  test('is deleted while others are heard, and each of them is nobody’s afterwards', async () => {
    const id = await addAgent();
    await give({ agent_id: id }, 'resolved', 50);
    await give({ agent_id: id }, 'assigned', 300);

    const turns = await turnsDuring(() => deactivateAgent(world, id, system));

    expect(turns).toBeGreaterThanOrEqual(300 / 20);
    expect(await openOf(id)).toEqual([]);
    const events = await world.store.db.selectFrom('events').select('type').execute();
    expect(events).toHaveLength(300);
  });

  test('is deleted by being asked again when the server was killed half-way', async () => {
    const id = await addAgent();
    await give({ agent_id: id }, 'assigned', 100);

    await expect(deactivateAgent(killedBefore(4), id, system)).rejects.toThrow('killed');
    expect((await openOf(id)).length).toBeGreaterThan(0);
    await deactivateAgent(world, id, system);

    expect(await openOf(id)).toEqual([]);
  });
});

test('a group whose removal is killed at any moment is there as long as somebody waits for it, and is removed by being asked again', async () => {
  for (let moment = 1; ; moment += 1) {
    const { id } = await createGroup(world, { name: 'Cards', agents: [] });
    await give({ group_id: id }, 'assigned', 45);
    await world.store.db
      .insertInto('channels')
      .values({
        ...{ id: world.newId(), site_id: 'site', name: 'Chat', updated: 1 },
        settings_json: JSON.stringify({ assign_to_group: id }),
      })
      .execute();
    const isThere = async () =>
      (await world.store.db.selectFrom('groups').select('id').where('id', '=', id).execute()).length === 1;
    const channelsOf = async () =>
      (await world.store.db.selectFrom('channels').select('settings_json').execute()).filter(({ settings_json }) =>
        settings_json.includes(id),
      );

    const wasKilled = await removeGroup(killedBefore(moment), id, system).then(
      () => false,
      () => true,
    );
    expect(await isThere()).toBe(wasKilled);
    if (!wasKilled) expect(await openOf(id)).toEqual([]);
    if (wasKilled) await removeGroup(world, id, system);

    expect(await isThere()).toBe(false);
    expect(await openOf(id)).toEqual([]);
    expect(await channelsOf()).toEqual([]);
    if (!wasKilled) return;
  }
});

test('a conversation that is reopened after its agent and its group have gone is nobody’s, and the log says so', async () => {
  const agent = await addAgent();
  const group = (await createGroup(world, { name: 'Cards', agents: [] })).id;
  await give({ agent_id: agent, group_id: group }, 'resolved', 1);
  await deactivateAgent(world, agent, system);
  await removeGroup(world, group, system);
  const [{ id } = { id: '' }] = await rows();
  const reopen = (change: object) => updateConversation(world, id, system, { status: 'reopened', ...change });

  await expect(reopen({ assigned_agent_id: agent })).rejects.toMatchObject({ code: 'AGENT_DEACTIVATED' });
  await expect(reopen({ assigned_group_id: group })).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
  await reopen({});

  expect((await rows())[0]).toMatchObject({ status: 'reopened', agent_id: null, group_id: null });
  const events = await world.store.db.selectFrom('events').select(['type', 'data_json']).orderBy('seq').execute();
  expect(events.map(({ type, data_json }) => [type, JSON.parse(data_json)])).toEqual([
    ['conversation_assignment', { to_agent_id: '', to_group_id: '', from_agent_id: agent, from_group_id: group }],
    ['conversation_reopen', {}],
  ]);
});

test('a conversation that is reopened while both are there stays theirs', async () => {
  const agent = await addAgent();
  const group = (await createGroup(world, { name: 'Cards', agents: [] })).id;
  await give({ agent_id: agent, group_id: group }, 'resolved', 1);
  const [{ id } = { id: '' }] = await rows();

  await updateConversation(world, id, system, { status: 'reopened' });

  expect((await rows())[0]).toMatchObject({ status: 'reopened', agent_id: agent, group_id: group });
});
