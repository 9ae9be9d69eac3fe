import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Token } from '../../protocol/rest/tokens';
import { newClientId, startTestServer, type TestServer } from '../testServer';
import { isWellFormed } from './tokens';

type Created = import('valibot').InferOutput<typeof Token> & { token: string };
let server: TestServer;
let admin: { token: string; id: string };
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.token();
});
afterAll(() => server.stop());

const create = (body: object, by = admin.token, headers: Record<string, string> = {}) =>
  server.call<Created & ErrorBody>('POST', '/v2/tokens', { token: by, body, headers });
const works = async (token: string) => (await server.call('GET', '/v2/accounts/configuration', { token })).status;

describe('a token', () => {
  test('can be told from chance by its prefix and checksum, and each is another', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => server.token([])));

    expect(new Set(tokens.map(({ token }) => token)).size).toBe(50);
    for (const { token } of tokens) {
      expect(token).toMatch(/^gct_[0-9A-Za-z]{36}$/);
      expect(isWellFormed(token)).toBe(true);
      const at = 4 + Math.floor(Math.random() * 36);
      const other = token[at] === 'x' ? 'y' : 'x';
      expect(isWellFormed(token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
    }
  });

  test('is shown once: lists have only its start and end', async () => {
    const made = (await create({ name: 'Freddy', scopes: ['account:read'] })).body;
    const { text } = await server.call('GET', '/v2/tokens', admin);

    expect(await works(made.token)).toBe(200);
    expect(text).toContain(made.hint);
    expect(text).not.toContain(made.token);
    expect(made.hint.length).toBeLessThan(15);
  });

  test('stands nowhere in the data folder, by whatever way it was made', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'guichet-tokens-'));
    const other = await startTestServer({ dataDir });
    const first = await other.token();
    const second = await other.call<Created>('POST', '/v2/tokens', {
      token: first.token,
      body: { name: 'Second', scopes: ['account:read'] },
      headers: { 'idempotency-key': newClientId() },
    });
    await other.conversation();
    const seen = readdirSync(dataDir).map((file) => readIfFile(join(dataDir, file)));
    await other.stop();
    const after = readdirSync(dataDir).map((file) => readIfFile(join(dataDir, file)));
    rmSync(dataDir, { recursive: true });

    const all = Buffer.concat([...seen, ...after]);
    expect(all.includes('Second')).toBe(true); // The search finds what is there.
    for (const token of [first.token, second.body.token]) {
      expect(token).toMatch(/^gct_/);
      expect(all.includes(token.slice(8, -4))).toBe(false);
    }
  });

  test('asked for twice with the same Idempotency-Key is made once, and the second time says why it is not shown', async () => {
    const key = { 'idempotency-key': newClientId() };
    const body = { name: 'Once', scopes: ['account:read'] };
    const first = await create(body, admin.token, key);

    const again = await create(body, admin.token, key);

    expect(first.status).toBe(201);
    expect(again.body).toMatchObject({ code: 409, status: 'IDEMPOTENCY_KEY_REUSED' });
    expect(again.body.message).toMatch(/shown once/);
    const { body: list } = await server.call<{ tokens: { name: string }[] }>('GET', '/v2/tokens', admin);
    expect(list.tokens.filter(({ name }) => name === 'Once')).toHaveLength(1);
  });

  test('works no more from the moment in which it is revoked; revoking again is no fault', async () => {
    const { id, token } = await server.token(['account:read']);
    expect(await works(token)).toBe(200);

    const revoke = () => server.call('DELETE', `/v2/tokens/${id}`, admin);
    expect((await revoke()).status).toBe(204);
    expect(await works(token)).toBe(401);
    const revoked = async () =>
      (await server.call<{ tokens: Created[] }>('GET', '/v2/tokens', admin)).body.tokens.find((each) => each.id === id);
    const first = await revoked();
    expect((await revoke()).status).toBe(204);

    expect(await revoked()).toEqual(first);
    expect(first?.revoked_time).toBeTruthy();
  });

  test('may revoke itself', async () => {
    const own = await server.token(['tokens:manage']);

    expect((await server.call('DELETE', `/v2/tokens/${own.id}`, { token: own.token })).status).toBe(204);
    expect((await server.call('GET', '/v2/tokens', { token: own.token })).status).toBe(401);
  });

  test('remembers when it was last used, by the minute', async () => {
    const { id, token } = await server.token(['account:read']);
    await works(token);

    const { body } = await server.call<{ tokens: Created[] }>('GET', '/v2/tokens', admin);

    expect(Date.now() - Date.parse(body.tokens.find((each) => each.id === id)?.last_used_time ?? '')).toBeLessThan(
      60_000,
    );
  });
});

describe('a token that may manage tokens', () => {
  test('gives no scope that it does not have', async () => {
    const { token } = await server.token(['tokens:manage', 'account:read']);

    expect((await create({ name: 'More', scopes: ['account:read', 'messages:write'] }, token)).body).toMatchObject({
      code: 403,
      status: 'FORBIDDEN',
    });
    expect((await create({ name: 'Same', scopes: ['account:read', 'tokens:manage'] }, token)).status).toBe(201);
  });

  test('makes none without a name or a scope, or with one that there is not', async () => {
    for (const body of [
      {},
      { name: '', scopes: ['account:read'] },
      { name: ' ', scopes: ['account:read'] },
      { name: 'x'.repeat(101), scopes: ['account:read'] },
      { name: 'x', scopes: [] },
      { name: 'x', scopes: ['everything'] },
      { name: 'x', scopes: ['account:read'], actor: 'god' },
    ])
      expect((await create(body)).body, JSON.stringify(body)).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
  });
});

describe('rate limits', () => {
  let tight: TestServer;
  beforeAll(async () => {
    tight = await startTestServer({ limits: { token: 5, customer: 5, sessions: 5 } });
  });
  afterAll(() => tight.stop());
  const limited = { code: 429, status: 'RATE_LIMITED' };

  test('count for each token by itself, say how much is left, and when to come again', async () => {
    const one = await tight.token(['account:read']);
    const other = await tight.token(['account:read']);
    const ask = (token: string) => tight.call('GET', '/v2/accounts/configuration', { token });

    const left: (string | null)[] = [];
    for (let at = 0; at < 5; at += 1) left.push((await ask(one.token)).headers.get('x-ratelimit-remaining'));
    const refused = await ask(one.token);

    expect(left).toEqual(['4', '3', '2', '1', '0']);
    expect(refused.body).toMatchObject(limited);
    expect(refused.headers.get('x-ratelimit-limit')).toBe('5');
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    const reset = Number(refused.headers.get('x-ratelimit-reset')) - Date.now() / 1_000;
    expect(reset).toBeGreaterThan(0);
    expect(reset).toBeLessThanOrEqual(61);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await ask(other.token)).status).toBe(200);
  });

  test('count for each customer over the socket and HTTP together, and store nothing beyond', async () => {
    const { body } = await tight.session();
    const customer = await tight.connect(body.token);
    const send = (text: string) => customer.ask('send', { client_id: newClientId(), content: { text } });
    // Connecting was the first of the five.
    for (let at = 0; at < 4; at += 1) expect((await send('x')).ok).toBe(true);

    expect(await send('too much')).toMatchObject({ ok: false, error: limited });
    const http = await tight.call('POST', '/widget/v1/messages', {
      token: body.token,
      body: { client_id: newClientId(), content: { text: 'too much' } },
    });
    expect(http.body).toMatchObject(limited);
    expect(http.headers.get('retry-after')).toBeTruthy();
    const texts = await tight.world.store.db.selectFrom('events').select('data_json').execute();
    expect(JSON.stringify(texts)).not.toContain('too much');
  });

  test('count sessions by address', async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 8; at += 1) statuses.push((await tight.session()).status);

    expect(statuses).toContain(429);
    expect(statuses.at(-1)).toBe(429);
  });

  test('are not escaped by an X-Forwarded-For that nobody vouches for', async () => {
    for (let at = 0; at < 8; at += 1) await tight.session();

    const answer = await tight.call('POST', '/widget/v1/session', {
      body: { site: 'ag-bank' },
      headers: { 'x-forwarded-for': '203.0.113.7' },
    });

    expect(answer.status).toBe(429);
  });
});

function readIfFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // the control socket
  }
}
