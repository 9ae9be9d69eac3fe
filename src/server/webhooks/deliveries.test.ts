import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import { retrySchedule, type WebhookBody } from '../../protocol/webhook';
import { clearOld } from '../retention';
import { eventually, newClientId, type Received, startReceiver } from '../testServer';
import { texts, webhookScene } from './webhookScene';

const scene = webhookScene();
const { passTime, post, setAhead } = scene;

type Delivery = {
  id: string;
  state: string;
  attempts: number;
  action: string;
  event_id: string;
  created_time: string;
  last_status?: number;
};
type Page = { deliveries: Delivery[]; link?: { href: string } };
const call = <T = ErrorBody>(method: string, path: string, body?: object) =>
  scene.server.call<T>(method, path, { token: scene.bot.token, ...(body ? { body } : {}) });
const log = async (id: string, query = '') =>
  (await call<Page>('GET', `/v2/webhooks/${id}/deliveries${query}`)).body.deliveries;
const isQuiet = (id: string) => eventually(async () => (await log(id)).every(({ state }) => state !== 'waiting'));
/** A conversation with messages `0` … `count - 1` of which the receiver refused those for which `isRefused`. */
async function withDead(count: number, isRefused: (text: string) => boolean) {
  const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
  scene.receiver.answerWith((request) => (isRefused(texts([request])[0] ?? '') ? 400 : 200));
  const { id } = await scene.server.conversation('0');
  for (let at = 1; at < count; at += 1) await post(id, String(at));
  await scene.receiver.until((received) => received.length === count);
  await isQuiet(webhookId);
  scene.receiver.received.length = 0;
  scene.receiver.answerWith(() => 200);
  return { webhookId, id };
}

describe('a subscription', () => {
  test('is read, changed and counted', async () => {
    const { id } = await scene.server.webhook(scene.receiver.url);

    const changed = await call('PATCH', `/v2/webhooks/${id}`, {
      url: `${scene.receiver.url}?new`,
      events: ['user_update'],
    });

    const now = { id, url: `${scene.receiver.url}?new`, events: ['user_update'], enabled: true };
    expect(changed.body).toMatchObject(now);
    expect((await call('GET', `/v2/webhooks/${id}`)).body).toMatchObject({ ...now, waiting: 0, dead: 0 });
    expect((await call('PATCH', `/v2/webhooks/${id}`, {})).body).toMatchObject(now);
    for (const bad of [{ url: 'ftp://x' }, { events: [] }, { events: ['all'] }, { enabled: 1 }])
      expect((await call('PATCH', `/v2/webhooks/${id}`, bad)).body).toMatchObject({ code: 400 });
    expect((await call('GET', `/v2/webhooks/${id}`)).body).toMatchObject(now);
  });

  test('of a URL that is subscribed already is refused, also by changing another one', async () => {
    const { id } = await scene.server.webhook(scene.receiver.url);
    const create = (url: string) => call<ErrorBody & { webhook: { id: string } }>('POST', '/v2/webhooks', { url });

    const again = await create(scene.receiver.url);
    const other = await create(`${scene.receiver.url}?for=audit`);

    expect(again.body).toMatchObject({ code: 409, status: 'ALREADY_EXISTS' });
    expect(again.body.message).toContain(id);
    expect(other.status).toBe(201);
    const change = await call('PATCH', `/v2/webhooks/${other.body.webhook.id}`, { url: scene.receiver.url });
    expect(change.body).toMatchObject({ code: 409, status: 'ALREADY_EXISTS' });
    expect((await call('PATCH', `/v2/webhooks/${id}`, { url: scene.receiver.url })).status).toBe(200);
  });

  test('that is off is told nothing, and goes on where it stopped once it is on', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    const { id } = await scene.server.conversation('0');
    await scene.receiver.until((received) => received.length === 1);
    await call('PATCH', `/v2/webhooks/${webhookId}`, { enabled: false });

    await post(id, '1');
    await post(id, '2');
    passTime(60);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(texts(scene.receiver.received)).toEqual(['0']);
    expect((await call('GET', `/v2/webhooks/${webhookId}`)).body).toMatchObject({ enabled: false, waiting: 2 });
    await call('PATCH', `/v2/webhooks/${webhookId}`, { enabled: true });
    await scene.receiver.until((received) => received.length === 3);

    expect(texts(scene.receiver.received)).toEqual(['0', '1', '2']);
  });

  test('that was switched off by 410 goes on the same way; what got the 410 is a dead letter', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => 410);
    const { id } = await scene.server.conversation('0');
    await eventually(
      async () => (await call<{ enabled?: boolean }>('GET', `/v2/webhooks/${webhookId}`)).body.enabled === false,
    );
    await post(id, '1');
    scene.receiver.answerWith(() => 200);

    await call('PATCH', `/v2/webhooks/${webhookId}`, { enabled: true });
    await scene.receiver.until((received) => received.length === 2);
    await isQuiet(webhookId);

    expect(texts(scene.receiver.received)).toEqual(['0', '1']);
    expect((await log(webhookId)).map(({ state }) => state)).toEqual(['delivered', 'dead']);
  });

  test('whose URL is changed sends what waits to the new one', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => 500);
    await scene.server.conversation('0');
    await scene.receiver.until((received) => received.length === 1);
    const moved = await startReceiver();

    await call('PATCH', `/v2/webhooks/${webhookId}`, { url: moved.url });
    passTime(10);
    await moved.until((received) => received.length === 1);

    expect(moved.received[0]?.headers['webhook-id']).toBe(scene.receiver.received[0]?.headers['webhook-id']);
    await moved.stop();
  });
});

describe('a secret that is rotated', () => {
  const verifies = (secret: string, { raw, headers }: Received) => {
    try {
      return Boolean(new Webhook(secret).verify(raw, headers as Record<string, string>));
    } catch {
      return false;
    }
  };
  const rotate = (id: string, body: object = {}) =>
    call<{ secret: string; webhook: { previous_secret_until_time?: string } }>(
      'POST',
      `/v2/webhooks/${id}/rotate-secret`,
      body,
    );

  test('signs beside the old one until the overlap ends, then alone', async () => {
    const { id: webhookId, secret: old } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    const { body } = await rotate(webhookId, { overlap_seconds: 60 });
    const { id } = await scene.server.conversation('0');
    await scene.receiver.until((received) => received.length === 1);

    const [during] = scene.receiver.received as [Received];
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.secret).not.toBe(old);
    expect(Date.parse(body.webhook.previous_secret_until_time ?? '')).toBeGreaterThan(Date.now());
    expect(String(during.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect([verifies(body.secret, during), verifies(old, during)]).toEqual([true, true]);
    setAhead(61_000);
    await post(id, '1');
    await scene.receiver.until((received) => received.length === 2);
    const [, after] = scene.receiver.received as [Received, Received];
    expect(String(after.headers['webhook-signature']).split(' ')).toHaveLength(1);
    // The verifier's clock is not the server's.
    const { id: hookId } = { id: String(after.headers['webhook-id']) };
    const time = new Date(Number(after.headers['webhook-timestamp']) * 1_000);
    expect(after.headers['webhook-signature']).toBe(new Webhook(body.secret).sign(hookId, time, after.raw.toString()));
    expect((await call('GET', `/v2/webhooks/${webhookId}`)).text).not.toContain('previous_secret');
  });

  test('with 0 ends the old one at once, and stands in no answer but its own', async () => {
    const { id: webhookId, secret: old } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    await rotate(webhookId);
    const { body } = await rotate(webhookId, { overlap_seconds: 0 });
    await scene.server.conversation('0');
    await scene.receiver.until((received) => received.length === 1);

    const [only] = scene.receiver.received as [Received];
    expect([verifies(body.secret, only), verifies(old, only)]).toEqual([true, false]);
    for (const path of ['', `/${webhookId}`, `/${webhookId}/deliveries`])
      expect((await call('GET', `/v2/webhooks${path}`)).text).not.toContain(body.secret);
  });
});

describe('a test', () => {
  type Tested = { delivered: boolean; status?: number; error?: string; duration_ms: number; delivery_id: string };
  const run = (id: string) => call<Tested>('POST', `/v2/webhooks/${id}/test`, {});

  test('sends a signed sample that is marked, once, and says what it came to', async () => {
    const { id, secret } = await scene.server.webhook(scene.receiver.url, ['user_update']);

    const good = await run(id);
    scene.receiver.answerWith(() => 500);
    const bad = await run(id);

    expect(good.body).toMatchObject({ delivered: true, status: 200, duration_ms: expect.any(Number) });
    expect(bad.body).toMatchObject({ delivered: false, status: 500 });
    const [sample] = scene.receiver.received as [Received];
    expect(sample.headers['webhook-id']).toBe(good.body.delivery_id);
    expect(new Webhook(secret).verify(sample.raw, sample.headers as Record<string, string>)).toBeTruthy();
    expect(sample.body).toMatchObject({
      action: 'message_create',
      test: true,
      data: { message: { actor_type: 'system' } },
    });
    expect(sample.body).not.toHaveProperty('conversation_id');
    expect(await log(id)).toEqual([]);
    passTime(3_600);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(scene.receiver.received).toHaveLength(2);
  });

  test('of what can’t be reached, and of one that is off, says so too', async () => {
    const { id } = await scene.server.webhook('http://127.0.0.1:1/hook');
    await call('PATCH', `/v2/webhooks/${id}`, { enabled: false });

    expect((await run(id)).body).toMatchObject({
      delivered: false,
      error: expect.stringMatching(/ECONNREFUSED|connect/i),
    });
  });

  test('holds nothing up while the receiver thinks, whatever Idempotency-Key it has', async () => {
    const { id } = await scene.server.webhook(scene.receiver.url, ['user_update']);
    let answer: (status: number) => void = () => {};
    scene.receiver.answerWith(() => new Promise((resolve) => (answer = resolve)));
    const headers = { 'idempotency-key': newClientId() };
    const running = scene.server.call('POST', `/v2/webhooks/${id}/test`, { token: scene.bot.token, body: {}, headers });
    await scene.receiver.until((received) => received.length === 1);

    await scene.server.conversation('in the meantime'); // A transaction of its own.
    answer(200);

    expect((await running).status).toBe(200);
  });
});

describe('the log', () => {
  test('lists newest first, by pages, and by state, action and time', async () => {
    const { webhookId } = await withDead(5, (text) => text === '3');
    const all = await log(webhookId);

    expect(all.map(({ state, last_status }) => [state, last_status])).toEqual([
      ['delivered', 200],
      ['dead', 400],
      ['delivered', 200],
      ['delivered', 200],
      ['delivered', 200],
    ]);
    const walked: Delivery[] = [];
    let path: string | undefined = `/v2/webhooks/${webhookId}/deliveries?items_per_page=2`;
    while (path) {
      const { body }: { body: Page } = await call<Page>('GET', path);
      expect(body.deliveries.length).toBeLessThanOrEqual(2);
      walked.push(...body.deliveries);
      path = body.link?.href;
    }
    expect(walked).toEqual(all);
    expect((await log(webhookId, '?state=dead')).map(({ id }) => id)).toEqual([all[1]?.id]);
    expect(await log(webhookId, '?action=user_update')).toEqual([]);
    expect(await log(webhookId, '?action=message_create&state=delivered')).toHaveLength(4);
    const [newest] = all as [Delivery];
    expect((await log(webhookId, `?from=${newest.created_time}`)).at(0)?.id).toBe(newest.id);
    expect((await log(webhookId, `?to=${newest.created_time}`)).map(({ id }) => id)).not.toContain(newest.id);
    for (const bad of ['state=lost', 'action=x', 'from=yesterday', 'cursor=x', 'cursor=1', 'items_per_page=0'])
      expect((await call('GET', `/v2/webhooks/${webhookId}/deliveries?${bad}`)).body, bad).toMatchObject({ code: 400 });
  });

  test('of one delivery has its body as it was sent, and every attempt', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => 503);
    await scene.server.conversation('0');
    await eventually(async () => (await log(webhookId))[0]?.attempts === 1);
    scene.receiver.answerWith(() => 200);
    passTime(10);
    await isQuiet(webhookId);

    const [{ id }] = (await log(webhookId)) as [Delivery];
    const { body } = await call<Delivery & { body: WebhookBody; history: object[] }>('GET', `/v2/deliveries/${id}`);

    expect(body).toMatchObject({ id, state: 'delivered', attempts: 2, last_status: 200, action: 'message_create' });
    expect(JSON.stringify(body.body)).toBe(scene.receiver.received[0]?.raw.toString());
    expect(body.history).toMatchObject([
      { attempt: 1, status: 503, duration_ms: expect.any(Number) },
      { attempt: 2, status: 200 },
    ]);
  });
});

describe('a replay', () => {
  test('of one sends the same body under the same ids, and counts the attempts on', async () => {
    const { webhookId } = await withDead(2, (text) => text === '1');
    const [dead] = (await log(webhookId, '?state=dead')) as [Delivery];

    const answer = await call('POST', `/v2/deliveries/${dead.id}/replay`, {});
    await scene.receiver.until((received) => received.length === 1);
    await isQuiet(webhookId);

    expect(answer.status).toBe(202);
    const [again] = scene.receiver.received as [Received];
    expect(again.headers).toMatchObject({ 'webhook-id': dead.id, 'x-retry-count': '1' });
    expect(again.body.event_id).toBe(dead.event_id);
    expect((await log(webhookId))[0]).toMatchObject({ id: dead.id, state: 'delivered', attempts: 2 });
  });

  test('of a time range sends what is dead in it, in the order of each conversation', async () => {
    const { webhookId } = await withDead(8, (text) => Number(text) % 2 === 1);
    const range = {
      from: new Date(Date.now() - 60_000).toISOString(),
      to: new Date(Date.now() + 60_000).toISOString(),
    };

    const answer = await call('POST', `/v2/webhooks/${webhookId}/replay`, range);
    await isQuiet(webhookId);

    expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: { replayed: 4 } });
    expect(texts(scene.receiver.received)).toEqual(['1', '3', '5', '7']);
    const before = { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' };
    expect((await call('POST', `/v2/webhooks/${webhookId}/replay`, before)).body).toEqual({ replayed: 0 });
    const taken = await call('POST', `/v2/webhooks/${webhookId}/replay`, { ...range, state: 'delivered' });
    expect(taken.body).toEqual({ replayed: 8 });
    await isQuiet(webhookId);
    expect(texts(scene.receiver.received.slice(4))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  test('goes out before what is newer, but one that fails again waits aside and holds no customer up', async () => {
    const { webhookId, id } = await withDead(3, (text) => text !== '0');
    scene.receiver.answerWith((request) => (texts([request])[0] === '1' ? 500 : 200));
    const range = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };

    await call('POST', `/v2/webhooks/${webhookId}/replay`, range);
    await scene.receiver.until((received) => received.length === 1);
    await post(id, 'new');
    await scene.receiver.until((received) => texts(received).includes('new'));
    expect(texts(scene.receiver.received)).toEqual(['1', 'new']); // 2 is behind 1, which waits for its retry.
    scene.receiver.answerWith(() => 200);
    passTime(10);
    await isQuiet(webhookId);

    expect(texts(scene.receiver.received)).toEqual(['1', 'new', '1', '2']);
  });

  test('of what is older goes out before what waited already', async () => {
    const { webhookId, id } = await withDead(3, (text) => text !== '0');
    await call('PATCH', `/v2/webhooks/${webhookId}`, { enabled: false });
    await post(id, 'new');
    await call('POST', `/v2/webhooks/${webhookId}/replay`, {
      from: '2020-01-01T00:00:00Z',
      to: '2100-01-01T00:00:00Z',
    });

    await call('PATCH', `/v2/webhooks/${webhookId}`, { enabled: true });
    await isQuiet(webhookId);

    expect(texts(scene.receiver.received)).toEqual(['1', '2', 'new']);
  });

  test('begins the schedule anew, and ends as a dead letter again', async () => {
    const { webhookId } = await withDead(1, () => true);
    scene.receiver.answerWith(() => 500);
    const [{ id }] = (await log(webhookId)) as [Delivery];
    await scene.server.world.store.db
      .updateTable('deliveries')
      .set({ attempts: retrySchedule.length + 1 })
      .execute();

    await call('POST', `/v2/deliveries/${id}/replay`, {});
    await eventually(async () => (await log(webhookId))[0]?.attempts === retrySchedule.length + 2);

    expect((await log(webhookId))[0]).toMatchObject({ state: 'waiting', last_status: 500 });
  });

  test('of what waits for its next attempt makes that now, in its turn', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    scene.receiver.answerWith(() => ({ status: 503, headers: { 'retry-after': '3600' } }));
    const { id } = await scene.server.conversation('0');
    await post(id, '1');
    await eventually(async () => (await log(webhookId)).at(-1)?.attempts === 1);
    scene.receiver.answerWith(() => 200);

    const range = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z', state: 'waiting' };
    expect((await call('POST', `/v2/webhooks/${webhookId}/replay`, range)).body).toEqual({ replayed: 2 });
    await isQuiet(webhookId);

    expect(texts(scene.receiver.received)).toEqual(['0', '0', '1']);
  });

  test.each([
    {},
    { from: '2026-01-01' },
    { from: 'x', to: 'y' },
    { from: '2026-01-01', to: '2026-01-02', state: 'all' },
  ])('takes no range like %j', async (body) => {
    const { id } = await scene.server.webhook(scene.receiver.url, ['message_create']);

    expect((await call('POST', `/v2/webhooks/${id}/replay`, body)).body).toMatchObject({ code: 400 });
  });
});

describe('what is old', () => {
  const day = 86_400;
  const states = async () =>
    (await scene.server.world.store.db.selectFrom('deliveries').select('state').orderBy('position').execute()).map(
      ({ state }) => state,
    );
  const clear = () => clearOld(scene.server.world, 30, new AbortController().signal);

  test('is cleared with its attempts: what was taken after 30 days, dead letters after 90, what waits never', async () => {
    const { webhookId, id } = await withDead(2, (text) => text === '1');
    scene.receiver.answerWith(() => 500);
    await post(id, 'waits');
    await eventually(async () => (await log(webhookId))[0]?.attempts === 1);

    setAhead(29 * day * 1_000);
    await clear();
    expect(await states()).toEqual(['delivered', 'dead', 'waiting']);
    setAhead(31 * day * 1_000);
    await clear();
    expect((await states())[0]).toBe('dead');
    expect(await states()).not.toContain('delivered');
    setAhead(91 * day * 1_000);
    await clear();
    expect(await states()).not.toContain('dead');
    expect(await scene.server.world.store.db.selectFrom('delivery_attempts').select('delivery_id').execute()).toSatisfy(
      (kept: { delivery_id: string }[]) => new Set(kept.map((each) => each.delivery_id)).size <= 1,
    );
  });

  test('and waits for a webhook that stays off becomes a dead letter when retries would have ended', async () => {
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, ['message_create']);
    await call('PATCH', `/v2/webhooks/${webhookId}`, { enabled: false });
    await scene.server.conversation('0');

    setAhead(day * 1_000);
    await clear();
    expect(await states()).toEqual(['waiting']);
    setAhead(3 * day * 1_000);
    await clear();

    expect(await states()).toEqual(['dead']);
    await call('PATCH', `/v2/webhooks/${webhookId}`, { enabled: true });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(scene.receiver.received).toEqual([]);
  });

  test('of sessions and rotated tokens goes too, and is cleared in batches', async () => {
    const { db } = scene.server.world.store;
    await db
      .insertInto('revoked_sessions')
      .values([
        { id: 'old', time: 1 },
        { id: 'new', time: Date.now() },
      ])
      .execute();
    const { id } = await scene.server.token([]);
    await call('POST', `/v2/tokens/${id}/rotate`, { overlap_seconds: 1 });
    const { id: webhookId } = await scene.server.webhook(scene.receiver.url, []);
    const rows = Array.from({ length: 700 }, (_, at) => ({
      id: `many-${at}`,
      webhook_id: webhookId,
      lane: 'x',
      event_id: 'x',
      body: '{}',
      state: 'delivered' as const,
      attempts: 1,
      next: 0,
      created: 1,
      done: 1,
    }));
    for (let at = 0; at < rows.length; at += 70)
      await db
        .insertInto('deliveries')
        .values(rows.slice(at, at + 70))
        .execute();

    setAhead(2_000);
    await clear();

    expect((await db.selectFrom('revoked_sessions').select('id').execute()).map((each) => each.id)).toEqual(['new']);
    const token = await db.selectFrom('tokens').select('previous_hash').where('id', '=', id).executeTakeFirst();
    expect(token).toEqual({ previous_hash: null });
    expect(await states()).toEqual([]);
  });
});
