import { type EventEmitter, once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { pino } from 'pino';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GuichetError } from '../../protocol/errors';
import type { Event } from '../../protocol/event';
import { limits } from '../../protocol/limits';
import { clientMessages, socketPath } from '../../protocol/live';
import type { Sessions } from '../access/sessions';
import { getConversation } from '../conversations/conversations';
import { addMessage } from '../conversations/messages';
import { createLimiter } from '../http/limiter';
import { openInstallation } from '../installation';
import {
  assertGapless,
  conversationPath,
  eventually,
  newClientId,
  says,
  startTestServer,
  type TestServer,
} from '../testServer';
import { openSocketDoor } from './socket';

let server: TestServer;
let bot: { token: string };
beforeAll(async () => {
  server = await startTestServer();
  bot = await server.token(undefined, { bot: true });
});
afterAll(() => server.stop());

const post = (id: string, text: string) =>
  server.call('POST', conversationPath(id, '/messages'), { token: bot.token, body: says(text) });
const countTo = (most: number) => Array.from({ length: most }, (_, at) => at + 1);
/** A bot's messages, all in one transaction. */
const write = (id: string, count: number, content = 'x') =>
  server.world.store.transaction(async () => {
    const actor = { actor_type: 'bot' as const, actor_id: 'freddy' };
    const conversation = await getConversation(server.world, id);
    for (let left = count; left > 0; left -= 1)
      await addMessage(server.world, conversation, { actor, source: 'api', parts: [{ text: { content } }] });
  });
const isOf = (event: Event, id: string, seq: number) => event.conversation_id === id && event.seq === seq;
/** The server still does its work: the check after every attack. */
async function isAlive() {
  const { customer } = await server.conversation('still there?');
  customer.leave();
  const events = await server.world.store.db.selectFrom('events').select('seq').limit(1).execute();
  expect(events).toHaveLength(1);
}
/** Why the handshake with this `auth` and these headers was refused; `undefined` when it was not. */
async function refusal(
  auth: unknown,
  headers: Record<string, string> = {},
  transport: 'websocket' | 'polling' = 'websocket',
) {
  const socket = io(server.origin, {
    path: socketPath,
    transports: [transport],
    auth: auth as object,
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
  });
  try {
    return await new Promise<(Error & { data?: { status: string } }) | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('connect_error', resolve);
    });
  } finally {
    socket.disconnect();
  }
}

describe('catching up', () => {
  test('after a break a client gets what it missed, from its cursor on, and then what is new', async () => {
    const { customer, token, id } = await server.conversation();
    await customer.until(({ events }) => events.length === 2);
    customer.leave();
    for (const text of ['one', 'two', 'three']) await post(id, text);

    const back = await server.connect(token, { [id]: 2 });
    await back.until(({ events }) => events.length === 3);
    await post(id, 'four');
    await back.until(({ events }) => events.length === 4);

    expect(back.events.map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
  });

  test('nothing falls between joining and reading, however many messages arrive meanwhile', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { customer, token, id } = await server.conversation();
      customer.leave();

      const sending = Promise.all(Array.from({ length: 10 }, (_, at) => post(id, String(at))));
      const back = await server.connect(token, { [id]: 2 });
      await sending;
      await back.until(({ events }) => new Set(events.map(({ seq }) => seq)).size === 10);

      const once = new Map(back.events.map((event) => [event.seq, event]));
      assertGapless(
        [...once.values()].sort((a, b) => a.seq - b.seq).map((event) => ({ ...event, seq: event.seq - 2 })),
        10,
      );
      back.leave();
    }
  });

  test('a conversation that the client does not know is told', async () => {
    const { customer, token, id, userId } = await server.conversation();
    customer.leave();
    const { body } = await server.call<{ conversation_id: string }>('POST', '/v2/conversations', {
      token: bot.token,
      body: { users: [{ id: userId }], messages: [says('about your card')] },
    });

    const back = await server.connect(token, { [id]: 2 });
    await back.until(({ events }) => events.length === 2);

    expect(back.events.map(({ conversation_id, seq }) => ({ conversation_id, seq }))).toEqual([
      { conversation_id: body.conversation_id, seq: 1 },
      { conversation_id: body.conversation_id, seq: 2 },
    ]);
    const head = await back.ask('head', {});
    expect(head).toEqual({ ok: true, value: { cursors: { [id]: 2, [body.conversation_id]: 2 } } });
  });

  test('a client that misses no more than it may be told is told all of it', async () => {
    const { customer, token, id } = await server.conversation();
    customer.leave();
    await write(id, limits.catchUp - 2);

    const back = await server.connect(token, { [id]: 0 });
    await back.until(({ events }) => events.length === limits.catchUp);

    assertGapless(back.events, limits.catchUp);
  });

  test('a client that misses more is told the newest event, and asks: by pages, or for a snapshot', async () => {
    const { customer, token, id } = await server.conversation();
    customer.leave();
    await write(id, limits.catchUp);
    const seq = limits.catchUp + 2;

    const back = await server.connect(token, { [id]: 1 });
    await back.until(({ events }) => events.length > 0);
    expect((await back.ask('head', {})).ok).toBe(true); // All that was pushed is here.
    expect(back.events.map((event) => event.seq)).toEqual([seq]);

    const page = await back.ask('events', { conversation_id: id, after: 1 });
    expect(page).toMatchObject({ ok: true, value: { seq } });
    if (page.ok) expect(page.value).not.toHaveProperty('head');
    if (page.ok) expect(page.value.events.map((event) => event.seq)).toEqual(countTo(200).map((at) => at + 1));
    const snapshot = await back.ask('events', { conversation_id: id, after: 1, snapshot: true });
    expect(snapshot).toMatchObject({ ok: true, value: { seq, head: { id, seq, status: 'new', business_read: 0 } } });
    if (snapshot.ok)
      expect(snapshot.value.events.map((event) => event.seq)).toEqual(
        countTo(limits.pageSize).map((at) => seq - limits.pageSize + at),
      );
    const older = await back.ask('events', { conversation_id: id, before: 11, limit: 5, snapshot: true });
    if (older.ok) expect(older.value.events.map((event) => event.seq)).toEqual([6, 7, 8, 9, 10]);
    if (older.ok) expect(older.value).not.toHaveProperty('head');
    const near = await back.ask('events', { conversation_id: id, after: 2, snapshot: true });
    if (near.ok) expect(near.value).not.toHaveProperty('head');
    const answer = await server.call('GET', `/widget/v1/events?conversation_id=${id}&snapshot=true`, { token });
    expect(answer.body).toEqual(snapshot.ok && snapshot.value);
  });

  test('what is told of many conversations, and of large messages, is bounded, and the rest shows as a gap', async () => {
    const { customer, token, id, userId } = await server.conversation();
    customer.leave();
    const large = 'x'.repeat(9_000);
    const started = await Promise.all(
      countTo(3).map(() =>
        server.call<{ conversation_id: string }>('POST', '/v2/conversations', {
          token: bot.token,
          body: { users: [{ id: userId }], messages: [says('about your card')] },
        }),
      ),
    );
    const ids = [...started.map(({ body }) => body.conversation_id), id];
    for (const each of ids) await write(each, 20, large);

    const back = await server.connect(token, {});
    await back.until(({ events }) => ids.every((each) => events.some((event) => isOf(event, each, 22))));
    await back.ask('head', {});

    expect(JSON.stringify(back.events).length).toBeLessThan(limits.eventsBytes + ids.length * 30_000);
    for (const each of ids) {
      const page = await back.ask('events', { conversation_id: each, after: 0 });
      if (page.ok) assertGapless(page.value.events, page.value.events.length);
      expect(page).toMatchObject({ ok: true, value: { seq: 22 } });
    }
  });

  test('a page of large messages is a shorter one, and never empty', async () => {
    const { customer, id } = await server.conversation();
    await write(id, 40, 'x'.repeat(9_000));

    const seen = new Set<number>();
    let pages = 0;
    for (let after = 0; after < 42; pages += 1) {
      const page = await customer.ask('events', { conversation_id: id, after });
      if (!page.ok) throw new Error(page.error.message);
      expect(JSON.stringify(page.value).length).toBeLessThan(limits.eventsBytes + 30_000);
      for (const { seq } of page.value.events) seen.add(seq);
      after = Math.max(...seen);
    }

    expect([...seen]).toEqual(countTo(42));
    expect(pages).toBe(2);
  });

  test('the head is told over HTTP as on the socket', async () => {
    const { customer, token, id } = await server.conversation();

    const { status, body } = await server.call('GET', '/widget/v1/head', { token });

    expect(status).toBe(200);
    expect(body).toEqual({ cursors: { [id]: 2 } });
    expect(await customer.ask('head', {})).toEqual({ ok: true, value: body });
    expect((await server.call('GET', '/widget/v1/head')).status).toBe(401);
  });

  test('cursors of other customers’ conversations bring nothing', async () => {
    const ada = await server.conversation('secret');
    const eve = await server.session();

    const socket = await server.connect(eve.body.token, { [ada.id]: 0, nonsense: 0 });
    const head = await socket.ask('head', {});

    expect(head).toEqual({ ok: true, value: { cursors: {} } });
    expect(socket.events).toEqual([]);
  });
});

describe('a customer’s socket', () => {
  test('gets the events of its own customer only', async () => {
    const ada = await server.conversation();
    const eve = await server.conversation();
    await post(ada.id, "Ada's");
    await post(eve.id, "Eve's");
    await eve.customer.until(({ events }) => events.length === 3);

    expect(JSON.stringify(eve.customer.told)).not.toContain("Ada's");
  });

  test('finds the conversations and web views of others unknown, whatever it asks', async () => {
    const ada = await server.conversation('secret');
    const { customer: eve } = await server.conversation();
    const owner = newClientId();
    const view = { web_view_id: 'x', owner };

    const answers = await Promise.all([
      eve.ask('send', { client_id: newClientId(), conversation_id: ada.id, content: { text: 'hi' } }),
      eve.ask('read', { conversation_id: ada.id, up_to: 1 }),
      eve.ask('typing', { conversation_id: ada.id, on: true }),
      eve.ask('events', { conversation_id: ada.id, after: 0 }),
      eve.ask('web_view_open', { conversation_id: ada.id, message_id: 'x', button: 0, owner }),
      eve.ask('web_view_code', view),
      eve.ask('web_view_beat', view),
      eve.ask('web_view_pause', view),
      eve.ask('web_view_save', { ...view, state: {} }),
      eve.ask('web_view_submit', { ...view, idempotency_key: newClientId(), result: {} }),
      eve.ask('web_view_close', { ...view, reason: 'customer' }),
    ]);

    for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: { code: 404 } });
    expect(JSON.stringify(answers)).not.toContain('secret');
  });

  test('marks as read over HTTP as on the socket', async () => {
    const { customer, token, id, userId } = await server.conversation();

    const answer = await server.call('POST', '/widget/v1/read', { token, body: { conversation_id: id, up_to: 2 } });
    const again = await server.call('POST', '/widget/v1/read', { token, body: { conversation_id: id, up_to: 1 } });

    expect([answer, again].map(({ status, body }) => [status, body])).toEqual([
      [200, {}],
      [200, {}],
    ]);
    await customer.until(({ events }) => events.some(({ type }) => type === 'message_read'));
    expect(customer.events.filter(({ type }) => type === 'message_read')).toMatchObject([
      { actor: { actor_type: 'user', actor_id: userId }, data: { up_to: 2 } },
    ]);
  });

  test('marks as read, for itself', async () => {
    const { customer, id } = await server.conversation();

    expect(await customer.ask('read', { conversation_id: id, up_to: 2 })).toEqual({ ok: true, value: {} });

    const { token } = await server.token(['conversations:read']);
    expect((await server.call<{ seq: number }>('GET', conversationPath(id), { token })).body.seq).toBe(3);
  });
});

describe('the handshake', () => {
  test('is refused from any other origin, over WebSocket and over polling', async () => {
    const { token } = (await server.session()).body;
    const auth = { token, cursors: {} };
    for (const transport of ['websocket', 'polling'] as const) {
      for (const origin of [
        'http://bank.localhost:4401',
        'http://chat.localhost',
        'https://chat.localhost:4400',
        'null',
      ])
        expect(await refusal(auth, { origin }, transport), `${transport} ${origin}`).toBeDefined();
      expect(await refusal(auth, { origin: 'http://chat.localhost:4400' }, transport)).toBeUndefined();
    }
  });

  test('is refused without a good session, and says why', async () => {
    const { token } = (await server.session()).body;
    const bad: [unknown, string][] = [
      [{}, 'INVALID_VALUE'],
      [{ token }, 'INVALID_VALUE'],
      [{ token, cursors: { a: -1 } }, 'INVALID_VALUE'],
      [{ token, cursors: { a: 'x' } }, 'INVALID_VALUE'],
      [{ token, cursors: [1.5] }, 'INVALID_VALUE'],
      [{ token: 5, cursors: {} }, 'INVALID_VALUE'],
      [{ token: 'x'.repeat(3_000), cursors: {} }, 'INVALID_VALUE'],
      [{ token: '', cursors: {} }, 'SESSION_INVALID'],
      [{ token: `${token}x`, cursors: {} }, 'SESSION_INVALID'],
      [{ token: bot.token, cursors: {} }, 'SESSION_INVALID'],
    ];
    for (const [auth, status] of bad)
      expect((await refusal(auth))?.data, JSON.stringify(auth)).toMatchObject({ status });
  });

  test('of a session that is revoked in that moment leaves no socket that listens', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { token, id } = await server.conversation();
      const joining = server.connect(token, { [id]: 2 }).catch(() => undefined);
      await server.call('POST', '/widget/v1/logout', { token });
      const customer = await joining;

      if (customer) await eventually(() => !customer.socket.connected);
    }
  });
});

describe('a door of its own, to look into the order of things', () => {
  /** A socket door whose sessions are checked by the test. */
  async function openDoor(check: Sessions['check']) {
    const { world } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' });
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const sessions = { check, issue: () => '', revoke: async () => {} };
    const door = openSocketDoor(world, http, {
      sessions,
      perCustomer: createLimiter(100),
      admission: { guard: () => {} },
      socketsPerCustomer: 10,
      mostWaiting: 1_000_000,
      log: pino({ level: 'silent' }),
      grace: 0,
    });
    const socket = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, {
      path: socketPath,
      transports: ['websocket'],
      auth: { token: 'x', cursors: {} },
      reconnection: false,
    });
    return {
      world,
      socket,
      async close() {
        socket.disconnect();
        await door.close();
        http.close();
        await world.store.close();
      },
    };
  }
  const session = { id: 's', siteId: 'x', userId: 'ada', sub: undefined, stale: false };

  test('a session that is revoked between the handshake and the room leaves no socket that listens', async () => {
    let checks = 0;
    const { socket, close } = await openDoor(async () => {
      checks += 1;
      if (checks > 1) throw new GuichetError('SESSION_INVALID', 'revoked meanwhile');
      return session;
    });

    await eventually(() => checks > 1 && !socket.connected);
    await close();
  });

  test('who is still reading what was missed hears already what is live', async () => {
    const { world, socket, close } = await openDoor(async () => session);
    const told: unknown[] = [];
    socket.on('typing', (data) => told.push(data));

    await world.store.transaction(async () => {
      await once(socket as unknown as EventEmitter, 'connect'); // Reading waits for this transaction.
      world.hub.publish({ type: 'typing', userId: 'ada', conversationId: 'c', name: undefined, on: true });
      await eventually(() => told.length === 1);
    });

    await close();
  });
});

describe('hostile traffic', () => {
  test('a thousand malformed messages of every name get an answer each, and store nothing', async () => {
    const { customer } = await server.conversation();
    const names = Object.keys(clientMessages);
    const before = await everything();
    const odd = fc.oneof(
      fc.anything({ withNullPrototype: false }).map(asJson),
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom(
          'conversation_id',
          'client_id',
          'content',
          'web_view_id',
          'owner',
          'limit',
          '__proto__',
          'after',
        ),
        fc.oneof(fc.jsonValue(), fc.double(), fc.string()),
      ),
      fc.constantFrom(null, undefined, [], '', 0, Buffer.from('binary'), { content: { text: Buffer.from('x') } }),
    );

    const answers = await Promise.all(
      fc
        .sample(fc.tuple(fc.constantFrom(...names), odd), 1_000)
        .map(([name, data]) => customer.socket.timeout(10_000).emitWithAck(name, data)),
    );

    const known = new Set(['INVALID_VALUE', 'CONVERSATION_NOT_FOUND', 'WEB_VIEW_NOT_FOUND']);
    const wrong = answers.filter((answer) => !answer.ok && !known.has(answer.error.status));
    expect(wrong).toEqual([]);
    expect(answers.filter(({ ok, value }) => ok && !value?.cursors)).toEqual([]); // Only `head` takes anything.
    expect(await everything()).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    await isAlive();
  });

  test('an unknown message is answered as unknown; with no acknowledgement asked for it is dropped', async () => {
    const { customer } = await server.conversation();
    for (const name of ['nothing', 'toString', '__proto__', 'constructor', 'events ', '']) {
      customer.socket.emit(name, {});
      expect(await customer.socket.timeout(5_000).emitWithAck(name, {}), name).toMatchObject({
        ok: false,
        error: { code: 404, status: 'NOT_FOUND' },
      });
    }
    await isAlive();
  });

  test('a message without an acknowledgement is carried out, and one with nothing but an acknowledgement is answered', async () => {
    const { customer, id } = await server.conversation();

    customer.socket.emit('send', { client_id: newClientId(), conversation_id: id, content: { text: 'no ack' } });
    customer.socket.emit('send', 'nonsense');
    customer.socket.emit('send');

    await customer.until(({ events }) => events.length === 3);
    expect(await customer.socket.timeout(5_000).emitWithAck('send')).toMatchObject({
      ok: false,
      error: { status: 'INVALID_VALUE' },
    });
    expect(await customer.socket.timeout(5_000).emitWithAck('head')).toMatchObject({ ok: true });
  });

  test('nesting as deep as a frame allows is refused, not a crash', async () => {
    const { customer } = await server.conversation();
    const { engine } = customer.socket.io as unknown as {
      engine: {
        on(name: 'data', listener: (data: string) => void): void;
        transport: { ws: { send(text: string): void } };
      };
    };
    const answers: string[] = [];
    engine.on('data', (data) => answers.push(data));
    const deep = `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`;
    const owner = newClientId();

    engine.transport.ws.send(`42901["web_view_save",{"web_view_id":"x","owner":"${owner}","state":${deep}}]`);
    engine.transport.ws.send(
      `42902["web_view_submit",{"web_view_id":"x","owner":"${owner}","idempotency_key":"${owner}","result":${deep}}]`,
    );

    for (const id of [901, 902]) {
      await eventually(() => answers.some((each) => each.startsWith(`3${id}`)));
      expect(answers.find((each) => each.startsWith(`3${id}`))).toContain('INVALID_VALUE');
    }
    await isAlive();
  });

  test('a frame over the limit ends that connection only, and nothing of it is stored', async () => {
    const { customer, id } = await server.conversation();
    const other = await server.conversation();

    customer.socket.emit('send', {
      client_id: newClientId(),
      conversation_id: id,
      content: { text: 'x'.repeat(70_000) },
    });

    await eventually(() => !customer.socket.connected);
    expect(other.customer.socket.connected).toBe(true);
    await isAlive();
  });

  test('raw nonsense on the wire ends that connection only', async () => {
    const other = await server.conversation();
    const { token } = (await server.session()).body;
    const frames = [
      '',
      '9',
      '4',
      '40',
      '42',
      '42[',
      '42{}',
      '42["send"',
      '451-["send",{"_placeholder":true,"num":0}]',
      '4\u0000',
    ];
    for (const frame of frames) {
      const { socket } = await server.connect(token);
      const { engine } = socket.io as unknown as { engine: { transport: { ws: { send(text: string): void } } } };
      engine.transport.ws.send(frame);
      engine.transport.ws.send('2');
      socket.disconnect();
    }
    expect(other.customer.socket.connected).toBe(true);
    await isAlive();
  });

  test('polling with bad session ids, huge bodies and wrong methods gets a plain refusal', async () => {
    const statuses: number[] = [];
    for (const [method, query, body] of [
      ['GET', 'EIO=4&transport=polling&sid=nobody', ''],
      ['POST', 'EIO=4&transport=polling&sid=nobody', 'x'.repeat(100_000)],
      ['GET', 'EIO=4&transport=carrier-pigeon', ''],
      ['PUT', 'EIO=4&transport=polling', ''],
      ['GET', 'EIO=99&transport=polling', ''],
    ] as const)
      statuses.push(await raw(method, `${socketPath}/?${query}`, body));
    expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
    await isAlive();
  });
});

const raw = (method: string, path: string, body: string) =>
  new Promise<number>((resolve, reject) => {
    const sent = request({ port: server.port, host: '127.0.0.1', method, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });

function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return String(value);
  }
}

async function everything() {
  const { db } = server.world.store;
  return {
    events: await db.selectFrom('events').select('id').execute(),
    conversations: await db.selectFrom('conversations').selectAll().execute(),
    users: await db.selectFrom('users').selectAll().execute(),
  };
}
