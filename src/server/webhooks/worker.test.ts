import { describe, expect, test } from 'vitest';
import { eventually, type Receiver, startReceiver } from '../testServer';
import { texts, webhookScene } from './webhookScene';

const scene = webhookScene();
const { passTime, post, of, deliveries } = scene;

describe('order', () => {
  test('within each conversation is the log’s, also when the receiver answers out of step', async () => {
    scene.receiver.answerWith(async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
      return 200;
    });
    await scene.server.webhook(scene.receiver.url, ['message_create']);
    const conversations = await Promise.all(Array.from({ length: 5 }, () => scene.server.conversation('0')));
    await Promise.all(
      conversations.map(async ({ id }) => {
        for (let at = 1; at < 12; at += 1) await post(id, String(at));
      }),
    );

    await scene.receiver.until((received) => received.length === 60);

    for (const { id } of conversations)
      expect(texts(of(id))).toEqual(Array.from({ length: 12 }, (_, at) => String(at)));
  });

  test.each<[string, Parameters<Receiver['answerWith']>[0]]>([
    ['500', () => 500],
    ['503', () => 503],
    ['408', () => 408],
    ['a connection that breaks', () => 'break'],
  ])('%s holds that conversation back, and only that one, until it is taken', async (_, fail) => {
    await scene.server.webhook(scene.receiver.url, ['message_create']);
    const held = await scene.server.conversation('0');
    const free = await scene.server.conversation('0');
    await scene.receiver.until((received) => received.length === 2);
    scene.receiver.answerWith((request) => (request.body.conversation_id === held.id ? fail(request) : 200));

    for (const { id } of [held, free]) for (const text of ['1', '2', '3']) await post(id, text);
    await scene.receiver.until(() => of(free.id).length === 4 && of(held.id).length === 2);
    expect(texts(of(held.id))).toEqual(['0', '1']);
    scene.receiver.answerWith(() => 200);
    passTime(10);
    await scene.receiver.until(() => of(held.id).length === 5);

    expect(texts(of(held.id))).toEqual(['0', '1', '1', '2', '3']);
    const [, first, again] = of(held.id);
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(again?.raw).toEqual(first?.raw);
    expect([first, again].map((each) => each?.headers['x-retry-count'])).toEqual(['0', '1']);
  });

  test('a receiver that hangs in many conversations slows neither others nor another receiver', async () => {
    const other = await startReceiver();
    await scene.server.webhook(scene.receiver.url, ['message_create']);
    await scene.server.webhook(other.url, ['message_create']);
    scene.receiver.answerWith(() => new Promise(() => {}));
    const started = performance.now();

    await Promise.all(Array.from({ length: 20 }, () => scene.server.conversation()));
    await other.until((received) => received.length === 20);

    expect(performance.now() - started).toBeLessThan(5_000);
    expect(scene.receiver.received.length).toBeLessThanOrEqual(8);
    await other.stop();
  });

  test.each([400, 401, 404, 422, 301, 302, 307])(
    '%i makes a dead letter at once, and the next goes out',
    async (status) => {
      await scene.server.webhook(scene.receiver.url, ['message_create']);
      const elsewhere = await startReceiver();
      const { id } = await scene.server.conversation('0');
      await scene.receiver.until(() => of(id).length === 1);
      scene.receiver.answerWith(({ body }) =>
        JSON.stringify(body).includes('refuse me') ? { status, headers: { location: elsewhere.url } } : 200,
      );

      await post(id, 'refuse me');
      await post(id, 'next');
      await scene.receiver.until(() => of(id).length === 3);

      expect(texts(of(id))).toEqual(['0', 'refuse me', 'next']);
      await eventually(async () => (await deliveries()).every(({ state }) => state !== 'waiting'));
      expect((await deliveries()).map(({ state }) => state)).toEqual(['delivered', 'dead', 'delivered']);
      expect(elsewhere.received).toEqual([]);
      await elsewhere.stop();
    },
  );

  test('410 switches the webhook off', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => 410);
    const { id } = await scene.server.conversation();
    await scene.receiver.until((received) => received.length === 1);
    const list = () =>
      scene.server.call<{ webhooks: { id: string; enabled: boolean }[] }>('GET', '/v2/webhooks', scene.bot);
    await eventually(async () => (await list()).body.webhooks.some((each) => each.id === webhookId && !each.enabled));

    await post(id, 'nobody is told');
    passTime(3_600);
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(scene.receiver.received).toHaveLength(1);
  });

  test('410 of the address that a webhook had before does not switch it off', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    let goOn = () => {};
    scene.receiver.answerWith(async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return 410;
    });
    await scene.server.conversation();
    await scene.receiver.until((received) => received.length === 1);
    await scene.server.call('PATCH', `/v2/webhooks/${webhookId}`, {
      token: scene.bot.token,
      body: { url: `${scene.receiver.url}/new` },
    });
    goOn();
    await eventually(async () => (await deliveries())[0]?.attempts === 1);

    const { body } = await scene.server.call('GET', `/v2/webhooks/${webhookId}`, { token: scene.bot.token });
    expect(body).toMatchObject({ enabled: true });
  });
});
