import { createPublicKey, verify } from 'node:crypto';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../protocol/message';
import { retrySchedule } from '../../protocol/webhook';
import { openInstallation } from '../installation';
import {
  conversationPath,
  eventually,
  type Received,
  type Receiver,
  says,
  startReceiver,
  startTestServer,
  type TestServer,
} from '../testServer';
import { guardedAgent } from './guard';
import { createPost } from './post';
import { createSigner } from './sign';
import { addWebhook } from './subscriptions';
import { startWebhookWorker } from './worker';

let server: TestServer;
let bot: { token: string; agentId: string };
let receiver: Receiver;
let ahead = 0;
beforeAll(async () => {
  server = await startTestServer({ now: () => Date.now() + ahead });
  bot = await server.token(undefined, { bot: true });
});
afterAll(() => server.stop());
beforeEach(async () => {
  ahead = 0;
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const { id } of await server.world.store.db.selectFrom('webhooks').select('id').execute())
    await server.call('DELETE', `/v2/webhooks/${id}`, { token: bot.token });
  await receiver.stop();
});

/** The clock goes on, and the worker looks at it. */
function passTime(seconds: number): void {
  ahead += seconds * 1_000;
  server.world.hub.publish({ type: 'deliveries' });
}
const post = (id: string, text: string) =>
  server.call<Message>('POST', conversationPath(id, '/messages'), { token: bot.token, body: says(text) });
const of = (id: string) => receiver.received.filter(({ body }) => body.conversation_id === id);
const texts = (received: Received[]) =>
  received.map(({ body }) => (body.data.message?.message_parts[0] as { text?: { content: string } })?.text?.content);
const deliveries = () => server.world.store.db.selectFrom('deliveries').selectAll().orderBy('position').execute();
/** Once, for each event. */
const ids = (received: Received[]) => [...new Set(received.map(({ headers }) => headers['webhook-id']))];

describe('signatures', () => {
  test('both verify over the raw bytes, whatever script the text is in', async () => {
    const { secret, publicKey } = await server.webhook(receiver.url);
    const { id } = await server.conversation('Grüße, 你好, مرحبا, 👋 \u2028 "\\ \u0000');
    await receiver.until(() => of(id).length === 2);

    for (const { raw, headers } of of(id)) {
      const signed = { 'webhook-id': '', 'webhook-timestamp': '', 'webhook-signature': '' };
      for (const name of Object.keys(signed) as (keyof typeof signed)[]) signed[name] = String(headers[name]);
      expect(new Webhook(secret).verify(raw, signed)).toBeTruthy();
      const rsa = Buffer.from(String(headers['x-freshchat-signature']), 'base64');
      expect(verify('RSA-SHA256', raw, publicKey, rsa)).toBe(true);
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'x-freshchat-payload-version': '2',
        'x-retry-count': '0',
      });
      // One byte more, another id, another secret: no.
      expect(verify('RSA-SHA256', Buffer.concat([raw, Buffer.from(' ')]), publicKey, rsa)).toBe(false);
      expect(() => new Webhook(secret).verify(`${raw} `, signed)).toThrow();
      expect(() => new Webhook(secret).verify(raw, { ...signed, 'webhook-id': 'other' })).toThrow();
      expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(raw, signed)).toThrow();
    }
  });

  test('the public key works for receivers that mend the PEM text by hand', async () => {
    const { publicKey } = await server.webhook(receiver.url);
    const oneLine = publicKey.replace(/\n/g, ' ').trim();
    const der = Buffer.from(oneLine.replace(/-----[^-]+-----/g, '').replace(/\s/g, ''), 'base64');

    expect(createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyType).toBe('rsa');
  });

  test('while a secret is changed, each of the two signs', async () => {
    const { id: webhookId, secret } = await server.webhook(receiver.url);
    const next = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await server.world.store.db
      .updateTable('webhooks')
      .set({ secrets_json: JSON.stringify([next, secret]) })
      .where('id', '=', webhookId)
      .execute();
    await server.conversation();
    await receiver.until((received) => received.length > 0);

    for (const { raw, headers } of receiver.received)
      for (const each of [next, secret])
        expect(new Webhook(each).verify(raw, headers as Record<string, string>)).toBeTruthy();
  });
});

describe('what is told', () => {
  test('each event in v2’s shape, chained by the id of the one before', async () => {
    await server.webhook(receiver.url);
    const { id, userId } = await server.conversation('Hello');
    const put = (body: object) => server.call('PUT', conversationPath(id), { token: bot.token, body });
    await put({ assigned_agent_id: bot.agentId });
    await put({ status: 'resolved' });
    await put({ status: 'reopened' });
    await receiver.until(() => of(id).length === 5);

    const told = of(id).map(({ body }) => body);
    const conversation = { conversation_id: id, app_id: server.world.appId, user_id: userId };
    expect(told.map(({ action }) => action)).toEqual([
      'conversation_create',
      'message_create',
      'conversation_assignment',
      'conversation_resolution',
      'conversation_reopen',
    ]);
    expect(told[1]).toMatchObject({
      actor: { actor_type: 'user', actor_id: userId },
      data: { message: { message_parts: [{ text: { content: 'Hello' } }], message_source: 'web', actor_type: 'user' } },
    });
    expect(told[2]?.data.assignment).toMatchObject({
      to_agent_id: bot.agentId,
      from_agent_id: '',
      assignor: 'bot',
      conversation,
    });
    expect(told[3]?.data.resolve).toMatchObject({
      resolver: 'bot',
      resolver_id: bot.agentId,
      conversation: { status: 'resolved' },
    });
    expect(told[4]?.data.reopen).toMatchObject({
      reopener: 'bot',
      conversation: { ...conversation, status: 'reopened' },
    });
    expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(told.slice(1).map((body) => body.previous_event_id)).toEqual(told.slice(0, -1).map((body) => body.event_id));
    expect(told[0]).not.toHaveProperty('previous_event_id');
  });

  test('only what was asked for, and the chain is of what was sent', async () => {
    await server.webhook(receiver.url, ['message_create']);
    const { id } = await server.conversation('one');
    await server.call('PUT', conversationPath(id), { token: bot.token, body: { status: 'resolved' } });
    await post(id, 'two');
    await receiver.until(() => of(id).length === 2);

    const [first, second] = of(id).map(({ body }) => body);
    expect(second?.previous_event_id).toBe(first?.event_id);
    expect([first?.seq, second?.seq]).toEqual([2, 5]);
  });

  test('how far somebody has read', async () => {
    await server.webhook(receiver.url, ['message_read']);
    const { id, userId } = await server.conversation();
    await server.call('POST', conversationPath(id, '/read'), { token: bot.token, body: { up_to: 2 } });

    await receiver.until((received) => received.length === 1);
    expect(of(id)[0]?.body).toMatchObject({
      action: 'message_read',
      actor: { actor_type: 'bot', actor_id: bot.agentId },
      data: { read: { up_to: 2, conversation: { conversation_id: id, user_id: userId } } },
    });
  });

  test('a change of a user, in order for each user', async () => {
    await server.webhook(receiver.url, ['user_update']);
    const { userId } = await server.conversation();
    for (const first_name of ['A', 'B', 'C'])
      await server.call('PUT', `/v2/users/${userId}`, { token: bot.token, body: { first_name } });

    await receiver.until((received) => received.length === 3);
    expect(receiver.received.map(({ body }) => body.data.user?.first_name)).toEqual(['A', 'B', 'C']);
  });
});

describe('order', () => {
  test('within each conversation is the log’s, also when the receiver answers out of step', async () => {
    receiver.answerWith(async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
      return 200;
    });
    await server.webhook(receiver.url, ['message_create']);
    const conversations = await Promise.all(Array.from({ length: 5 }, () => server.conversation('0')));
    await Promise.all(
      conversations.map(async ({ id }) => {
        for (let at = 1; at < 12; at += 1) await post(id, String(at));
      }),
    );

    await receiver.until((received) => received.length === 60);

    for (const { id } of conversations)
      expect(texts(of(id))).toEqual(Array.from({ length: 12 }, (_, at) => String(at)));
  });

  test.each<[string, Parameters<Receiver['answerWith']>[0]]>([
    ['500', () => 500],
    ['503', () => 503],
    ['408', () => 408],
    ['a connection that breaks', () => 'break'],
  ])('%s holds that conversation back, and only that one, until it is taken', async (_, fail) => {
    await server.webhook(receiver.url, ['message_create']);
    const held = await server.conversation('0');
    const free = await server.conversation('0');
    await receiver.until((received) => received.length === 2);
    receiver.answerWith((request) => (request.body.conversation_id === held.id ? fail(request) : 200));

    for (const { id } of [held, free]) for (const text of ['1', '2', '3']) await post(id, text);
    await receiver.until(() => of(free.id).length === 4 && of(held.id).length === 2);
    expect(texts(of(held.id))).toEqual(['0', '1']);
    receiver.answerWith(() => 200);
    passTime(10);
    await receiver.until(() => of(held.id).length === 5);

    expect(texts(of(held.id))).toEqual(['0', '1', '1', '2', '3']);
    const [, first, again] = of(held.id);
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(again?.raw).toEqual(first?.raw);
    expect([first, again].map((each) => each?.headers['x-retry-count'])).toEqual(['0', '1']);
  });

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

  test('a receiver that hangs in many conversations slows neither others nor another receiver', async () => {
    const other = await startReceiver();
    await server.webhook(receiver.url, ['message_create']);
    await server.webhook(other.url, ['message_create']);
    receiver.answerWith(() => new Promise(() => {}));
    const started = performance.now();

    await Promise.all(Array.from({ length: 20 }, () => server.conversation()));
    await other.until((received) => received.length === 20);

    expect(performance.now() - started).toBeLessThan(5_000);
    expect(receiver.received.length).toBeLessThanOrEqual(8);
    await other.stop();
  });

  test.each([400, 401, 404, 422, 301, 302, 307])(
    '%i makes a dead letter at once, and the next goes out',
    async (status) => {
      await server.webhook(receiver.url, ['message_create']);
      const elsewhere = await startReceiver();
      const { id } = await server.conversation('0');
      await receiver.until(() => of(id).length === 1);
      receiver.answerWith(({ body }) =>
        JSON.stringify(body).includes('refuse me') ? { status, headers: { location: elsewhere.url } } : 200,
      );

      await post(id, 'refuse me');
      await post(id, 'next');
      await receiver.until(() => of(id).length === 3);

      expect(texts(of(id))).toEqual(['0', 'refuse me', 'next']);
      await eventually(async () => (await deliveries()).every(({ state }) => state !== 'waiting'));
      expect((await deliveries()).map(({ state }) => state)).toEqual(['delivered', 'dead', 'delivered']);
      expect(elsewhere.received).toEqual([]);
      await elsewhere.stop();
    },
  );

  test('410 switches the webhook off', async () => {
    const { id: webhookId } = await server.webhook(receiver.url, ['message_create']);
    receiver.answerWith(() => 410);
    const { id } = await server.conversation();
    await receiver.until((received) => received.length === 1);
    const list = () => server.call<{ webhooks: { id: string; enabled: boolean }[] }>('GET', '/v2/webhooks', bot);
    await eventually(async () => (await list()).body.webhooks.some((each) => each.id === webhookId && !each.enabled));

    await post(id, 'nobody is told');
    passTime(3_600);
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(receiver.received).toHaveLength(1);
  });

  test('410 of the address that a webhook had before does not switch it off', async () => {
    const { id: webhookId } = await server.webhook(receiver.url, ['message_create']);
    let goOn = () => {};
    receiver.answerWith(async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return 410;
    });
    await server.conversation();
    await receiver.until((received) => received.length === 1);
    await server.call('PATCH', `/v2/webhooks/${webhookId}`, { token: bot.token, body: { url: `${receiver.url}/new` } });
    goOn();
    await eventually(async () => (await deliveries())[0]?.attempts === 1);

    const { body } = await server.call('GET', `/v2/webhooks/${webhookId}`, { token: bot.token });
    expect(body).toMatchObject({ enabled: true });
  });
});

describe('retries', () => {
  test('come on the published schedule with jitter, and after the last one the delivery is kept as a dead letter', async () => {
    await server.webhook(receiver.url, ['message_create']);
    receiver.answerWith(() => 500);
    const { id } = await server.conversation('stubborn');
    await receiver.until(() => of(id).length === 1);

    for (const [at, seconds] of retrySchedule.entries()) {
      await eventually(async () => (await deliveries())[0]?.attempts === at + 1);
      const [delivery] = await deliveries();
      const wait = (Number(delivery?.next) - (Date.now() + ahead)) / 1_000;
      expect(wait, `attempt ${at + 2}`).toBeGreaterThan(seconds * 0.9 - 5);
      expect(wait, `attempt ${at + 2}`).toBeLessThanOrEqual(seconds * 1.1);
      expect(delivery?.state).toBe('waiting');
      passTime(seconds * 1.1);
      await receiver.until(() => of(id).length === at + 2);
    }
    await eventually(async () => (await deliveries())[0]?.state === 'dead');

    expect(ids(of(id))).toHaveLength(1);
    expect(of(id).map(({ headers }) => Number(headers['x-retry-count']))).toEqual([
      ...retrySchedule.keys(),
      retrySchedule.length,
    ]);
    const attempts = await server.world.store.db.selectFrom('delivery_attempts').selectAll().execute();
    expect(attempts.map(({ status }) => status)).toEqual(Array(retrySchedule.length + 1).fill(500));
    expect(retrySchedule.reduce((sum: number, each) => sum + each, 0)).toBeGreaterThan(86_400); // A bot down for a day loses nothing.
    // What came after is not lost behind it.
    receiver.answerWith(() => 200);
    await post(id, 'next');
    await receiver.until(() => texts(of(id)).includes('next'));
  }, 40_000);

  test.each([
    ['seconds', () => '120', 110],
    ['a date', () => new Date(Date.now() + 120_000).toUTCString(), 110],
    ['too much', () => '99999999', 86_000],
  ])('wait as long as Retry-After says in %s, at most a day', async (_, value, least) => {
    await server.webhook(receiver.url, ['message_create']);
    receiver.answerWith(() => ({ status: 429, headers: { 'retry-after': value() } }));
    await server.conversation();
    await eventually(async () => (await deliveries())[0]?.attempts === 1);

    const wait = (Number((await deliveries())[0]?.next) - Date.now()) / 1_000;

    expect(wait).toBeGreaterThan(least);
    expect(wait).toBeLessThanOrEqual(86_400);
  });

  test('of every conversation wait when one of them was told Retry-After', async () => {
    await server.webhook(receiver.url, ['message_create']);
    const told = await server.conversation('0');
    const other = await server.conversation('0');
    await receiver.until((received) => received.length === 2);
    receiver.answerWith(() => ({ status: 429, headers: { 'retry-after': '600' } }));
    await post(told.id, '1');
    await eventually(async () => (await deliveries()).at(-1)?.attempts === 1);
    receiver.answerWith(() => 200);

    await post(other.id, '1');
    passTime(599);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(texts(of(other.id))).toEqual(['0']);

    passTime(2);
    await receiver.until(() => of(other.id).length === 2 && of(told.id).length === 3);
    expect(texts(of(told.id))).toEqual(['0', '1', '1']);
  });

  test.each([
    ['is given another address', (): object => ({ url: `${receiver.url}/new` })],
    ['is switched on again', (): object => ({ enabled: true })],
  ])('wait for no Retry-After any longer once the webhook %s', async (_, change) => {
    const { id: webhookId } = await server.webhook(receiver.url, ['message_create']);
    receiver.answerWith(() => ({ status: 503, headers: { 'retry-after': '86400' } }));
    await server.conversation('0');
    await eventually(async () => (await deliveries())[0]?.attempts === 1);
    receiver.answerWith(() => 200);

    await server.call('PATCH', `/v2/webhooks/${webhookId}`, { token: bot.token, body: change() });
    const { id } = await server.conversation('other');

    await receiver.until(() => of(id).length === 1);
  });

  test.each(['soon', '-5', '0', ''])('are not put off by a Retry-After of %j', async (value) => {
    await server.webhook(receiver.url, ['message_create']);
    receiver.answerWith(() => ({ status: 503, headers: { 'retry-after': value } }));
    await server.conversation();
    await eventually(async () => (await deliveries())[0]?.attempts === 1);

    expect(Number((await deliveries())[0]?.next) - Date.now()).toBeLessThanOrEqual(2_200);
  });

  test('a webhook that is removed while it is being called leaves nothing behind', async () => {
    const { id: webhookId } = await server.webhook(receiver.url, ['message_create']);
    let answer: (status: number) => void = () => {};
    receiver.answerWith(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await server.conversation();
    await receiver.until((received) => received.length === 1);

    expect((await server.call('DELETE', `/v2/webhooks/${webhookId}`, bot)).status).toBe(204);
    answer(500);
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(await deliveries()).toEqual([]);
    expect((await server.call('DELETE', `/v2/webhooks/${webhookId}`, bot)).body).toMatchObject({
      code: 404,
      status: 'WEBHOOK_NOT_FOUND',
    });
  });
});

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
