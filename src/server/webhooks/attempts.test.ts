import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openInstallation } from '../installation';
import { eventually } from '../testServer';
import type { World } from '../world';
import type { Letter, Outcome } from './post';
import { addWebhook } from './subscriptions';
import { startWebhookWorker, type WebhookWorker } from './worker';

let world: World;
let worker: WebhookWorker | undefined;
let posted: Letter[];
beforeEach(async () => {
  ({ world } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' }));
  posted = [];
});
afterEach(async () => {
  await worker?.stop();
  await world.store.close();
});

function start(answer: (letter: Letter) => Promise<Outcome>, given = world): WebhookWorker {
  worker = startWebhookWorker(given, {
    post: (letter, signal) => {
      posted.push(letter);
      const stopped = new Promise<Outcome>((resolve) => {
        signal?.addEventListener('abort', () => resolve({ kind: 'stopped' }), { once: true });
      });
      return Promise.race([answer(letter), stopped]);
    },
    log: pino({ level: 'silent' }),
    random: () => 0,
  });
  return worker;
}
const hang = () => new Promise<Outcome>(() => {});
const take = async (): Promise<Outcome> => ({ kind: 'delivered', status: 200 });
const postedTo = (url: string) => posted.filter((letter) => letter.url === url);

/** A subscription for which something waits in so many conversations. */
async function waiting(url: string, conversations: number): Promise<void> {
  const { webhook } = await addWebhook(world, true, { url });
  for (let lane = 0; lane < conversations; lane += 1)
    await world.store.db
      .insertInto('deliveries')
      .values({
        id: world.newId(),
        webhook_id: webhook.id,
        lane: `conversation ${lane}`,
        event_id: world.newId(),
        body: '{}',
        state: 'waiting',
        attempts: 0,
        next: world.now(),
        created: world.now(),
        done: null,
      })
      .execute();
}

describe('subscriptions that hang', () => {
  test.each([1, 32, 100, 300])(
    '%i of them, each in ten conversations, keep nobody else from several attempts at once',
    async (count) => {
      for (let at = 0; at < count; at += 1) await waiting(`https://hung-${at}.example`, 10);
      await waiting('https://well.example', 10);
      let atOnce = 0;
      let most = 0;

      start(async ({ url }) => {
        if (url !== 'https://well.example') return hang();
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise((resolve) => setTimeout(resolve, 5));
        atOnce -= 1;
        return take();
      });
      await eventually(() => postedTo('https://well.example').length === 10);

      expect(postedTo('https://hung-0.example').length).toBeLessThanOrEqual(8);
      expect(posted.length).toBeLessThanOrEqual(256 + count + 10);
      if (count < 256) expect(most).toBeGreaterThan(1);
    },
  );
});

test('an attempt that can’t be recorded isn’t posted again and again, and goes out again later under the same id', async () => {
  await waiting('https://bot.example', 1);
  const broken = Object.create(world.store, {
    transaction: { value: () => Promise.reject(new Error('the disk is full')) },
  });
  const first = start(take, { ...world, store: broken });
  await eventually(() => posted.length === 1);

  for (let at = 0; at < 20; at += 1) {
    world.hub.publish({ type: 'deliveries' });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(posted).toHaveLength(1);

  await first.stop();
  start(take);
  await eventually(() => posted.length === 2);
  expect(posted[1]?.id).toBe(posted[0]?.id);
});
