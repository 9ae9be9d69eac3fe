import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInstallation } from '../installation';
import { turnsDuring } from '../turnsDuring';
import type { World } from '../world';
import { listen } from './listen';

let world: World;
beforeEach(async () => {
  ({ world } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' }));
});
afterEach(() => world.store.close());

/** A conversation of so many `message_read`s. */
async function log(events: number): Promise<void> {
  const { db } = world.store;
  const people = { site_id: null, reference_id: null, vouched: 0, email: null, phone: null, profile_json: '{}' };
  await db
    .insertInto('users')
    .values({ id: 'user', created: 1, updated: 1, ...people })
    .execute();
  await db
    .insertInto('conversations')
    .values({
      ...{ id: 'conversation', site_id: 'site', channel_id: 'channel', user_id: 'user', status: 'new' },
      ...{ agent_id: null, group_id: null, properties_json: '{}', seq: events, customer_read: 0, business_read: 0 },
      ...{ created: 1, updated: 1 },
    })
    .execute();
  for (let seq = 1; seq <= events; seq += 1)
    await db
      .insertInto('events')
      .values({
        ...{ id: world.newId(), conversation_id: 'conversation', seq, type: 'message_read', time: seq },
        ...{ actor_type: 'bot', actor_id: 'freddy', data_json: '{"up_to":1}' },
      })
      .execute();
}
const search = (signal: AbortSignal) =>
  listen(world, (() => ({ 'webhook-signature': '' })) as unknown as Parameters<typeof listen>[1], {
    after: undefined,
    events: ['web_view_open'],
    wait: 0,
    signal,
    still: async () => {},
  });

test('a search of a long log lets others in, and ends at its end', async () => {
  await log(2_000);

  const turns = await turnsDuring(async () => {
    const { deliveries, cursor } = await search(new AbortController().signal);
    expect(deliveries).toEqual([]);
    expect(Number.parseInt(cursor, 36)).toBe(2_000);
  });

  expect(turns).toBeGreaterThanOrEqual(19);
});

test('a search whose listener has gone ends', async () => {
  await log(500);
  const gone = new AbortController();
  setImmediate(() => gone.abort());

  const { cursor } = await search(gone.signal);

  expect(Number.parseInt(cursor, 36)).toBeLessThan(500);
});
