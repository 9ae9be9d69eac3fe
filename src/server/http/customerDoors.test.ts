import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorBody } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { clientMessages, SendRequest, SessionRequest } from '../../protocol/live';
import type { Message } from '../../protocol/message';
import { arbitraryBody, hostileTexts } from '../arbitraryBody';
import { stored } from '../stored';
import {
  type Answer,
  conversationPath,
  newClientId,
  says,
  startTestServer,
  type TestCustomer,
  type TestServer,
  testSite,
} from '../testServer';

/** The doors of `/widget/v1` and the socket, from outside: without a session, with a foreign one, with anything in any field. */
let server: TestServer;
let bot: { token: string };
let own: { customer: TestCustomer; token: string; id: string };
let other: { customer: TestCustomer; token: string; id: string };
let question: string;
let theirs: string;
beforeAll(async () => {
  const start = Date.now();
  server = await startTestServer({ now: () => start });
  bot = await server.token(undefined, { bot: true });
  own = await server.conversation();
  other = await server.conversation();
  [question, theirs] = (await Promise.all([own, other].map(ask))) as [string, string];
});
afterAll(() => server.stop());
async function ask({ id }: { id: string }): Promise<string> {
  const body = { ...says('Which?'), reply_parts: [{ quick_reply_button: { label: 'A', payload: 'secret' } }] };
  return (await server.call<Message>('POST', conversationPath(id, '/messages'), { token: bot.token, body })).body.id;
}

/** Never 500; a refusal has the body of refusals, and stores nothing. */
async function expectClear(before: string, answer: Answer<ErrorBody>, sent: string): Promise<void> {
  const note = `${sent.slice(0, 300)} → ${answer.text.slice(0, 300)}`;
  expect(answer.status, note).toBeLessThan(500);
  if (answer.status < 300) return;
  expect(v.is(ErrorBody, answer.body), note).toBe(true);
  expect(answer.body.code, note).toBe(answer.status);
  expect((await stored(server.world)) === before, note).toBe(true);
}

const doors: [method: string, name: string, path: () => string, body?: () => object][] = [
  ['POST', 'messages', () => '/widget/v1/messages', () => ({ client_id: newClientId(), content: { text: 'x' } })],
  ['POST', 'read', () => '/widget/v1/read', () => ({ conversation_id: own.id, up_to: 1 })],
  ['GET', 'events', () => `/widget/v1/events?conversation_id=${own.id}&after=0`],
  ['POST', 'logout', () => '/widget/v1/logout', () => ({})],
];

describe.each(doors)('%s /widget/v1/%s', (method, _, path, body) => {
  test('takes no credentials but a session that is good', async () => {
    const { token: session } = (await server.session()).body;
    const [head, claims, sign] = session.split('.') as [string, string, string];
    await server.call('POST', '/widget/v1/logout', { token: session, body: {} });
    const forged = (await server.session()).body.token;
    const before = await stored(server.world);
    const sent = body?.();
    const headers: Record<string, string>[] = [
      {},
      ...[
        '',
        'Bearer',
        'Bearer ',
        `Basic ${Buffer.from(own.token).toString('base64')}`,
        own.token,
        `Bearer ${bot.token}`,
        `Bearer ${session}`, // revoked
        `Bearer ${forged.slice(0, -3)}AAA`,
        `Bearer ${head}.${claims}`,
        `Bearer ${head}.${claims}.`,
        `Bearer ${claims}.${head}.${sign}`,
        `Bearer ${own.token} ${own.token}`,
        `Bearer ${'x'.repeat(4_000)}`,
        `Bearer ${own.id}`,
        "Bearer ' OR 1=1 --",
      ].map((authorization) => ({ authorization })),
    ];
    for (const each of headers) {
      const answer = await server.call(method, path(), { headers: each, body: sent });
      expect({ ...each, status: answer.status, code: answer.body.status }).toEqual({
        ...each,
        status: 401,
        code: 'SESSION_INVALID',
      });
    }
    expect((await stored(server.world)) === before).toBe(true);
  });
});

describe('a customer reaches nothing of another', () => {
  test('by naming the conversation, the message, or both', async () => {
    const before = await stored(server.world);
    const refusals = [
      await server.call('GET', `/widget/v1/events?conversation_id=${other.id}&after=0`, own),
      await server.call('POST', '/widget/v1/read', { token: own.token, body: { conversation_id: other.id, up_to: 1 } }),
      ...(await Promise.all(
        [
          { conversation_id: other.id, content: { text: 'x' } },
          { conversation_id: other.id, content: { answer: { message_id: theirs, option: 0 } } },
          { conversation_id: own.id, content: { answer: { message_id: theirs, option: 0 } } },
          { content: { answer: { message_id: theirs, option: 0 } } },
        ].map((body) =>
          server.call('POST', '/widget/v1/messages', { token: own.token, body: { client_id: newClientId(), ...body } }),
        ),
      )),
    ];
    const acks = [
      await own.customer.ask('read', { conversation_id: other.id, up_to: 1 }),
      await own.customer.ask('typing', { conversation_id: other.id, on: true }),
      await own.customer.ask('events', { conversation_id: other.id, after: 0 }),
      await own.customer.ask('web_view_open', {
        conversation_id: other.id,
        message_id: theirs,
        button: 0,
        owner: newClientId(),
      }),
    ];

    expect(refusals.map(({ body }) => body.status)).toEqual([
      'CONVERSATION_NOT_FOUND',
      'CONVERSATION_NOT_FOUND',
      'CONVERSATION_NOT_FOUND',
      'CONVERSATION_NOT_FOUND',
      'NOT_OFFERED',
      'NOT_OFFERED',
    ]);
    for (const ack of acks) expect(ack).toMatchObject({ ok: false, error: { status: 'CONVERSATION_NOT_FOUND' } });
    expect((await stored(server.world)) === before).toBe(true);
  });
});

const others = [null, true, 0, -1, 1.5, 1e308, [], {}, [[[]]], 'x'.repeat(limits.bodyBytes / 2)];
let turn = 0;
/** The value with each of its places, at any depth, put to something else in turn. */
function* variants(value: unknown): Generator<unknown> {
  turn += 1;
  yield* [...others, ...hostileTexts.filter((_, at) => (at + turn) % 4 === 0)];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    for (const other of variants(each)) yield { ...value, [key]: other };
    yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  }
}

describe('any field may hold anything: a clear answer, never a fault, nothing stored by a refusal', {
  timeout: 60_000,
}, () => {
  const bodies: [string, string, v.GenericSchema, () => object[]][] = [
    [
      'messages',
      '/widget/v1/messages',
      SendRequest,
      () => [
        { client_id: newClientId(), conversation_id: own.id, content: { text: 'x' } },
        { client_id: newClientId(), conversation_id: own.id, content: { answer: { message_id: question, option: 9 } } },
        { client_id: newClientId(), conversation_id: own.id, content: { file: { id: 'none' } } },
      ],
    ],
    ['read', '/widget/v1/read', clientMessages.read, () => [{ conversation_id: own.id, up_to: 0 }]],
    ['session', '/widget/v1/session', SessionRequest, () => [{ site: testSite.id, identity: 'x', resume: 'x' }]],
  ];

  test.each(bodies)('%s over HTTP', async (_, path, schema, goods) => {
    const made = fc.sample(arbitraryBody(schema), 40);
    for (const body of [...goods().flatMap((good) => [...variants(good)]), ...made]) {
      const before = await stored(server.world);
      const text = JSON.stringify(body) ?? '';
      const answer = await server.call('POST', path, { token: own.token, body: text });
      await expectClear(before, answer, text);
    }
    for (const body of ['['.repeat(60_000), `{"content":${'{"text":'.repeat(8_000)}1${'}'.repeat(8_000)}}`]) {
      const before = await stored(server.world);
      await expectClear(before, await server.call('POST', path, { token: own.token, body }), body);
    }
    const huge = await server.call('POST', path, { token: own.token, body: { x: 'x'.repeat(limits.bodyBytes) } });
    expect(huge.body).toMatchObject({ code: 413, status: 'PAYLOAD_TOO_LARGE' });
  });

  test('the query of events', async () => {
    for (const field of ['conversation_id', 'after', 'before', 'limit'])
      for (const text of [...hostileTexts, '0', '-0', '1e3', '9'.repeat(15), '9'.repeat(16), 'x'.repeat(8_000)]) {
        const before = await stored(server.world);
        const good = { conversation_id: own.id, limit: '5', [field]: text.replace(/\p{Cs}/gu, '\ufffd') };
        const query = new URLSearchParams(good).toString();
        await expectClear(before, await server.call('GET', `/widget/v1/events?${query}`, own), query);
      }
  });

  test('every message of the socket, half made up from its schema', async () => {
    const session = (await server.session()).body;
    const customer = await server.connect(session.token);
    let refused = 0;
    for (const name of Object.keys(clientMessages) as (keyof typeof clientMessages)[]) {
      for (const body of fc.sample(arbitraryBody(clientMessages[name]), 25)) {
        const before = await stored(server.world);
        const ack = await customer.ask(name, body as never);
        if (ack.ok) continue;
        refused += 1;
        expect(ack.error.code, `${name} ${JSON.stringify(body)}`).toBeLessThan(500);
        expect((await stored(server.world)) === before, `${name} ${JSON.stringify(body)}`).toBe(true);
      }
    }
    expect(refused).toBeGreaterThan(100);
    expect(customer.socket.connected).toBe(true);
  });
});
