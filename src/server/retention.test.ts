import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInstallation } from './installation';
import { clearOld } from './retention';
import { turnsDuring } from './turnsDuring';
import { addWebhook } from './webhooks/subscriptions';
import type { World } from './world';

const day = 86_400_000;

let world: World;
let webhookId: string;
beforeEach(async () => {
  ({ world } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' }));
  ({ id: webhookId } = (await addWebhook(world, true, { url: 'https://bot.example' })).webhook);
});
afterEach(() => world.store.close());

/** As many deliveries, all in one conversation. */
async function put(count: number, row: { state: 'waiting' | 'delivered' | 'dead'; done: number | null }) {
  for (let at = 0; at < count; at += 1)
    await world.store.db
      .insertInto('deliveries')
      .values({
        ...{ id: world.newId(), webhook_id: webhookId, lane: 'conversation', event_id: world.newId(), body: '{}' },
        ...{ attempts: 1, next: 0, created: world.now() - 60 * day, ...row },
      })
      .execute();
}
const states = async () =>
  (await world.store.db.selectFrom('deliveries').select('state').execute()).map((row) => row.state);
const clear = () => clearOld(world, 30, new AbortController().signal);

test('a walk past thousands of deliveries that are still kept lets others in', async () => {
  await put(1_000, { state: 'dead', done: world.now() - 60 * day });

  const turns = await turnsDuring(clear);

  expect(turns).toBeGreaterThanOrEqual(5);
  expect(await states()).toEqual(Array(1_000).fill('dead'));
});

test('thousands that wait for a webhook that is off become dead letters while others are let in', async () => {
  await put(1_000, { state: 'waiting', done: null });
  await world.store.db.updateTable('webhooks').set({ enabled: 0 }).execute();

  const turns = await turnsDuring(clear);

  expect(turns).toBeGreaterThanOrEqual(5);
  expect(await states()).toEqual(Array(1_000).fill('dead'));
});
