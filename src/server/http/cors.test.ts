import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testServer';

const desk = 'https://desk.example';
let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ apiOrigins: [desk, 'http://crm.example:8080'], limits: { token: 50 } });
  ({ token } = await server.token());
});
afterAll(() => server.stop());

const corsHeaders = (headers: Headers) => [...headers].filter(([name]) => name.startsWith('access-control-'));
const preflight = (origin: string, path = '/v2/conversations') =>
  server.call('OPTIONS', path, {
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type, idempotency-key',
    },
  });

describe('a page of an origin that is set', () => {
  test('may ask before it calls, without a token', async () => {
    const { status, headers, text } = await preflight(desk);

    expect([status, text]).toEqual([204, '']);
    expect(headers.get('access-control-allow-origin')).toBe(desk);
    expect(headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, PATCH, DELETE');
    expect(headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type, Idempotency-Key');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toContain('Origin');
  });

  test('sees the answers, the refusals, and how much is left', async () => {
    for (const [path, credentials, wanted] of [
      ['/v2/accounts/configuration', token, 200],
      ['/v2/accounts/configuration', undefined, 401],
      ['/v2/conversations/unknown', token, 404],
      ['/v2/nothing', token, 404],
    ] as const) {
      const { status, headers } = await server.call('GET', path, { token: credentials, headers: { origin: desk } });
      expect(status, path).toBe(wanted);
      expect(headers.get('access-control-allow-origin'), path).toBe(desk);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('access-control-expose-headers')).toContain('X-RateLimit-Remaining');
      expect(headers.get('access-control-expose-headers')).toContain('Retry-After');
    }
  });

  test('sees that it has to wait', async () => {
    const flooding = await server.token();
    const call = () =>
      server.call('GET', '/v2/accounts/configuration', { token: flooding.token, headers: { origin: desk } });
    let last = await call();
    for (let at = 0; at < 50; at += 1) last = await call();

    expect(last.status).toBe(429);
    expect(last.headers.get('access-control-allow-origin')).toBe(desk);
  });
});

describe('a page of any other origin', () => {
  test.each([
    'https://evil.example',
    'http://desk.example',
    'https://desk.example:8443',
    'null',
    '*',
    desk.toUpperCase(),
  ])('%s is shown nothing', async (origin) => {
    const asked = await preflight(origin);
    const answered = await server.call('GET', '/v2/accounts/configuration', { token, headers: { origin } });

    expect(corsHeaders(asked.headers)).toEqual([]);
    expect(asked.status).toBeGreaterThanOrEqual(400);
    expect(corsHeaders(answered.headers)).toEqual([]);
    expect(answered.headers.get('vary')).toContain('Origin');
  });

  test('nor is one of these shown anything of the customers’ doors', async () => {
    for (const path of ['/health', '/widget/', '/widget/v1/session', '/widget/v1/events']) {
      const { headers } = await server.call('GET', path, { headers: { origin: desk } });
      expect(corsHeaders(headers), path).toEqual([]);
    }
  });
});

test('without a setting no page may call', async () => {
  const closed = await startTestServer();
  try {
    const { headers } = await closed.call('GET', '/v2/accounts/configuration', { headers: { origin: desk } });

    expect(corsHeaders(headers)).toEqual([]);
  } finally {
    await closed.stop();
  }
});

test('a program that is no browser notices nothing of it', async () => {
  const { status, headers } = await server.call('GET', '/v2/accounts/configuration', { token });

  expect(status).toBe(200);
  expect(corsHeaders(headers)).toEqual([]);
});
