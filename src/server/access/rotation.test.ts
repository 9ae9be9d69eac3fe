import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import { newClientId, startTestServer, type TestServer } from '../testServer';
import { authenticate, revokeToken } from './tokens';

let server: TestServer;
let admin: { token: string; id: string };
let ahead = 0;
const ended: string[] = [];
beforeAll(async () => {
  server = await startTestServer({ now: () => Date.now() + ahead });
  admin = await server.token();
  server.world.hub.subscribe((happening) => {
    if (happening.type === 'token_end') ended.push(happening.tokenId);
  });
});
afterAll(() => server.stop());

type Rotated = { id: string; token: string; hint: string; previous_until_time?: string } & ErrorBody;
const rotate = (id: string, body: object = {}, by = admin.token, headers: Record<string, string> = {}) =>
  server.call<Rotated>('POST', `/v2/tokens/${id}/rotate`, { token: by, body, headers });
const works = async (token: string) => (await server.call('GET', '/v2/accounts/configuration', { token })).status;

describe('a token that is rotated', () => {
  test('has two secrets that are good until the overlap ends, then the new one alone', async () => {
    const old = await server.token(['account:read'], { bot: true });

    const { status, body } = await rotate(old.id, { overlap_seconds: 3_600 });

    expect(status).toBe(200);
    expect(body).toMatchObject({ id: old.id, agent_id: old.agentId, scopes: ['account:read'] });
    expect(body.token).not.toBe(old.token);
    expect(Date.parse(body.previous_until_time ?? '') - Date.now() - ahead).toBeGreaterThan(3_590_000);
    expect([await works(old.token), await works(body.token)]).toEqual([200, 200]);
    ahead += 3_599_000;
    expect(await works(old.token)).toBe(200);
    ahead += 2_000;
    expect([await works(old.token), await works(body.token)]).toEqual([401, 200]);
  });

  test('keeps the old one a day when nothing is said, and ends it at once with 0', async () => {
    const day = await server.token(['account:read']);
    const atOnce = await server.token(['account:read']);
    ended.length = 0;

    const kept = (await rotate(day.id)).body;
    const now = (await rotate(atOnce.id, { overlap_seconds: 0 })).body;

    expect((Date.parse(kept.previous_until_time ?? '') - Date.now() - ahead) / 3_600_000).toBeCloseTo(24, 1);
    expect(now).not.toHaveProperty('previous_until_time');
    expect([await works(day.token), await works(atOnce.token), await works(now.token)]).toEqual([200, 401, 200]);
    expect(ended).toEqual([atOnce.id]); // Sockets that came in by it are told to go.
  });

  test('twice in a row has the newest two: the first is gone', async () => {
    const first = await server.token(['account:read']);
    const second = (await rotate(first.id)).body;
    const third = (await rotate(first.id)).body;

    expect([await works(first.token), await works(second.token), await works(third.token)]).toEqual([401, 200, 200]);
  });

  test('and then revoked ends both at once', async () => {
    const old = await server.token(['account:read']);
    const next = (await rotate(old.id)).body;
    expect([await works(old.token), await works(next.token)]).toEqual([200, 200]);
    ended.length = 0;

    await server.call('DELETE', `/v2/tokens/${old.id}`, admin);

    expect([await works(old.token), await works(next.token)]).toEqual([401, 401]);
    expect(ended).toEqual([old.id]);
    expect((await rotate(old.id)).body).toMatchObject({ code: 404, status: 'TOKEN_NOT_FOUND' });
    expect([await works(old.token), await works(next.token)]).toEqual([401, 401]);
  });

  test('tells whoever comes with the old one until when it is good', async () => {
    const old = await server.token(['account:read']);
    const next = (await rotate(old.id, { overlap_seconds: 60 })).body;

    const before = await authenticate(server.world, `Bearer ${old.token}`);
    const after = await authenticate(server.world, `Bearer ${next.token}`);

    expect(before.until).toBe(Date.parse(next.previous_until_time ?? ''));
    expect(after).not.toHaveProperty('until');
    expect(before.id).toBe(after.id);
  });

  test('by one that lacks a scope of it is refused: nobody gets by rotation what he does not have', async () => {
    const strong = await server.token(['account:read', 'messages:write_as_user']);
    const weak = await server.token(['tokens:manage', 'account:read']);

    expect((await rotate(strong.id, {}, weak.token)).body).toMatchObject({ code: 403, status: 'FORBIDDEN' });

    expect(await works(strong.token)).toBe(200);
    const own = (await rotate(weak.id, { overlap_seconds: 0 }, weak.token)).body;
    expect([await works(weak.token), await works(own.token)]).toEqual([401, 200]);
  });

  test('with the same Idempotency-Key twice is rotated once', async () => {
    const old = await server.token(['account:read']);
    const key = { 'idempotency-key': newClientId() };
    const first = await rotate(old.id, { overlap_seconds: 0 }, admin.token, key);

    const again = await rotate(old.id, { overlap_seconds: 0 }, admin.token, key);

    expect(again.body).toMatchObject({ code: 409, status: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await works(first.body.token)).toBe(200);
  });

  test.each([-1, 1.5, 2_592_001, 'a day', null])('takes no overlap of %j', async (overlap_seconds) => {
    const { id, token } = await server.token(['account:read']);

    expect((await rotate(id, { overlap_seconds })).body).toMatchObject({
      code: 400,
      details: [{ path: 'overlap_seconds' }],
    });
    expect(await works(token)).toBe(200);
  });
});

describe('wrong tokens', () => {
  let tight: TestServer;
  beforeAll(async () => {
    tight = await startTestServer({ limits: { wrongTokens: 5 } });
  });
  afterAll(() => tight.stop());
  const ask = (token?: string, headers: Record<string, string> = {}) =>
    tight.call('GET', '/v2/accounts/configuration', { token, headers });

  test('are counted by address, and then refused with Retry-After before anything is looked up', async () => {
    const good = await tight.token(['account:read']);
    const fresh = await tight.token(['account:read']);
    expect((await ask(good.token)).status).toBe(200);
    const statuses: number[] = [];
    for (let at = 0; at < 7; at += 1) statuses.push((await ask(`gct_${at}`)).status);

    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const refused = await ask(fresh.token);
    expect(refused.body).toMatchObject({ code: 429, status: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    const seen = await tight.world.store.db.selectFrom('tokens').select('used').where('id', '=', fresh.id).execute();
    expect(seen).toEqual([{ used: null }]);
    // Whoever was good before goes on: one who guesses can't lock out his neighbours.
    expect((await ask(good.token)).status).toBe(200);
    expect((await ask(undefined)).status).toBe(401);
    // A good one that ends is a wrong one.
    await revokeToken(tight.world, good.id);
    expect([(await ask(good.token)).status, (await ask(good.token)).status]).toEqual([401, 429]);
    expect((await ask('x', { 'x-forwarded-for': '203.0.113.7' })).status).toBe(429);
  });
});
