import { request } from 'node:http';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorBody, type ErrorCode } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import type { Message } from '../../protocol/message';
import { type RouteName, routes } from '../../protocol/rest';
import type { AgentPost } from '../../protocol/rest/people';
import { scopes } from '../../protocol/rest/route';
import { createAgent } from '../access/agents';
import { createGroup } from '../access/groups';
import { addIdentityKey, addSite } from '../access/sites';
import { isWellFormed } from '../access/tokens';
import { arbitraryBody, hostileTexts } from '../arbitraryBody';
import { announceUser } from '../conversations/outbox';
import { stored } from '../stored';
import {
  type Answer,
  conversationPath,
  formWith,
  newClientId,
  says,
  startTestServer,
  type TestServer,
  testSite,
  tinyPng,
} from '../testServer';
import { exampleIds } from './examples';
import { schemaChecks } from './schemaCheck';

let server: TestServer;
let all: { token: string; id: string; agentId: string };
let channelId: string;
let validate: (name: RouteName, status: number, body: unknown) => string | undefined;

beforeAll(async () => {
  const start = Date.now();
  server = await startTestServer({ now: () => start }); // Nothing expires or falls silent meanwhile.
  all = await server.token(undefined, { bot: true });
  channelId = (await server.site()).site.channelId;
  validate = await describedAnswers();
});
afterAll(() => server.stop());

const names = Object.keys(routes) as RouteName[];
const withBody = names.filter((name) => 'body' in routes[name]);
const withId = names.filter((name) => routes[name].path.includes('{'));

/** A request that each route takes, made fresh. */
const examples: { [N in RouteName]: () => Promise<{ ids?: string[]; body?: unknown; query?: string }> } = {
  createConversation: async () => ({
    body: { users: [{ id: (await server.conversation()).userId }], messages: [says('Hello')], properties: { a: 1 } },
  }),
  listConversations: async () => {
    await conversation();
    return { query: '?status=new,assigned&items_per_page=3&assigned_agent_id=none' };
  },
  listConversationFields: async () => ({}),
  getConversation: async () => ({ ids: [await conversation()] }),
  updateConversation: async () => ({
    ids: [await conversation()],
    body: { status: 'assigned', assigned_agent_id: all.agentId, assigned_group_id: null, properties: { a: 1 } },
  }),
  listMessages: async () => ({ ids: [await conversation()], query: '?items_per_page=1' }),
  postMessage: async () => ({
    ids: [await conversation()],
    body: {
      actor_type: 'bot',
      message_type: 'normal',
      client_id: newClientId(),
      message_parts: [
        { text: { content: 'Look' } },
        { image: { url: 'https://bank.example/a.gif', alt_text: 'A cat', width: 10, height: 10 } },
        {
          file: {
            name: 'a.pdf',
            url: 'https://bank.example/a.pdf',
            file_size_in_bytes: 1,
            content_type: 'application/pdf',
          },
        },
        {
          url_button: {
            label: 'Go',
            url: `${testSite.cards}/x`,
            target: '_self',
            web_view: { size: 'tall', data: { a: 1 } },
          },
        },
      ],
      reply_parts: [{ collection: { sub_parts: [{ quick_reply_button: { label: 'Yes', payload: 'y' } }] } }],
    },
  }),
  setTyping: async () => ({
    ids: [await conversation()],
    body: { actor_type: 'bot', actor_id: all.agentId, on: true },
  }),
  markRead: async () => ({ ids: [await conversation()], body: { up_to: 1 } }),
  createUser: async () => ({
    body: {
      email: 'ada@bank.example',
      first_name: 'Ada',
      last_name: 'Lovelace',
      phone: '+1 555 0100',
      reference_id: newClientId(),
      avatar: { url: 'https://bank.example/ada.png' },
      properties: [{ name: 'plan', value: 'gold' }],
    },
  }),
  listUsers: async () => ({ query: '?page=1&items_per_page=2' }),
  fetchUsers: async () => ({ body: { ids: [(await server.conversation()).userId] } }),
  getUser: async () => ({ ids: [(await server.conversation()).userId] }),
  updateUser: async () => ({ ids: [(await server.conversation()).userId], body: { first_name: 'Ada' } }),
  listUserConversations: async () => ({ ids: [(await server.conversation()).userId] }),
  listAgents: async () => ({ query: '?items_per_page=1' }),
  createAgent: async () => ({
    body: {
      first_name: 'Grace',
      last_name: 'Hopper',
      email: `${newClientId()}@bank.example`,
      phone: '+1 555 0101',
      biography: 'Answers on cards',
      avatar: { url: 'https://bank.example/grace.png' },
      locale: 'en',
      timezone: 'America/New_York',
      availability_status: 'AVAILABLE',
      actor_type: 'agent',
    },
  }),
  getAgent: async () => ({ ids: [all.agentId] }),
  updateAgent: async () => ({
    ids: [(await agent()).id],
    body: { first_name: 'Grace', availability_status: 'UNAVAILABLE', agent_status: { id: 'unavailable' } },
  }),
  deactivateAgent: async () => ({ ids: [(await agent()).id] }),
  listGroups: async () => {
    await group();
    return { query: '?items_per_page=2' };
  },
  createGroup: async () => ({
    body: { name: 'Cards', description: 'All about cards', agents: [(await agent()).id, { id: all.agentId }] },
  }),
  getGroup: async () => ({ ids: [(await group()).id] }),
  updateGroup: async () => ({ ids: [(await group()).id], body: { name: 'Loans', agents: [all.agentId] } }),
  deleteGroup: async () => ({ ids: [(await group()).id] }),
  listChannels: async () => ({}),
  uploadImage: async () => ({ body: formWith('image', tinyPng, 'cat.png') }),
  uploadFile: async () => ({ body: formWith('file', Buffer.from('Date;Sum\n'), 'sums.csv') }),
  getChannel: async () => ({ ids: [channelId] }),
  updateChannel: async () => ({
    ids: [channelId],
    body: {
      name: 'AG Bank',
      icon: { url: 'https://bank.example/icon.png' },
      enabled: true,
      public: true,
      tags: ['web'],
      locale: 'en',
      welcome_message: {
        message_parts: [{ text: { content: 'How can we help?' } }],
        reply_parts: [{ quick_reply_button: { label: 'Cards', payload: 'cards' } }],
      },
      assign_to_group: (await group()).id,
    },
  }),
  getAccount: async () => ({}),
  listEvents: async () => ({ query: '?limit=3' }),
  listConversationEvents: async () => ({ ids: [await conversation()], query: '?before=3&limit=2' }),
  checkWebView: async () => ({ body: { url: `${testSite.cards}/x`, site: testSite.id } }),
  exchangeWebViewCode: async () => ({ body: { code: (await openView()).code } }),
  getWebView: async () => ({ ids: [(await openView()).id] }),
  updateWebView: async () => ({
    ids: [(await openView()).id],
    body: { data: { a: 1 }, size: 'full', title: 'Step 2' },
  }),
  submitWebView: async () => ({ ids: [(await openView()).id], body: { result: { ok: true }, summary: 'Done' } }),
  closeWebView: async () => ({ ids: [(await openView()).id], body: { result: { ok: true }, summary: 'Done' } }),
  listSites: async () => ({}),
  createSite: async () => ({
    body: {
      id: `site-${newClientId()
        .toLowerCase()
        .replace(/[^a-z0-9]/g, '')}`.slice(0, 60),
      name: 'Another bank',
      hosts: ['https://another.example'],
      config: { brand_color: '#0f6b5c', features: { peek: false } },
    },
  }),
  getSite: async () => ({ ids: [testSite.id] }),
  updateSite: async () => ({ ids: [testSite.id], body: { config: { greeting: 'Good morning', subtitle: null } } }),
  addIdentityKey: async () => ({ ids: [await anotherSite()], body: {} }),
  removeIdentityKey: async () => {
    const id = await anotherSite();
    const { kid } = await addIdentityKey(server.world, id);
    return { ids: [id, kid] };
  },
  listWebhooks: async () => ({}),
  createWebhook: async () => ({ body: { url: hookUrl(), events: ['user_update'] } }),
  getWebhook: async () => ({ ids: [await webhook()] }),
  updateWebhook: async () => ({
    ids: [await webhook()],
    body: { url: hookUrl(), events: ['user_update'], enabled: false },
  }),
  deleteWebhook: async () => ({ ids: [await webhook()] }),
  rotateWebhookSecret: async () => ({ ids: [await webhook()], body: { overlap_seconds: 3_600 } }),
  testWebhook: async () => ({ ids: [await webhook()], body: {} }),
  listenWebhooks: async () => ({ body: { after: 'latest', events: ['message_create'], wait: 0 } }),
  listDeliveries: async () => ({ ids: [await webhook()], query: '?state=dead&action=user_update&items_per_page=1' }),
  replayDeliveries: async () => ({
    ids: [await webhook()],
    body: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', state: 'delivered' },
  }),
  getDelivery: async () => ({ ids: [await delivery()] }),
  replayDelivery: async () => ({ ids: [await delivery()], body: {} }),
  getPublicKey: async () => ({}),
  listTokens: async () => ({}),
  createToken: async () => ({ body: { name: 'Freddy', scopes: ['account:read'], actor: 'bot' } }),
  rotateToken: async () => ({ ids: [(await server.token([])).id], body: { overlap_seconds: 3_600 } }),
  revokeToken: async () => ({ ids: [(await server.token([])).id] }),
};
const conversation = async () => (await server.conversation()).id;
async function anotherSite(): Promise<string> {
  const id = `site-${newClientId()
    .replace(/[^a-z0-9]/gi, '')
    .toLowerCase()}`.slice(0, 60);
  const settings = {
    web_view_origins: [],
    allow_host_origin: false,
    allow_host_mount: false,
    web_view_permissions: [],
    config: {},
  };
  await addSite(server.world, { id, name: 'Another', hosts: ['https://another.example'], ...settings });
  return id;
}
const agent = () => createAgent(server.world, { first_name: 'Grace', actor_type: 'agent' } as AgentPost);
const group = async () =>
  createGroup(server.world, { name: 'Cards', description: undefined, agents: [(await agent()).id] });
const hookUrl = () => `http://127.0.0.1:1/hook?for=${newClientId()}`;
/** Of events that don't happen here, and switched off: the worker leaves it alone. */
const webhook = async () => {
  const { id } = await server.webhook(hookUrl(), ['user_update']);
  await server.world.store.db.updateTable('webhooks').set({ enabled: 0 }).where('id', '=', id).execute();
  return id;
};
async function delivery(): Promise<string> {
  const webhookId = await webhook();
  const user = { id: newClientId(), created_time: '2026-01-01T00:00:00.000Z' };
  await announceUser(server.world, { actor_type: 'system', actor_id: 'system' }, user);
  const row = await server.world.store.db
    .selectFrom('deliveries')
    .select('id')
    .where('webhook_id', '=', webhookId)
    .executeTakeFirstOrThrow();
  return row.id;
}
async function openView() {
  const { customer, id } = await server.conversation();
  const { body: message } = await server.call<Message>('POST', conversationPath(id, '/messages'), {
    token: all.token,
    body: {
      actor_type: 'bot',
      message_parts: [{ url_button: { label: 'Card', url: `${testSite.cards}/x`, target: '_self' } }],
    },
  });
  const owner = newClientId();
  const view = await customer.ask('web_view_open', { conversation_id: id, message_id: message.id, button: 0, owner });
  if (!view.ok) throw new Error(view.error.message);
  const code = await customer.ask('web_view_code', { web_view_id: view.value.web_view_id, owner });
  if (!code.ok) throw new Error(code.error.message);
  return { id: view.value.web_view_id, code: code.value.code };
}

const pathOf = (name: RouteName, ids: string[] = [], query = '') => {
  let at = 0;
  return `/v2${routes[name].path.replace(/\{\w+\}/g, () => ids[at++] ?? 'some-id')}${query}`;
};
const ask = (name: RouteName, path: string, options: Parameters<TestServer['call']>[2]) =>
  server.call<ErrorBody>(routes[name].method.toUpperCase(), path, options);
const everything = () => stored(server.world);

function expectRefusal(answer: Answer<ErrorBody>, status: number, code?: ErrorCode, note = ''): void {
  expect({ note, status: answer.status, body: answer.body }).toMatchObject({ note, status, body: { code: status } });
  v.parse(ErrorBody, answer.body);
  if (code) expect(answer.body.status, note).toBe(code);
  expect(answer.body.message.length, note).toBeGreaterThan(10);
  expect(answer.headers.get('content-type'), note).toMatch(/^application\/json/);
  expect(answer.headers.get('cache-control'), note).toBe('no-store');
  expect(answer.headers.get('x-trace-id'), note).toBeTruthy();
}

describe.each(names)('%s', (name) => {
  test('answers as the contract and the OpenAPI description say', async () => {
    const { ids, body, query } = await examples[name]();

    const answer = await ask(name, pathOf(name, ids, query), { token: all.token, body });

    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: routes[name].status });
    if (routes[name].answer === null) expect(answer.text).toBe('');
    else v.parse(routes[name].answer as v.GenericSchema, answer.body);
    expect(validate(name, answer.status, answer.body)).toBeUndefined();
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('refuses whoever has no good token, before it looks at anything else', async () => {
    const revoked = await server.token();
    await server.call('DELETE', `/v2/tokens/${revoked.id}`, { token: all.token });
    const session = (await server.session()).body.token;
    const forged = all.token.slice(0, -1) + (all.token.endsWith('a') ? 'b' : 'a');
    const unknown = wellFormedToken();
    const before = await everything();
    const headers: Record<string, string>[] = [
      {},
      { authorization: '' },
      { authorization: 'Bearer' },
      { authorization: 'Bearer ' },
      { authorization: `Basic ${Buffer.from(`x:${all.token}`).toString('base64')}` },
      { authorization: all.token },
      { authorization: `Bearer ${all.token} ${all.token}` },
      { authorization: `Bearer ${forged}` },
      { authorization: `Bearer ${unknown}` },
      { authorization: `Bearer ${revoked.token}` },
      { authorization: `Bearer ${session}` },
      { authorization: `Bearer ${'x'.repeat(4_000)}` },
      { authorization: "Bearer ' OR 1=1 --" },
    ];
    for (const each of headers) {
      const answer = await ask(name, pathOf(name), { headers: each, ...('body' in routes[name] ? { body: '{' } : {}) });
      expectRefusal(answer, 401, 'UNAUTHENTICATED', JSON.stringify(each));
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await ask(name, `${pathOf(name)}?token=${all.token}&access_token=${all.token}`, {})).status).toBe(401);
    expect((await everything()) === before).toBe(true);
  });

  test('refuses a token that has every scope but the one it asks for', async () => {
    const { token } = await server.token(scopes.filter((scope) => scope !== routes[name].scope));
    const { ids, body, query } = await examples[name]();
    await ask(name, pathOf(name, ids, query), { token }); // notes the token's use
    const before = await everything();

    const answer = await ask(name, pathOf(name, ids, query), { token, body });

    expectRefusal(answer, 403, 'FORBIDDEN');
    expect(answer.body.message).toContain(routes[name].scope);
    expect((await everything()) === before).toBe(true);
  });

  test('refuses other methods and says which it takes', async () => {
    const path = pathOf(name);
    const taken = names
      .filter((each) => matches(routes[each].path, path))
      .map((each) => routes[each].method.toUpperCase());
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      if (taken.includes(method)) continue;
      const answer = await server.call<ErrorBody>(method, path, { token: all.token });
      expectRefusal(answer, 405, 'METHOD_NOT_ALLOWED', method);
      expect(answer.headers.get('allow')?.split(', ').sort()).toEqual([...new Set(ownMethods(name))].sort());
    }
  });
});

const ownMethods = (name: RouteName) =>
  names.filter((each) => routes[each].path === routes[name].path).map((each) => routes[each].method.toUpperCase());
const matches = (pattern: string, path: string) =>
  new RegExp(`^/v2${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
/** A token with a right checksum that nobody was given. */
function wellFormedToken(): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const crc = (text: string) => {
    let sum = ~0;
    for (const byte of Buffer.from(text)) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
    }
    return ~sum >>> 0;
  };
  const random = 'A'.repeat(30);
  let tail = '';
  for (let rest = crc(random); tail.length < 6; rest = Math.floor(rest / 62)) tail = alphabet[rest % 62] + tail;
  const token = `gct_${random}${tail}`;
  if (!isWellFormed(token)) throw new Error('the test makes its checksum wrong');
  return token;
}

const notFound: Record<string, ErrorCode> = {
  conversation_id: 'CONVERSATION_NOT_FOUND',
  user_id: 'USER_NOT_FOUND',
  agent_id: 'AGENT_NOT_FOUND',
  group_id: 'GROUP_NOT_FOUND',
  channel_id: 'CHANNEL_NOT_FOUND',
  web_view_id: 'WEB_VIEW_NOT_FOUND',
  webhook_id: 'WEBHOOK_NOT_FOUND',
  delivery_id: 'DELIVERY_NOT_FOUND',
  token_id: 'TOKEN_NOT_FOUND',
  site_id: 'SITE_NOT_FOUND',
  kid: 'IDENTITY_KEY_NOT_FOUND',
  file_id: 'FILE_NOT_FOUND',
  message_id: 'MESSAGE_NOT_FOUND',
};

const parametersOf = (name: RouteName) =>
  [...routes[name].path.matchAll(/\{(\w+)\}/g)].map(([, each]) => each as string);

describe.each(withId)('%s of something that is not there', (name) => {
  test('is 404 with the code of that thing, however the id is spelled', async () => {
    const { ids = [], body, query } = await examples[name]();
    expect(ids).toHaveLength(parametersOf(name).length);
    const before = await everything();
    for (const id of [
      'nothing',
      '00000000-0000-7000-8000-000000000000',
      '__proto__',
      'constructor',
      '%00',
      '%F0%9F%92%A9',
      '%E0%A4%A', // not UTF-8
      "'%20OR%201=1%20--",
      'x'.repeat(1_000),
      '%2e%2e%2f',
      '*',
    ]) {
      for (const [at, parameter] of parametersOf(name).entries()) {
        const others = ids.map((good, index) => (index === at ? id : good));
        const answer = await ask(name, pathOf(name, others, query), { token: all.token, body });
        expect(notFound, `a code for ${parameter}`).toHaveProperty(parameter);
        expectRefusal(answer, 404, notFound[parameter], `${parameter} ${id}`);
      }
    }
    expect((await everything()) === before).toBe(true);
  });
});

type Place = { put: (other: unknown) => unknown; isText: boolean };
/** Every place in a value, with a function that puts something else there. */
function places(value: unknown, put: Place['put'] = (other) => other): Place[] {
  const here = { put, isText: typeof value === 'string' };
  if (typeof value !== 'object' || value === null) return [here];
  const inner = Object.entries(value).flatMap(([key, each]) =>
    places(each, (other) => {
      const copy = structuredClone(value) as Record<string, unknown>;
      copy[key] = other;
      return put(copy);
    }),
  );
  return [here, ...inner];
}

describe.each(withBody)('the body of %s', { timeout: 30_000 }, (name) => {
  /** Never 500; a refusal has the body of refusals and stores nothing; what is taken is answered as described. */
  async function expectClear(path: string, body: unknown): Promise<void> {
    const before = await everything();
    const answer = await ask(name, path, { token: all.token, body });
    const note = `${JSON.stringify(body)?.slice(0, 300)} → ${answer.text.slice(0, 300)}`;
    expect(answer.status, note).toBeLessThan(500);
    if (answer.status < 300) expect(validate(name, answer.status, answer.body), note).toBeUndefined();
    else {
      expectRefusal(answer, answer.status, undefined, note);
      expect((await everything()) === before, note).toBe(true);
    }
  }

  test('may hold anything in any place: a clear answer, never a fault, nothing stored by a refusal', async () => {
    const { ids, body } = await examples[name]();
    const others = [
      null,
      true,
      0,
      -1,
      1.5,
      1e308,
      [],
      {},
      [[[]]],
      JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    ];
    for (const [at, { put, isText }] of places(body).entries()) {
      const texts = isText ? hostileTexts.filter((_, each) => (each + at) % 3 === 0) : ['text'];
      for (const other of [...others, ...texts]) await expectClear(pathOf(name, ids), JSON.stringify(put(other)));
      await expectClear(pathOf(name, ids), JSON.stringify(put(undefined)) ?? '');
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('half made up from its schema: the same', async () => {
    const { ids } = await examples[name]();
    for (const body of fc.sample(arbitraryBody(routes[name as 'createUser'].body), 25))
      await expectClear(pathOf(name, ids), JSON.stringify(body) ?? '');
  });

  test('that is no JSON, too large, too deep or of another type is refused, and unknown fields are ignored', async () => {
    const { ids, body } = await examples[name]();
    const path = pathOf(name, ids);
    for (const broken of [
      '{',
      '{"a":}',
      "{'a':1}",
      'undefined',
      '\u0000',
      '{"a":1}x',
      '<xml/>',
      'a=1',
      '\ufeff\ufeff{}',
    ])
      expectRefusal(await ask(name, path, { token: all.token, body: broken }), 400, 'INVALID_JSON', broken);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonx',
    ]) {
      const headers = { 'content-type': type };
      expectRefusal(
        await ask(name, path, { token: all.token, body: '{}', headers }),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        type,
      );
    }
    const huge = JSON.stringify({ ...(body as object), extra: 'x'.repeat(limits.bodyBytes) });
    expectRefusal(await ask(name, path, { token: all.token, body: huge }), 413, 'PAYLOAD_TOO_LARGE');
    expect(await chunked(name, path, huge)).toMatchObject({ status: 413 });
    await expectClear(path, `{"properties":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
    await expectClear(path, '['.repeat(60_000));
    await expectClear(path, `${'{"result":'.repeat(6_000)}1${'}'.repeat(6_000)}`);

    const extra = JSON.stringify({ ...(body as object), some_new_field: { deep: [1] }, __proto__x: 1 });
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const fresh = pathOf(name, (await examples[name]()).ids);
    const answer = await ask(name, fresh, { token: all.token, body: extra, headers });
    expect(answer.status, answer.text).toBe(routes[name].status);
  });
});

/** Sent piece by piece, without a Content-Length. */
function chunked(name: RouteName, path: string, body: string): Promise<{ status: number | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port: server.port,
        host: '127.0.0.1',
        method: routes[name].method,
        path,
        headers: { authorization: `Bearer ${all.token}`, 'content-type': 'application/json' },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode }));
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)));
    for (let at = 0; at < body.length; at += 8_192) sent.write(body.slice(at, at + 8_192));
    sent.end();
  });
}

const withQuery = names.filter((name) => 'query' in routes[name]);
const fieldsOf = (name: RouteName) =>
  Object.keys((routes[name] as unknown as { query: { entries: object } }).query.entries);

/** Pages of two, so that the answers aren't large; but not while that field has its turn. */
const short = (name: RouteName, field: string) =>
  ['items_per_page', 'limit']
    .filter((each) => each !== field && fieldsOf(name).includes(each))
    .map((each) => `&${each}=2`)
    .join('');

describe.each(withQuery)('the query of %s', { timeout: 60_000 }, (name) => {
  test('may hold anything in any field: a clear answer, never a fault, nothing stored by a refusal', async () => {
    const { ids } = await examples[name]();
    const texts = [...hostileTexts, '0', '1', '999999999', '2026-01-01T00:00:00.000Z', 'x'.repeat(8_000)];
    const before = await everything();
    const fields = fieldsOf(name);
    for (const [at, field] of fields.entries()) {
      // Of many fields each has a third of the texts, and another one than its neighbour.
      for (const text of texts.filter((_, each) => fields.length < 5 || (each + at) % 3 === 0)) {
        const value = encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));
        const more = text === '0' ? [`${field}=${value}&${field}=1`, `${field}[]=${value}`] : [];
        for (const query of [`${field}=${value}`, ...more]) {
          if (field === 'wait_seconds' && Number(text) > 0) continue; // It would wait.
          const answer = await ask(name, pathOf(name, ids, `?${query}${short(name, field)}`), { token: all.token });
          const note = `${query.slice(0, 200)} → ${answer.text.slice(0, 300)}`;
          expect(answer.status, note).toBeLessThan(500);
          if (answer.status < 300) expect(validate(name, answer.status, answer.body), note).toBeUndefined();
          else expectRefusal(answer, answer.status, undefined, note);
        }
      }
      const broken = await ask(name, pathOf(name, ids, `?${field}=%E0%A4%A&${field}=%`), { token: all.token });
      expect(broken.status).toBeLessThan(500);
    }
    expect((await everything()) === before).toBe(true);
  });
});

describe('queries', () => {
  test.each(['/v2/users', '/v2/agents', '/v2/channels', '/v2/groups', '/v2/conversations'])(
    'of %s are checked, and pages are linked',
    async (path) => {
      for (const query of [
        'page=0',
        'page=x',
        'page=1.5',
        'page=-1',
        'page=',
        'items_per_page=0',
        'page=99999999999999',
      ])
        expectRefusal(await server.call(`GET`, `${path}?${query}`, { token: all.token }), 400, 'INVALID_VALUE', query);
      for (const query of ['items_per_page=9999', 'page=1&page=2', 'unknown=1', '__proto__=1', 'page=1000000'])
        expect((await server.call('GET', `${path}?${query}`, { token: all.token })).status, query).toBe(200);
    },
  );

  test('walking the pages of users finds each once', async () => {
    const wanted = new Set<string>();
    for (let at = 0; at < 7; at += 1) {
      const { body } = await server.call<{ id: string }>('POST', '/v2/users', {
        token: all.token,
        body: { phone: '+1 555 walk' },
      });
      wanted.add(body.id);
    }
    const found: string[] = [];
    let path: string | undefined = `/v2/users?items_per_page=3&phone=${encodeURIComponent('+1 555 walk')}`;
    type List = { users: { id: string }[]; pagination: object; links: { next_page?: { href: string } } };
    while (path) {
      const { body }: { body: List } = await server.call<List>('GET', path, { token: all.token });
      expect(body.pagination).toMatchObject({ total_items: 7, total_pages: 3, items_per_page: 3 });
      found.push(...body.users.map(({ id }) => id));
      path = body.links.next_page?.href;
    }
    expect(found).toHaveLength(7);
    expect(new Set(found)).toEqual(wanted);
  });
});

describe('paths', () => {
  test.each([
    '/v2/accounts/configuration',
    '/v2/accounts/configuration/',
    '//v2/accounts/configuration',
    '/v2//accounts/configuration',
    '/v2//accounts//configuration//',
  ])('%s means the same: base URLs end in a slash or not', async (path) => {
    expect((await server.call('GET', path, { token: all.token })).status).toBe(200);
  });

  test.each([
    '/v2',
    '/v2/',
    '/v2/nothing',
    '/v2/conversations/x/nothing',
    '/v1/conversations',
    '/V2/users',
    '/v2/../v2x',
  ])('%s is not there', async (path) => {
    expectRefusal(await server.call('GET', path, { token: all.token }), 404, 'NOT_FOUND', path);
  });

  test('HEAD is answered like GET, without a body', async () => {
    const answer = await server.call('HEAD', '/v2/accounts/configuration', { token: all.token });

    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
  });
});

// ---- what is described ----------------------------------------------------------------------------------------------

type OpenApi = {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        parameters: object[];
        requestBody?: { content: { 'application/json'?: { example: unknown } } };
        responses: Record<string, Described>;
      }
    >
  >;
  webhooks: Record<string, object>;
  components: { schemas: Record<string, object>; securitySchemes: object };
};
type Described = { description: string; content?: { 'application/json': { schema: object } } };

async function describedAnswers() {
  const { body } = await server.call<OpenApi>('GET', '/openapi.json');
  const check = schemaChecks(body.components);
  return (name: RouteName, status: number, answer: unknown): string | undefined => {
    const operation = body.paths[`/v2${routes[name].path}`]?.[routes[name].method];
    const described = operation?.responses[status];
    if (!described) return `${status} is not described`;
    const schema = described.content?.['application/json'].schema;
    if (!schema) return answer === undefined ? undefined : 'an answer without a description';
    return check(schema)(answer);
  };
}

describe('the OpenAPI description', () => {
  test('is version 3.1, describes every route and every webhook, and refers to nothing that is missing', async () => {
    const { body, status } = await server.call<OpenApi>('GET', '/openapi.json');

    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1\./);
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    );
    expect(described.sort()).toEqual(
      names.map((name) => `${routes[name].method} /v2${routes[name].path} ${name}`).sort(),
    );
    expect(Object.keys(body.webhooks)).toContain('message_create');
    for (const [, ref] of JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(body.components.schemas).toHaveProperty(ref as string);
    for (const [path, methods] of Object.entries(body.paths))
      for (const operation of Object.values(methods)) {
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id);
        const named = operation.parameters.filter((each) => 'in' in each && each.in === 'path');
        expect(named.map((each) => 'name' in each && each.name)).toEqual(inPath);
        for (const answer of Object.values(operation.responses)) expect(answer.description).toBeTruthy();
      }
  });

  test('has schemas that compile, and that would notice a wrong answer', async () => {
    const { body } = await server.call<OpenApi>('GET', '/openapi.json');
    const check = schemaChecks(body.components);
    let schemas = 0;
    JSON.stringify(body, (key, value) => {
      if (key === 'schema') {
        check(value);
        schemas += 1;
      }
      return value;
    });
    expect(schemas).toBeGreaterThan(names.length);
    expect(validate('getConversation', 200, { conversation_id: 5 })).toMatch(/must/);
    expect(validate('listMessages', 200, { messages: [{}] })).toMatch(/must/);
    expect(validate('getUser', 200, { id: 'x' })).toMatch(/must/);
    expect(validate('getAccount', 201, {})).toBe('201 is not described');
  });

  test.each(withBody)('has an example of a body that %s takes', async (name) => {
    const { body } = await server.call<OpenApi>('GET', '/openapi.json');
    const operation = body.paths[`/v2${routes[name].path}`]?.[routes[name].method];
    const example = operation?.requestBody?.content['application/json']?.example;
    const { ids } = await examples[name]();
    const user = await server.conversation();
    const real: Record<string, string> = {
      [exampleIds.user]: user.userId,
      [exampleIds.agent]: all.agentId,
      [exampleIds.code]: (await openView()).code,
      'https://cards.bank.example/confirm': `${testSite.cards}/x`,
    };
    let text = JSON.stringify(example);
    for (const [shown, own] of Object.entries(real)) text = text.replaceAll(shown, own);

    const answer = await ask(name, pathOf(name, ids), { token: all.token, body: text });

    expect(answer.status, answer.text).toBe(routes[name].status);
    expect(validate(name, answer.status, answer.body)).toBeUndefined();
  });

  test('describes refusals as they are', async () => {
    const { body } = await server.call<OpenApi>('GET', '/openapi.json');
    const refusal = await server.call('POST', '/v2/users', { token: all.token, body: { email: 5 } });

    const check = schemaChecks(body.components)(body.components.schemas.ErrorBody as object);
    expect(check(refusal.body)).toBeUndefined();
    expect(check({ ...refusal.body, code: 'x' })).toMatch(/code/);
  });
});
