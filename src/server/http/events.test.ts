import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import type { Message } from '../../protocol/message';
import type { AccountEvent } from '../../protocol/rest/events';
import { append } from '../conversations/append';
import {
  conversationPath,
  eventually,
  newClientId,
  says,
  startTestServer,
  type TestServer,
  testSite,
} from '../testServer';

type Page = { events: AccountEvent[]; cursor: string; has_more: boolean };

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  ({ token } = await server.token(undefined, { bot: true }));
});
afterAll(() => server.stop());

const read = (query: Record<string, string>, more: { token?: string } = {}) =>
  server.call<Page & ErrorBody>('GET', `/v2/events?${new URLSearchParams(query)}`, { token, ...more });
const latest = async () => (await read({ after: 'latest' })).body.cursor;

/** Follows the cursor from a place to the end. */
async function readAll(after: string, limit = '50', from = server): Promise<AccountEvent[]> {
  const found: AccountEvent[] = [];
  for (let cursor = after, more = true; more; ) {
    const query = new URLSearchParams({ after: cursor, limit });
    const { body } = await from.call<Page>('GET', `/v2/events?${query}`, { token });
    found.push(...body.events);
    ({ cursor, has_more: more } = body);
  }
  return found;
}

/** Counts who waits for something to happen from here on. */
function watchWaiting(at: TestServer) {
  const waiting = new Set<unknown>();
  const { hub } = at.world;
  const { subscribe } = hub;
  hub.subscribe = (listener) => {
    const stop = subscribe(listener);
    waiting.add(listener);
    return () => {
      waiting.delete(listener);
      stop();
    };
  };
  return {
    begun: () => eventually(() => waiting.size > 0),
    ended: () => eventually(() => waiting.size === 0),
    stop: () => {
      hub.subscribe = subscribe;
    },
  };
}

const stored = async () =>
  (await server.world.store.db.selectFrom('events').select('id').orderBy('position').execute()).map(({ id }) => id);

describe('the log of the account', () => {
  test('is read from the beginning, in pages, each event once and with its conversation as it is now', async () => {
    const first = await server.conversation('One');
    const second = await server.conversation('Two');
    await server.call('PUT', conversationPath(first.id), { token, body: { status: 'resolved' } });

    const all = await readAll('', '2');

    expect(all.map(({ id }) => id)).toEqual(await stored());
    const of = (id: string) => all.filter((event) => event.conversation_id === id);
    expect(of(first.id).map(({ type, seq }) => `${seq} ${type}`)).toEqual([
      '1 conversation_create',
      '2 message_create',
      '3 conversation_resolution',
    ]);
    for (const event of of(first.id))
      expect(event.conversation).toMatchObject({ id: first.id, user_id: first.userId, status: 'resolved' });
    expect(of(second.id)[0]?.conversation).toMatchObject({ id: second.id, status: 'new' });
  });

  test('gives a cursor at its end that later finds what is new, and nothing twice', async () => {
    const start = await latest();
    expect((await read({ after: start })).body).toEqual({ events: [], cursor: start, has_more: false });
    const { id } = await server.conversation();

    const { body } = await read({ after: start });
    const again = await read({ after: body.cursor });

    expect(body.events.map((event) => event.conversation_id)).toEqual([id, id]);
    expect(again.body).toEqual({ events: [], cursor: body.cursor, has_more: false });
  });

  test('of a server without any event has a cursor too', async () => {
    const empty = await startTestServer();
    const reader = await empty.token(['events:read']);
    const from = async (after: string) =>
      (await empty.call<Page>('GET', `/v2/events?after=${after}`, { token: reader.token })).body;

    const { cursor, events } = await from('');
    expect(events).toEqual([]);
    expect((await from('latest')).cursor).toBe(cursor);
    await empty.conversation();

    expect((await from(cursor)).events).toHaveLength(2);
    await empty.stop();
  });

  test.each([
    'nonsense',
    '1',
    '-',
    '1-',
    '1-aaaaaaaaaa',
    '0-aaaaaaaaaa',
    'zzzzzzzzzz-aaaaaaaaaa',
    '1-aaaaaaaaaa-',
    "1' OR 1=1 --",
    '💩',
    '-1',
    'x'.repeat(300),
  ])('refuses the cursor %j and says what it expects', async (after) => {
    const { status, body } = await read({ after });

    expect({ status, code: body.status }).toEqual({ status: 400, code: 'INVALID_VALUE' });
    expect(body.message).toContain('after');
  });

  test('refuses the cursor of another server, and one of a log that was set back meanwhile', async () => {
    const other = await startTestServer();
    const reader = await other.token(['events:read']);
    await other.conversation();
    const foreign = (await other.call<Page>('GET', '/v2/events?after=latest', { token: reader.token })).body.cursor;
    await other.stop();
    const mine = await latest();
    const ahead = mine.replace(/^[0-9a-z]+/, (place) => (Number.parseInt(place, 36) + 1_000).toString(36));

    for (const after of [foreign, ahead]) {
      const { body } = await read({ after });
      expect(body).toMatchObject({ code: 400, message: expect.stringContaining('of another log') });
    }
  });

  test('gives at most the events that were asked for, and no more than the limit', async () => {
    const { id } = await server.conversation();
    await append(
      server.world,
      id,
      Array.from({ length: limits.eventsMax + 5 }, (_, at) => ({
        type: 'message_read' as const,
        actor: { actor_type: 'system' as const, actor_id: 'system' },
        data: { up_to: at },
      })),
    );

    expect((await read({ limit: '1' })).body).toMatchObject({ events: [{}], has_more: true });
    expect((await read({ limit: '99999' })).body.events).toHaveLength(limits.eventsMax);
    expect((await read({})).body.events).toHaveLength(limits.events);
    for (const limit of ['0', '-1', 'x', '']) expect((await read({ limit })).status, limit).toBe(400);
  });
});

describe('who reads while others write', () => {
  test('skips nothing that is committed later, and sees one order', async () => {
    const start = await latest();
    const conversations = await Promise.all(Array.from({ length: 6 }, () => server.conversation()));
    let writing = true;
    const system = { actor_type: 'system' as const, actor_id: 'system' };
    // Transactions of several events each, some of which are taken back half way, and single posts by the API.
    const writers = conversations.map(async ({ id }, which) => {
      for (let round = 0; round < 12; round += 1) {
        await server.world.store
          .transaction(async () => {
            for (let at = 0; at < 3; at += 1) {
              await append(server.world, id, [{ type: 'message_read', actor: system, data: { up_to: at } }]);
              await new Promise((resolve) => setImmediate(resolve));
            }
            if ((round + which) % 4 === 0) throw new Error('taken back');
          })
          .catch((error) => expect(error.message).toBe('taken back'));
        await server.call('POST', conversationPath(id, '/messages'), { token, body: says(`${which}.${round}`) });
      }
    });
    const done = Promise.all(writers).finally(() => {
      writing = false;
    });

    const follow = async (limit: string) => {
      const found: string[] = [];
      let cursor = start;
      for (let ended = false; !ended; ) {
        const last = !writing; // What is read from here on is all that there will be.
        const { body } = await read({ after: cursor, limit });
        found.push(...body.events.map(({ id }) => id));
        cursor = body.cursor;
        ended = last && !body.has_more;
      }
      return found;
    };
    const [slow, quick] = await Promise.all([follow('3'), follow('200'), done]);

    const all = (await readAll(start)).map(({ id }) => id);
    expect(all.length).toBeGreaterThan(6 * 12 * 3);
    expect(slow).toEqual(all);
    expect(quick).toEqual(all);
  });
});

describe('waiting', () => {
  let start: string;
  let watch: ReturnType<typeof watchWaiting>;
  beforeEach(async () => {
    start = await latest();
    watch = watchWaiting(server);
  });
  afterEach(() => watch.stop());

  test('ends as soon as something happens', async () => {
    const began = performance.now();
    const waiting = read({ after: start, wait: '20' });
    await watch.begun();
    const { id } = await server.conversation();

    const { body } = await waiting;

    expect(body.events[0]?.conversation_id).toBe(id);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('goes on from now where the request says `latest`', async () => {
    const waiting = read({ after: 'latest', wait: '20' });
    await watch.begun();
    const { id } = await server.conversation();

    expect((await waiting).body.events[0]?.conversation_id).toBe(id);
  });

  test('ends with nothing when its time is up', async () => {
    const began = performance.now();

    const { status, body } = await read({ after: start, wait: '1' });

    expect({ status, body }).toEqual({ status: 200, body: { events: [], cursor: start, has_more: false } });
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  test('does not hold up what is there already', async () => {
    await server.conversation();
    const began = performance.now();

    expect((await read({ after: start, wait: '20' })).body.events).toHaveLength(2);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('of a client that goes away leaves nothing behind', async () => {
    const leaving = new AbortController();
    const url = `${server.origin}/v2/events?after=${start}&wait=25`;
    const waiting = fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: leaving.signal });
    await watch.begun();

    leaving.abort();

    await expect(waiting).rejects.toThrow();
    await watch.ended();
  });

  test('tells nothing to a token that was revoked meanwhile', async () => {
    const reader = await server.token(['events:read']);
    const waiting = read({ after: start, wait: '20' }, { token: reader.token });
    await watch.begun();
    await server.call('DELETE', `/v2/tokens/${reader.id}`, { token });
    await server.conversation();

    expect((await waiting).status).toBe(401);
  });
});

test('waiting ends at once when the server stops', async () => {
  const stopping = await startTestServer();
  const reader = await stopping.token(['events:read']);
  const watch = watchWaiting(stopping);
  const waiting = stopping.call<Page>('GET', '/v2/events?after=latest&wait=25', { token: reader.token });
  await watch.begun();

  // One that is cut off is an error to its client.
  await Promise.all([stopping.stop(), expect(waiting).resolves.toMatchObject({ status: 200 })]);
});

test('a cursor outlives a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'guichet-events-'));
  let running = await startTestServer({ dataDir });
  const reader = await running.token(['events:read']);
  await running.conversation();
  const { cursor } = (await running.call<Page>('GET', '/v2/events', { token: reader.token })).body;
  await running.stop();
  running = await startTestServer({ dataDir });
  const { id } = await running.conversation();

  const { body } = await running.call<Page>('GET', `/v2/events?after=${cursor}`, { token: reader.token });

  expect(body.events.map((event) => event.conversation_id)).toEqual([id, id]);
  await running.stop();
  rmSync(dataDir, { recursive: true });
});

test("a web view's raw result is for tokens with web_views:results only", async () => {
  const start = await latest();
  const { customer, id } = await server.conversation();
  const { body: message } = await server.call<Message>('POST', conversationPath(id, '/messages'), {
    token,
    body: {
      actor_type: 'bot',
      message_parts: [{ url_button: { label: 'Card', url: `${testSite.cards}/x`, target: '_self' } }],
    },
  });
  const owner = newClientId();
  const view = await customer.ask('web_view_open', { conversation_id: id, message_id: message.id, button: 0, owner });
  if (!view.ok) throw new Error(view.error.message);
  await server.call('POST', `/v2/web-views/${view.value.web_view_id}/submit`, {
    token,
    body: { result: { statement: 'raw' }, summary: 'Done' },
  });
  const submitsOf = async (scopes: ('events:read' | 'web_views:results')[]) => {
    const reader = await server.token(scopes);
    const { body } = await read({ after: start }, { token: reader.token });
    return body.events.filter(({ type }) => type === 'web_view_submit').map(({ data }) => data);
  };

  expect(await submitsOf(['events:read', 'web_views:results'])).toMatchObject([{ result: { statement: 'raw' } }]);
  const [plain] = await submitsOf(['events:read']);
  expect(plain).toMatchObject({ summary: 'Done' });
  expect(plain).not.toHaveProperty('result');
});

describe('the log of one conversation', () => {
  const log = (id: string, query = '', as = token) =>
    server.call<{ events: AccountEvent[]; seq: number } & ErrorBody>('GET', conversationPath(id, `/events${query}`), {
      token: as,
    });

  test('is read from its end backwards, from a seq on, and only its own events', async () => {
    const { id } = await server.conversation('one');
    await server.conversation('somebody else’s');
    for (const text of ['two', 'three', 'four'])
      await server.call('POST', conversationPath(id, '/messages'), { token, body: says(text) });
    const seqs = async (query: string) => (await log(id, query)).body.events.map(({ seq }) => seq);

    expect(await seqs('')).toEqual([1, 2, 3, 4, 5]);
    expect(await seqs('?limit=2')).toEqual([4, 5]);
    expect(await seqs('?before=4&limit=2')).toEqual([2, 3]);
    expect(await seqs('?after=3')).toEqual([4, 5]);
    expect(await seqs('?after=99')).toEqual([]);
    expect((await log(id)).body.seq).toBe(5);
  });

  test('takes no seq that is none, and is shown to tokens with the scope only', async () => {
    const { id } = await server.conversation();
    const other = await server.token(['conversations:read', 'messages:read']);

    expect((await log(id, '?before=x')).body.status).toBe('INVALID_VALUE');
    expect((await log(id, '?after=-1')).body.status).toBe('INVALID_VALUE');
    expect((await log('unknown')).body.status).toBe('CONVERSATION_NOT_FOUND');
    expect((await log(id, '', other.token)).body.status).toBe('FORBIDDEN');
  });
});
