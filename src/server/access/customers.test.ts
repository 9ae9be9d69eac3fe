import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { User } from '../../protocol/rest/users';
import {
  assertGapless,
  conversationPath,
  customerLog,
  newClientId,
  says,
  startTestServer,
  type TestServer,
  vouch,
} from '../testServer';
import type { IdentityKey } from './sites';

let server: TestServer;
let key: IdentityKey;
let api: string;
beforeAll(async () => {
  server = await startTestServer();
  ({ key } = await server.site());
  api = (await server.token(undefined, { bot: true })).token;
});
afterAll(() => server.stop());

let people = 0;
const somebody = () => `user-${++people}`;
const vouched = async (sub: string, resume?: string) =>
  (await server.session({ identity: await vouch(key, sub), ...(resume ? { resume } : {}) })).body;
const send = (token: string, text: string, conversation_id?: string) =>
  server.call<{ conversation_id: string; seq: number } & ErrorBody>('POST', '/widget/v1/messages', {
    token,
    body: { client_id: newClientId(), content: { text }, ...(conversation_id ? { conversation_id } : {}) },
  });
const isGood = async (token: string) =>
  (await server.call('GET', '/widget/v1/events?conversation_id=x', { token })).status !== 401;
const rows = async () => {
  const { db } = server.world.store;
  const counts = await Promise.all(
    (['users', 'conversations', 'events'] as const).map((table) =>
      db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll().as('n'))
        .executeTakeFirstOrThrow(),
    ),
  );
  return counts.map(({ n }) => n);
};

describe('an anonymous customer', () => {
  test('costs no row until the first message', async () => {
    const before = await rows();

    const { body } = await server.session();
    await server.session({ resume: body.token });
    (await server.connect(body.token)).leave();
    expect(await rows()).toEqual(before);

    await send(body.token, 'Hello');
    expect(await rows()).not.toEqual(before);
  });

  test('is known again by the session token, and gets what was said', async () => {
    const first = (await server.session()).body;
    const { body: sent } = await send(first.token, 'Remember me');

    const again = (await server.session({ resume: first.token })).body;

    expect(again.token).toBe(first.token);
    expect(again.customer).toEqual({ id: first.customer.id, vouched: false });
    expect(again.conversations).toMatchObject([{ id: sent.conversation_id, seq: 2 }]);
    assertGapless(again.events, 2);
  });

  test('with a token that was tampered with, of another server or of another site is somebody new', async () => {
    const { token, customer } = (await server.session()).body;
    const [head = '', signature] = token.slice(4).split('.');
    const payload = JSON.parse(Buffer.from(head, 'base64url').toString());
    const forged = `gcs_${Buffer.from(JSON.stringify({ ...payload, u: 'somebody' })).toString('base64url')}.${signature}`;
    const elsewhere = await startTestServer();
    const foreign = (await elsewhere.session()).body.token;
    await elsewhere.stop();
    await server.site({ id: 'other-bank' });

    for (const resume of [forged, foreign, `${token}x`, token.slice(0, -1), 'gcs_.', '']) {
      const { status, body } = await server.session({ resume });
      expect({ resume, status, same: body.customer.id === customer.id }).toEqual({ resume, status: 200, same: false });
      expect((await send(resume, 'x')).body).toMatchObject({ code: 401, status: 'SESSION_INVALID' });
    }
    const other = await server.session({ site: 'other-bank', resume: token });
    expect(other.body.customer.id).not.toBe(customer.id);
  });
});

describe('an anonymous customer who becomes known', () => {
  test('as somebody new here keeps id and conversation, and the anonymous session ends', async () => {
    const anonymous = (await server.session()).body;
    const { body: sent } = await send(anonymous.token, 'before I signed in');

    const known = await vouched(somebody(), anonymous.token);

    expect(known.customer).toMatchObject({ id: anonymous.customer.id, vouched: true });
    expect(known.conversations).toMatchObject([{ id: sent.conversation_id }]);
    expect(await isGood(anonymous.token)).toBe(false);
    expect(await isGood(known.token)).toBe(true);
  });

  test('as somebody known here brings the conversation along, whole and in order', async () => {
    const sub = somebody();
    const atHome = await vouched(sub);
    const { body: old } = await send(atHome.token, 'from my other device');
    const anonymous = (await server.session()).body;
    const { body: sent } = await send(anonymous.token, 'before I signed in');

    const known = await vouched(sub, anonymous.token);

    expect(known.customer.id).toBe(atHome.customer.id);
    expect(known.conversations.map(({ id }) => id)).toEqual([sent.conversation_id, old.conversation_id]);
    await send(known.token, 'after', sent.conversation_id);
    assertGapless(await customerLog(server, atHome.token, sent.conversation_id), 3);
    expect(await isGood(anonymous.token)).toBe(false);
    expect(await isGood(atHome.token)).toBe(true);
  });

  test('a message whose acknowledgement was lost meanwhile is not doubled', async () => {
    const sub = somebody();
    await send((await vouched(sub)).token, 'another conversation');
    const anonymous = (await server.session()).body;
    const body = { client_id: newClientId(), content: { text: 'sent, not acknowledged' } };
    const first = await server.call('POST', '/widget/v1/messages', { token: anonymous.token, body });

    const known = await vouched(sub, anonymous.token);

    expect((await server.call('POST', '/widget/v1/messages', { token: known.token, body })).text).toBe(first.text);
  });

  test('twenty times at once is one user', async () => {
    const sub = somebody();

    const all = await Promise.all(Array.from({ length: 20 }, () => vouched(sub)));

    expect(new Set(all.map(({ customer }) => customer.id)).size).toBe(1);
  });
});

describe('another user on the same computer', () => {
  test('gets none of what was there, and the session before is revoked at once, on the socket as well', async () => {
    const ada = await vouched(somebody());
    const { body: sent } = await send(ada.token, "Ada's secret");
    const socket = await server.connect(ada.token);

    const bob = await vouched(somebody(), ada.token);

    expect(bob.customer.id).not.toBe(ada.customer.id);
    expect(bob.conversations).toEqual([]);
    expect(JSON.stringify(bob)).not.toContain('secret');
    await socket.until(({ told, socket: { connected } }) => told.session_end.length === 1 && !connected);
    expect(await isGood(ada.token)).toBe(false);
    expect((await send(bob.token, 'mine', sent.conversation_id)).body).toMatchObject({ code: 404 });
    expect((await send(ada.token, 'late')).body).toMatchObject({ code: 401, status: 'SESSION_INVALID' });
  });

  test('the same user again keeps the session', async () => {
    const sub = somebody();
    const first = await vouched(sub);

    const again = await vouched(sub, first.token);

    expect(again.token).toBe(first.token);
    expect(await isGood(first.token)).toBe(true);
  });

  test('logout revokes this session only, and only once', async () => {
    const sub = somebody();
    const here = await vouched(sub);
    const there = await vouched(sub);
    const socket = await server.connect(here.token);

    expect((await server.call('POST', '/widget/v1/logout', { token: here.token })).status).toBe(204);

    await socket.until(({ told, socket: { connected } }) => told.session_end.length === 1 && !connected);
    expect(await isGood(here.token)).toBe(false);
    expect(await isGood(there.token)).toBe(true);
    expect((await server.call('POST', '/widget/v1/logout', { token: here.token })).body).toMatchObject({ code: 401 });
    await expect(server.connect(here.token)).rejects.toMatchObject({ data: { status: 'SESSION_INVALID' } });
    expect((await server.session({ resume: here.token })).body.customer.vouched).toBe(false);
  });
});

describe('nobody reaches another one’s conversation', () => {
  test('by knowing its id: it is as unknown as one that does not exist', async () => {
    const ada = await server.conversation('private');
    const eve = (await server.session()).body;

    const theirs = await server.call('GET', `/widget/v1/events?conversation_id=${ada.id}&after=0`, {
      token: eve.token,
    });
    const none = await server.call('GET', '/widget/v1/events?conversation_id=nothing&after=0', { token: eve.token });

    expect(theirs.status).toBe(404);
    expect(theirs.text.replace(ada.id, 'nothing')).toBe(none.text);
    expect((await send(eve.token, 'hi', ada.id)).status).toBe(404);
  });

  test('by saying that their e-mail or reference is theirs: only a JWT makes a user', async () => {
    const ada = await vouched(somebody());
    const { body: sent } = await send(ada.token, 'private');
    for (const extra of [{ email: 'ada@bank.example' }, { reference_id: 'ada' }, { user_id: ada.customer.id }]) {
      const { body } = await server.call<{ conversations: unknown[]; customer: { id: string } }>(
        'POST',
        '/widget/v1/session',
        { body: { site: 'ag-bank', ...extra } },
      );
      expect(body.conversations).toEqual([]);
      expect(body.customer.id).not.toBe(ada.customer.id);
    }
    expect(sent.conversation_id).toBeTruthy();
  });

  test('by having talked the bot into noting their reference: the real one does not move in with them', async () => {
    const sub = somebody();
    const eve = await server.conversation(`I am ${sub}, trust me`);
    await server.call('PUT', `/v2/users/${eve.userId}`, { token: api, body: { reference_id: sub } });

    const real = await vouched(sub);
    await send(real.token, 'my secret');

    expect(real.customer.id).not.toBe(eve.userId);
    expect(real.conversations).toEqual([]);
    expect(JSON.stringify((await server.session({ resume: eve.token })).body)).not.toContain('my secret');
  });

  test('of another site, even with the same sub', async () => {
    const other = await server.site({ id: 'other-bank' });
    const sub = somebody();
    const here = await vouched(sub);
    await send(here.token, 'private');

    const there = await server.session({
      site: 'other-bank',
      identity: await vouch(other.key, sub, { aud: 'other-bank' }),
      resume: here.token,
    });

    expect(there.body.customer.id).not.toBe(here.customer.id);
    expect(there.body.conversations).toEqual([]);
  });
});

describe('a user whom the business made', () => {
  test('is the one who comes with that reference, with the conversation that waits', async () => {
    const sub = somebody();
    const made = await server.call<User>('POST', '/v2/users', {
      token: api,
      body: { reference_id: sub, first_name: 'Ada', email: 'ada@bank.example' },
    });
    await server.call('POST', '/v2/conversations', {
      token: api,
      body: { users: [{ id: made.body.id }], messages: [says('Your card is ready')] },
    });

    const ada = await vouched(sub);

    expect(ada.customer).toEqual({ id: made.body.id, vouched: true, first_name: 'Ada' });
    expect(JSON.stringify(ada.events)).toContain('Your card is ready');
    const changed = await server.call('PUT', `/v2/users/${made.body.id}`, { token: api, body: { reference_id: 'x' } });
    expect(changed.body).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
  });

  test("gets a conversation on their own site's channel when none is named", async () => {
    const other = await server.site({ id: 'other-bank' });
    const there = await server.session({ site: 'other-bank' });
    await send(there.body.token, 'Hello');

    const { body } = await server.call<{ channel_id: string }>('POST', '/v2/conversations', {
      token: api,
      body: { users: [{ id: there.body.customer.id }] },
    });

    expect(body.channel_id).toBe(other.site.channelId);
  });
});

test('a session of an unknown site is refused, and so is one with nothing in it', async () => {
  expect((await server.session({ site: 'nowhere' })).body).toMatchObject({ code: 404, status: 'SITE_NOT_FOUND' });
  for (const body of [{}, { site: '' }, { site: 5 }, { site: 'x'.repeat(65) }, [], 'null']) {
    const answer = await server.call('POST', '/widget/v1/session', { body });
    expect(answer.body, JSON.stringify(body)).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
  }
});

test('the customer door serves the widget on its own origin only', async () => {
  const { token, id } = await server.conversation();
  for (const origin of [
    'http://bank.localhost:4401',
    'https://chat.localhost:4400',
    'http://chat.localhost',
    'null',
    '',
  ]) {
    const headers = { origin };
    for (const [method, path] of [
      ['POST', '/widget/v1/session'],
      ['POST', '/widget/v1/messages'],
      ['POST', '/widget/v1/read'],
      ['GET', `/widget/v1/events?conversation_id=${id}`],
      ['POST', '/widget/v1/logout'],
    ] as const) {
      const body = method === 'POST' ? { site: 'ag-bank' } : undefined;
      const answer = await server.call(method, path, { token, headers, body });
      expect(answer.body, `${origin} ${path}`).toMatchObject({ code: 403, status: 'ORIGIN_NOT_ALLOWED' });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  }
  const own = await server.call('GET', `/widget/v1/events?conversation_id=${id}`, {
    token,
    headers: { origin: 'http://chat.localhost:4400' },
  });
  expect(own.status).toBe(200);
});

test('the doors of the customer say which method they take', async () => {
  for (const [method, path, allow] of [
    ['GET', '/widget/v1/session', 'POST'],
    ['PUT', '/widget/v1/messages', 'POST'],
    ['GET', '/widget/v1/read', 'POST'],
    ['POST', '/widget/v1/events', 'GET'],
    ['DELETE', '/widget/v1/logout', 'POST'],
  ] as const) {
    const answer = await server.call(method, path);
    expect(answer.body, path).toMatchObject({ code: 405, status: 'METHOD_NOT_ALLOWED' });
    expect(answer.headers.get('allow')).toBe(allow);
  }
});

test('messages of a conversation that was merged go on under the known user', async () => {
  const anonymous = (await server.session()).body;
  const { body: sent } = await send(anonymous.token, 'before');
  const sub = somebody();
  await vouched(sub);
  const known = await vouched(sub, anonymous.token);
  const socket = await server.connect(known.token);

  await server.call('POST', conversationPath(sent.conversation_id, '/messages'), {
    token: api,
    body: says('hello again'),
  });

  await socket.until(({ events }) => JSON.stringify(events).includes('hello again'));
});
