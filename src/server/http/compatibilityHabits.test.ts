import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Message } from '../../protocol/message';
import type { User } from '../../protocol/rest/users';
import { conversationPath, says, startTestServer, type TestServer } from '../testServer';

/** What many programs made for v2 do in common, and none of ours does. */
let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  ({ token } = await server.token(undefined, { bot: true }));
});
afterAll(() => server.stop());

const send = <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.call<T & ErrorBody>(method, path, { token, ...(body === undefined ? {} : { body }), headers });

/** A request exactly as given: no header is added but for the token and the length. */
const raw = (method: string, path: string, body: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      {
        port: server.port,
        host: '127.0.0.1',
        method,
        path,
        headers: { authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body), ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

test.each(['/v2/users', '/v2/users/', '/v2//users', '//v2/users', '/v2//users//'])(
  'a path is joined as it happens to be: POST %s',
  async (path) => {
    expect((await send<User>('POST', path, { first_name: 'Ada' })).body.first_name).toBe('Ada');
  },
);

describe('a body', () => {
  test('without a content type is JSON', async () => {
    const { status, text } = await raw('POST', '/v2/users', '{"first_name":"Ada"}');

    expect({ status, name: JSON.parse(text).first_name }).toEqual({ status: 200, name: 'Ada' });
  });

  test.each([
    'application/json',
    'application/json; charset=UTF-8',
    'APPLICATION/JSON',
    'application/json;charset=utf-8',
  ])('is taken as %j', async (type) => {
    expect((await raw('POST', '/v2/users', '{}', { 'content-type': type })).status).toBe(200);
  });

  test('of a GET is not looked at', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await raw('GET', '/v2/agents', 'items_per_page=3', form)).status).toBe(200);
    expect((await raw('GET', '/v2/agents', '', { 'content-type': 'application/json' })).status).toBe(200);
  });

  test('of a DELETE is not looked at either', async () => {
    const { body } = await send<{ id: string }>('POST', '/v2/groups', { name: 'Gone' });

    expect((await raw('DELETE', `/v2/groups/${body.id}`, '{', { 'content-type': 'text/plain' })).status).toBe(204);
  });
});

test.each(['*/*', 'application/json', 'application/json, text/plain, */*', 'text/html'])(
  'whatever is accepted (%s), the answer is JSON',
  async (accept) => {
    const { headers } = await send('GET', '/v2/agents', undefined, { accept });

    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  },
);

test('`null`, empty and absent all say that something is not set', async () => {
  const nothing = {
    email: null,
    first_name: 'Ada',
    last_name: null,
    phone: null,
    reference_id: null,
    avatar: null,
    properties: null,
    social_profiles: null,
    org_contact_id: null,
  };

  const { body } = await send<User>('POST', '/v2/users', nothing);

  expect(Object.keys(body).sort()).toEqual(['created_time', 'first_name', 'id', 'updated_time', 'vouched']);
});

test('fields of a user that mean something are kept, those that we don’t have are ignored', async () => {
  const { body } = await send<User>('POST', '/v2/users', {
    id: 'mine',
    created_time: '2020-01-01T00:00:00.000Z',
    first_name: 'Ada',
    org_contact_id: '1234567890123',
    social_profiles: [{ type: 'linkedin', id: 'ada' }],
    restore_id: 'r',
    login_status: true,
    locale: 'en',
    vouched: true,
  });

  expect(body).toMatchObject({ org_contact_id: '1234567890123', social_profiles: [{ type: 'linkedin', id: 'ada' }] });
  expect(body.id).not.toBe('mine');
  expect(body.created_time).not.toContain('2020');
  expect(body.vouched).toBe(false);
  for (const ignored of ['restore_id', 'login_status', 'locale']) expect(body).not.toHaveProperty(ignored);
});

test('users are found by when they were made', async () => {
  const { body: first } = await send<User>('POST', '/v2/users', { phone: 'when' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const { body: second } = await send<User>('POST', '/v2/users', { phone: 'when' });
  const find = async (query: object) =>
    (await send<{ users: User[] }>('GET', `/v2/users?${new URLSearchParams({ phone: 'when', ...query })}`)).body.users;

  expect((await find({ created_to: first.created_time })).map(({ id }) => id)).toEqual([first.id]);
  expect((await find({ created_from: second.created_time })).map(({ id }) => id)).toEqual([second.id]);
  expect(await find({ created_from: first.created_time, created_to: second.created_time })).toHaveLength(2);
  expect((await send('GET', '/v2/users?created_to=yesterday')).body).toMatchObject({ status: 'INVALID_VALUE' });
});

test('a page may be asked for as large as one likes', async () => {
  for (const path of ['/v2/users', '/v2/agents', '/v2/groups', '/v2/channels', '/v2/conversations']) {
    const { status, body } = await send<{ pagination: object }>('GET', `${path}?items_per_page=9999`);
    expect({ status, pagination: body.pagination }, path).toMatchObject({
      status: 200,
      pagination: { items_per_page: 100, current_page: 1 },
    });
  }
});

test.each([
  { actor_type: 'bot' },
  { actor_type: 'bot', actor_id: '' },
  { actor_type: 'bot', actor_id: null },
  { actor_type: 'bot', reply_parts: null, message_type: null, user_id: null },
  { actor_type: 'system' },
  { actor_type: 'system', actor_id: '' },
])('a message by %j needs nothing more', async (body) => {
  const { id } = await server.conversation();

  const { status } = await send<Message>('POST', conversationPath(id, '/messages'), { ...says('Hi'), ...body });

  expect(status).toBe(200);
});

test('every answer says how many requests are left', async () => {
  for (const [method, path] of [
    ['GET', '/v2/conversations'],
    ['GET', '/v2/conversations/fields'],
    ['GET', '/v2/events'],
    ['GET', '/v2/groups'],
    ['POST', '/v2/groups'],
    ['PUT', '/v2/channels/nothing'],
    ['DELETE', '/v2/agents/nothing'],
  ] as const) {
    const { headers } = await send(method, path, method === 'GET' ? undefined : {});
    for (const name of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'])
      expect(headers.get(name), `${method} ${path} ${name}`).toMatch(/^\d+$/);
  }
});

test.each(['/v2/agents', '/v2/groups'])('POST %s twice with one Idempotency-Key makes one thing', async (path) => {
  const key = { 'idempotency-key': `twice-${path}` };
  const body = { first_name: 'Grace', name: 'Cards' };

  const [one, two] = [
    await send<{ id: string }>('POST', path, body, key),
    await send<{ id: string }>('POST', path, body, key),
  ];

  expect(two).toMatchObject({ status: one.status, body: one.body });
  expect(two.headers.get('idempotent-replayed')).toBe('true');
  expect((await send('POST', path, { ...body, description: 'other' }, key)).body).toMatchObject({
    status: 'IDEMPOTENCY_KEY_REUSED',
  });
});
