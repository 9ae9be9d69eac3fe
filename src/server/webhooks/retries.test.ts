import { describe, expect, test } from 'vitest';
import { retrySchedule } from '../../protocol/webhook';
import { eventually } from '../testServer';
import { ids, texts, webhookScene } from './webhookScene';

const scene = webhookScene();
const { passTime, post, of, deliveries } = scene;

describe('retries', () => {
  test('come on the published schedule with jitter, and after the last one the delivery is kept as a dead letter', async () => {
    await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => 500);
    const { id } = await scene.server.conversation('stubborn');
    await scene.receiver.until(() => of(id).length === 1);

    for (const [at, seconds] of retrySchedule.entries()) {
      await eventually(async () => (await deliveries())[0]?.attempts === at + 1);
      const [delivery] = await deliveries();
      const wait = (Number(delivery?.next) - scene.now()) / 1_000;
      expect(wait, `attempt ${at + 2}`).toBeGreaterThan(seconds * 0.9 - 5);
      expect(wait, `attempt ${at + 2}`).toBeLessThanOrEqual(seconds * 1.1);
      expect(delivery?.state).toBe('waiting');
      passTime(seconds * 1.1);
      await scene.receiver.until(() => of(id).length === at + 2);
    }
    await eventually(async () => (await deliveries())[0]?.state === 'dead');

    expect(ids(of(id))).toHaveLength(1);
    expect(of(id).map(({ headers }) => Number(headers['x-retry-count']))).toEqual([
      ...retrySchedule.keys(),
      retrySchedule.length,
    ]);
    const attempts = await scene.server.world.store.db.selectFrom('delivery_attempts').selectAll().execute();
    expect(attempts.map(({ status }) => status)).toEqual(Array(retrySchedule.length + 1).fill(500));
    expect(retrySchedule.reduce((sum: number, each) => sum + each, 0)).toBeGreaterThan(86_400); // A bot down for a day loses nothing.
    // What came after is not lost behind it.
    scene.receiver.answerWith(() => 200);
    await post(id, 'next');
    await scene.receiver.until(() => texts(of(id)).includes('next'));
  }, 40_000);

  test.each([
    ['seconds', () => '120', 110],
    ['a date', () => new Date(Date.now() + 120_000).toUTCString(), 110],
    ['too much', () => '99999999', 86_000],
  ])('wait as long as Retry-After says in %s, at most a day', async (_, value, least) => {
    await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => ({ status: 429, headers: { 'retry-after': value() } }));
    await scene.server.conversation();
    await eventually(async () => (await deliveries())[0]?.attempts === 1);

    const wait = (Number((await deliveries())[0]?.next) - Date.now()) / 1_000;

    expect(wait).toBeGreaterThan(least);
    expect(wait).toBeLessThanOrEqual(86_400);
  });

  test('of every conversation wait when one of them was told Retry-After', async () => {
    await scene.server.webhook(scene.receiver.url, ['message_create']);
    const told = await scene.server.conversation('0');
    const other = await scene.server.conversation('0');
    await scene.receiver.until((received) => received.length === 2);
    scene.receiver.answerWith(() => ({ status: 429, headers: { 'retry-after': '600' } }));
    await post(told.id, '1');
    await eventually(async () => (await deliveries()).at(-1)?.attempts === 1);
    scene.receiver.answerWith(() => 200);

    await post(other.id, '1');
    passTime(599);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(texts(of(other.id))).toEqual(['0']);

    passTime(2);
    await scene.receiver.until(() => of(other.id).length === 2 && of(told.id).length === 3);
    expect(texts(of(told.id))).toEqual(['0', '1', '1']);
  });

  test.each([
    ['is given another address', (): object => ({ url: `${scene.receiver.url}/new` })],
    ['is switched on again', (): object => ({ enabled: true })],
  ])('wait for no Retry-After any longer once the webhook %s', async (_, change) => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => ({ status: 503, headers: { 'retry-after': '86400' } }));
    await scene.server.conversation('0');
    await eventually(async () => (await deliveries())[0]?.attempts === 1);
    scene.receiver.answerWith(() => 200);

    await scene.server.call('PATCH', `/v2/webhooks/${webhookId}`, { token: scene.bot.token, body: change() });
    const { id } = await scene.server.conversation('other');

    await scene.receiver.until(() => of(id).length === 1);
  });

  test.each(['soon', '-5', '0', ''])('are not put off by a Retry-After of %j', async (value) => {
    await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => ({ status: 503, headers: { 'retry-after': value } }));
    await scene.server.conversation();
    await eventually(async () => (await deliveries())[0]?.attempts === 1);

    expect(Number((await deliveries())[0]?.next) - Date.now()).toBeLessThanOrEqual(2_200);
  });

  test('a webhook that is removed while it is being called leaves nothing behind', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    let answer: (status: number) => void = () => {};
    scene.receiver.answerWith(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await scene.server.conversation();
    await scene.receiver.until((received) => received.length === 1);

    expect((await scene.server.call('DELETE', `/v2/webhooks/${webhookId}`, scene.bot)).status).toBe(204);
    answer(500);
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(await deliveries()).toEqual([]);
    expect((await scene.server.call('DELETE', `/v2/webhooks/${webhookId}`, scene.bot)).body).toMatchObject({
      code: 404,
      status: 'WEBHOOK_NOT_FOUND',
    });
  });
});
