import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { sql } from 'kysely';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentMessages, agentSocketPath } from '../../protocol/agentLive';
import { socketPath } from '../../protocol/live';
import { scopes } from '../../protocol/rest/route';
import { authenticate, createToken, revokeToken, rotateToken } from '../access/tokens';
import { createLimiter } from '../http/limiter';
import { openInstallation } from '../installation';
import { conversationPath, eventually, newClientId, says, startTestServer, type TestServer } from '../testServer';
import { openAgentDoor } from './agents';
import { createFeed, tooMany } from './feed';

const desk = 'https://desk.example';
let server: TestServer;
let bot: { token: string };
let sockets: Socket[] = [];
beforeAll(async () => {
  server = await startTestServer({ apiOrigins: [desk] });
  bot = await server.token(undefined, { bot: true });
});
afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  await server.stop();
});

type Told = { [K in keyof AgentMessages]: AgentMessages[K][] };

function connect(auth: object, headers: Record<string, string> = {}, transport: 'websocket' | 'polling' = 'websocket') {
  const socket = io(server.origin, {
    path: agentSocketPath,
    transports: [transport],
    auth,
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
  });
  sockets = [...sockets.filter((each) => each.connected), socket];
  const told: Told = { events: [], typing: [], resync: [], end: [] };
  for (const name of Object.keys(told) as (keyof Told)[]) socket.on(name, (data) => told[name].push(data as never));
  return {
    socket,
    told,
    events: () => told.events.flatMap(({ events }) => events),
    /** The cursor behind the last that was told. */
    cursor: () => told.events.at(-1)?.cursor as string,
    texts: () =>
      told.events.flatMap(({ events }) =>
        events.flatMap((event) => {
          const part = event.type === 'message_create' ? event.data.message.message_parts[0] : undefined;
          return part && 'text' in part ? [part.text.content] : [];
        }),
      ),
  };
}
/** A connected socket that has been told where it begins. */
async function listen(token: string, after?: string) {
  const agent = connect({ token, ...(after === undefined ? {} : { after }) });
  await eventually(() => agent.socket.connected);
  if (after === undefined) await eventually(() => agent.told.events.length > 0);
  return agent;
}
async function refusal(auth: object, headers: Record<string, string> = {}, transport?: 'websocket' | 'polling') {
  const { socket } = connect(auth, headers, transport);
  try {
    return await new Promise<(Error & { data?: { status: string } }) | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('connect_error', resolve);
    });
  } finally {
    socket.disconnect();
  }
}
const post = (id: string, text: string, more: object = {}) =>
  server.call('POST', conversationPath(id, '/messages'), { token: bot.token, body: { ...says(text), ...more } });

describe('what an agent’s socket tells', () => {
  test('first where it begins, then the events of every customer as they happen', async () => {
    const { token } = await server.token(['events:read']);
    const agent = await listen(token);
    expect(agent.told.events).toEqual([{ events: [], cursor: expect.any(String) }]);

    const ada = await server.conversation('from Ada');
    const eve = await server.conversation('from Eve');
    await post(ada.id, 'to Ada');

    await eventually(() => agent.texts().length === 3);
    expect(agent.texts()).toEqual(['from Ada', 'from Eve', 'to Ada']);
    expect(agent.events().at(-1)).toMatchObject({
      conversation_id: ada.id,
      conversation: { id: ada.id, user_id: ada.userId, status: 'new' },
    });
    expect(agent.events().some(({ conversation_id }) => conversation_id === eve.id)).toBe(true);
  });

  test('private messages are told, for the desk shows them', async () => {
    const agent = await listen((await server.token(['events:read'])).token);
    const { id } = await server.conversation('hello');

    await post(id, 'between us', { message_type: 'private' });

    await eventually(() => agent.texts().includes('between us'));
  });

  test('what a customer typed into a web view only with the scope for it', async () => {
    const with_ = await listen((await server.token(['events:read', 'web_views:results'])).token);
    const without = await listen((await server.token(['events:read'])).token);
    const { customer, id } = await server.conversation();
    const button = { label: 'Open', url: 'https://cards.bank.example/pay', target: '_self' };
    await post(id, '', { message_parts: [{ url_button: button }] });
    await customer.until(({ events }) => events.length === 3);
    const message = customer.events.at(-1);
    const owner = newClientId();
    const view = await customer.ask('web_view_open', {
      conversation_id: id,
      message_id: message?.type === 'message_create' ? message.data.message.id : '',
      button: 0,
      owner,
    });
    if (!view.ok) throw new Error(view.error.message);
    await customer.ask('web_view_submit', {
      web_view_id: view.value.web_view_id,
      owner,
      idempotency_key: newClientId(),
      result: { pin: 'canary-4711' },
    });

    for (const agent of [with_, without])
      await eventually(() => agent.events().some(({ type }) => type === 'web_view_submit'));
    expect(JSON.stringify(with_.told)).toContain('canary-4711');
    expect(JSON.stringify(without.told)).not.toContain('canary-4711');
  });

  test('that a customer is typing, and nothing of bots that do', async () => {
    const agent = await listen((await server.token(['events:read'])).token);
    const { customer, id } = await server.conversation();

    await server.call('POST', conversationPath(id, '/typing'), { token: bot.token, body: { actor_type: 'bot' } });
    await customer.ask('typing', { conversation_id: id, on: true });
    await customer.ask('typing', { conversation_id: id, on: false });

    await eventually(() => agent.told.typing.length === 2);
    expect(agent.told.typing).toEqual([
      { conversation_id: id, on: true },
      { conversation_id: id, on: false },
    ]);
  });
});

describe('catching up', () => {
  test('after a break it gets what it missed, from its cursor on, and then what is new', async () => {
    const { token } = await server.token(['events:read']);
    const first = await listen(token);
    const { id } = await server.conversation('zero');
    await eventually(() => first.texts().length === 1);
    first.socket.disconnect();
    for (const text of ['one', 'two', 'three']) await post(id, text);

    const back = await listen(token, first.cursor());
    await eventually(() => back.texts().length === 3);
    await post(id, 'four');

    await eventually(() => back.texts().length === 4);
    expect(back.texts()).toEqual(['one', 'two', 'three', 'four']);
  });

  test('nothing falls between joining and reading, and nothing comes twice, however much arrives meanwhile', async () => {
    const { token } = await server.token(['events:read']);
    const { id } = await server.conversation('begin');
    for (let round = 0; round < 5; round += 1) {
      const before = await listen(token);
      before.socket.disconnect();
      const sending = Promise.all(Array.from({ length: 40 }, (_, at) => post(id, `${round}.${at}`)));
      const agents = await Promise.all([listen(token, before.cursor()), listen(token, before.cursor())]);
      await sending;
      for (const agent of agents) {
        await eventually(() => agent.texts().length >= 40);
        const seqs = agent.events().map(({ seq }) => seq);
        expect(seqs).toEqual(Array.from({ length: 40 }, (_, at) => (seqs[0] as number) + at));
        agent.socket.disconnect();
      }
    }
  });

  test('several pages are told to the last event', async () => {
    const { token } = await server.token(['events:read']);
    const before = await listen(token);
    before.socket.disconnect();
    const { id } = await server.conversation('begin');
    for (let at = 0; at < 25; at += 1)
      await Promise.all(Array.from({ length: 10 }, (_, more) => post(id, `${at}.${more}`)));

    const back = await listen(token, before.cursor());

    await eventually(() => back.texts().length === 251);
    expect(back.told.events.length).toBeGreaterThan(2);
  });
});

describe('the handshake', () => {
  test('is refused without a good token of the scope, and says why', async () => {
    const reader = await server.token(['events:read']);
    const others = await server.token(scopes.filter((scope) => scope !== 'events:read'));
    const customer = (await server.session()).body;
    const revoked = await server.token(['events:read']);
    await revokeToken(server.world, revoked.id);
    const bad: [object, string][] = [
      [{}, 'INVALID_VALUE'],
      [{ token: 5 }, 'INVALID_VALUE'],
      [{ token: 'x'.repeat(300) }, 'INVALID_VALUE'],
      [{ token: '' }, 'UNAUTHENTICATED'],
      [{ token: `${reader.token}x` }, 'UNAUTHENTICATED'],
      [{ token: revoked.token }, 'UNAUTHENTICATED'],
      [{ token: customer.token.slice(0, 200) }, 'UNAUTHENTICATED'],
      [{ token: others.token }, 'FORBIDDEN'],
      [{ token: reader.token, after: '' }, 'INVALID_VALUE'],
      [{ token: reader.token, after: 5 }, 'INVALID_VALUE'],
      [{ token: reader.token, after: 'nonsense' }, 'INVALID_VALUE'],
      [{ token: reader.token, after: '../../etc' }, 'INVALID_VALUE'],
    ];

    for (const [auth, status] of bad)
      expect((await refusal(auth))?.data, JSON.stringify(auth)).toMatchObject({ status });
    expect(await refusal({ token: reader.token })).toBeUndefined();
  });

  test('is refused from any page but those of the origins that are set, over WebSocket and over polling', async () => {
    const { token } = await server.token(['events:read']);
    for (const transport of ['websocket', 'polling'] as const) {
      for (const origin of ['https://evil.example', 'http://desk.example', 'https://desk.example:444', 'null'])
        expect(await refusal({ token }, { origin }, transport), `${transport} ${origin}`).toBeDefined();
      expect(await refusal({ token }, { origin: desk }, transport)).toBeUndefined();
    }
  });

  test('over polling shows its answer to those pages only', async () => {
    const look = async (origin: string) =>
      (await fetch(`${server.origin}${agentSocketPath}/?EIO=4&transport=polling`, { headers: { origin } })).headers.get(
        'access-control-allow-origin',
      );

    expect(await look(desk)).toBe(desk);
    expect(await look('https://evil.example')).toBeNull();
  });

  test('of more sockets than one token may have is refused', async () => {
    const { token } = await server.token(['events:read']);
    const many = await Promise.all(Array.from({ length: 50 }, () => listen(token)));

    expect((await refusal({ token }))?.data).toMatchObject({ status: 'RATE_LIMITED' });

    many[0]?.socket.disconnect();
    await eventually(async () => (await refusal({ token })) === undefined);
    for (const { socket } of many) socket.disconnect();
  });
});

test('a token that is revoked ends its sockets at once, and no others', async () => {
  const one = await server.token(['events:read']);
  const other = await listen((await server.token(['events:read'])).token);
  const agents = [await listen(one.token), await listen(one.token)];

  await revokeToken(server.world, one.id);

  for (const { socket, told } of agents) {
    await eventually(() => !socket.connected);
    expect(told.end).toHaveLength(1);
  }
  expect(other.socket.connected).toBe(true);
});

test('a token that is rotated without an overlap ends the sockets of its old secret', async () => {
  const { token, id } = await server.token(['events:read']);
  const old = await listen(token);
  const { token: fresh } = await rotateToken(server.world, id, 60);
  const renewed = await listen(fresh);
  expect(old.socket.connected).toBe(true);

  const { token: last } = await rotateToken(server.world, id, 0);

  for (const { socket } of [old, renewed]) await eventually(() => !socket.connected);
  expect((await listen(last)).socket.connected).toBe(true);
});

describe('hostile traffic', () => {
  test('whatever is said to it, it answers that there is no such message, and stores nothing', async () => {
    const { token } = await server.token();
    const agent = await listen(token);
    const count = () =>
      server.world.store.db
        .selectFrom('events')
        .select((eb) => eb.fn.countAll().as('n'))
        .execute();
    const before = await count();
    const names = ['events', 'typing', 'send', 'read', 'toString', '__proto__', 'constructor', ''];

    const answers = await Promise.all(
      fc
        .sample(fc.tuple(fc.constantFrom(...names), fc.jsonValue()), 200)
        .map(([name, data]) => agent.socket.timeout(10_000).emitWithAck(name, data)),
    );

    expect(answers.filter(({ error }) => error?.status !== 'NOT_FOUND')).toEqual([]);
    expect(await count()).toEqual(before);
    expect(agent.socket.connected).toBe(true);
  });

  test('a frame over the limit, or raw nonsense, ends that connection only', async () => {
    const { token } = await server.token(['events:read']);
    const other = await listen(token);
    const big = await listen(token);
    big.socket.emit('x', 'x'.repeat(70_000));
    await eventually(() => !big.socket.connected);
    for (const frame of ['', '9', '42', '42[', '42{}', '451-["x",{"_placeholder":true,"num":0}]', '4\u0000']) {
      const { socket } = await listen(token);
      const { engine } = socket.io as unknown as { engine: { transport: { ws: { send(text: string): void } } } };
      engine.transport.ws.send(frame);
      socket.disconnect();
    }

    const { id } = await server.conversation('still there?');
    await eventually(() => other.events().some(({ conversation_id }) => conversation_id === id));
  });

  test('the customers’ socket lives beside it, on the same server', async () => {
    const { customer } = await server.conversation();

    expect(await customer.ask('head', {})).toMatchObject({ ok: true });
    expect(agentSocketPath.startsWith(socketPath)).toBe(false);
  });
});

describe('a door of its own', () => {
  async function openDoor(perMinute: number) {
    const { world } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' });
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const door = openAgentDoor(world, http, {
      bearer: (authorization) => authenticate(world, authorization),
      admission: { guard: () => {} },
      perToken: createLimiter(perMinute),
      log: pino({ level: 'silent' }),
      origins: [],
    });
    const { token } = await createToken(world, { name: 'Desk', scopes: ['events:read'] });
    const socket = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, {
      path: agentSocketPath,
      transports: ['websocket'],
      auth: { token },
      reconnection: false,
    });
    await once(socket as never, 'events');
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

  test('who floods it is shown out', async () => {
    const { socket, close } = await openDoor(20);

    for (let at = 0; at < 50; at += 1) socket.emit('anything', {});

    await eventually(() => !socket.connected);
    await close();
  });
});

describe('a reader', () => {
  async function fill(count: number) {
    const { world } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' });
    // What stands in these events is of no account, nor is whose they are.
    await sql`PRAGMA foreign_keys = OFF`.execute(world.store.db);
    const add = async (from: number, to: number) => {
      for (let at = from; at < to; at += 500) {
        await world.store.db
          .insertInto('events')
          .values(
            Array.from({ length: Math.min(500, to - at) }, (_, more) => ({
              id: `e${at + more}`,
              conversation_id: 'x',
              seq: at + more + 1,
              type: 'conversation_create',
              actor_type: 'system',
              actor_id: 'system',
              time: 0,
              data_json: '{}',
            })),
          )
          .execute();
      }
    };
    await add(0, count);
    return { world, add };
  }

  test('that is slow is told nothing more until it is ready, and then all of it in order', async () => {
    const { world, add } = await fill(350);
    const feed = createFeed(world);
    const told: number[] = [];
    let go = (_: boolean) => {};
    let from: string | undefined;
    const reader = {
      ready: () => new Promise<boolean>((resolve) => (go = resolve)),
      tell: (entries: { event: { seq: number } }[], cursor: string) => {
        from ??= cursor;
        told.push(...entries.map(({ event }) => event.seq));
      },
      skip: () => told.push(-1),
    };
    const stopFirst = feed.attach(reader, undefined, () => {});
    await eventually(() => from !== undefined);
    stopFirst();
    await add(350, 650);
    const stop = feed.attach(reader, from, () => {});

    await eventually(() => told.length === 100);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toHaveLength(100);
    for (const most of [200, 300]) {
      go(true);
      await eventually(() => told.length === most);
    }

    expect(told).toEqual(Array.from({ length: 300 }, (_, at) => at + 351));
    stop();
    await world.store.close();
  });

  test('that is too far behind is taken to the end, and told what comes then', async () => {
    const { world, add } = await fill(1);
    const feed = createFeed(world);
    let from: string | undefined;
    feed.attach(
      { ready: async () => true, tell: (_, cursor) => (from = cursor), skip: () => {} },
      undefined,
      () => {},
    )();
    const told: (string | number)[] = [];
    let start = '';
    feed.attach({ ready: async () => true, tell: (_, cursor) => (start ||= cursor), skip: () => {} }, from, () => {});
    await eventually(() => start !== '');
    await add(1, tooMany + 10);

    const stop = feed.attach(
      {
        ready: async () => true,
        tell: (entries) => told.push(...entries.map(({ event }) => event.seq)),
        skip: () => told.push('resync'),
      },
      start,
      () => {},
    );
    await eventually(() => told.length === 1);
    await add(tooMany + 10, tooMany + 11);
    feed.wake();

    await eventually(() => told.length === 2);
    expect(told).toEqual(['resync', tooMany + 11]);
    stop();
    await world.store.close();
  });
});
