import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInstallation } from '../installation';
import { eventually, type Receiver, startReceiver, type TestServer } from '../testServer';
import { guardedAgent } from './guard';
import { createPost } from './post';
import { createSigner } from './sign';
import { addWebhook } from './subscriptions';
import { ids } from './webhookScene';
import { startWebhookWorker } from './worker';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.stop());

/** Deliveries to every webhook, without the events behind them. */
async function queue(world: TestServer['world'], lanes: string[], each: number): Promise<void> {
  const webhooks = await world.store.db.selectFrom('webhooks').select('id').execute();
  for (const { id: webhook_id } of webhooks)
    for (const lane of lanes)
      for (let at = 0; at < each; at += 1)
        await world.store.db
          .insertInto('deliveries')
          .values({
            id: world.newId(),
            webhook_id,
            lane,
            event_id: world.newId(),
            body: JSON.stringify({ conversation_id: lane, seq: at + 1 }),
            state: 'waiting',
            attempts: 0,
            next: world.now(),
            created: world.now(),
            done: null,
          })
          .execute();
}

test('an answer that does not come in time is a failure, and others are not slowed meanwhile', async () => {
  const installation = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' });
  const { world } = installation;
  await addWebhook(world, true, { url: receiver.url });
  const quick = await startReceiver();
  await addWebhook(world, true, { url: quick.url });
  receiver.answerWith(() => new Promise(() => {}));
  await queue(world, ['lane'], 1);

  const agent = guardedAgent(true);
  const worker = startWebhookWorker(world, {
    post: createPost({ sign: createSigner(installation.privateKey), agent, now: world.now, timeout: 150 }),
    log: pino({ level: 'silent' }),
    random: () => 0,
  });
  await quick.until((received) => received.length === 1);
  expect(receiver.received.length).toBeLessThanOrEqual(1);
  await eventually(
    async () => (await world.store.db.selectFrom('delivery_attempts').selectAll().execute()).length === 2,
  );

  const attempts = await world.store.db.selectFrom('delivery_attempts').selectAll().execute();
  expect(attempts.find(({ status }) => status === null)?.error).toMatch(/Timeout/);
  expect(
    (await world.store.db.selectFrom('deliveries').select('state').execute()).map(({ state }) => state).sort(),
  ).toEqual(['delivered', 'waiting']);
  await worker.stop();
  await agent.destroy();
  await world.store.close();
  await quick.stop();
});

test('what waits is taken up after a restart: each at least once, in order, under the same id', async () => {
  const { world, privateKey } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' });
  const lanes = ['a', 'b', 'c', 'd'];
  await addWebhook(world, true, { url: receiver.url });
  await queue(world, lanes, 25);
  receiver.answerWith(async () => {
    await new Promise((resolve) => setTimeout(resolve, 3));
    return 200;
  });

  for (const most of [10, 40, 70, 100]) {
    const agent = guardedAgent(true);
    const worker = startWebhookWorker(world, {
      post: createPost({ sign: createSigner(privateKey), agent, now: world.now }),
      log: pino({ level: 'silent' }),
      random: Math.random,
    });
    await receiver.until((received) => ids(received).length >= most);
    await worker.stop();
    await agent.destroy();
  }

  for (const lane of lanes) {
    const seqs = receiver.received.filter(({ body }) => body.conversation_id === lane).map(({ body }) => body.seq ?? 0);
    expect([...new Set(seqs)]).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  }
  expect(ids(receiver.received)).toHaveLength(100);
  await world.store.close();
});
