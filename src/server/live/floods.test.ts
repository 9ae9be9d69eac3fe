import { io } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import { Failure, failureOf } from '../../client/failure';
import { agentSocketPath } from '../../protocol/agentLive';
import type { ErrorBody } from '../../protocol/errors';
import { socketPath } from '../../protocol/live';
import { getConversation } from '../conversations/conversations';
import {
  conversationPath,
  eventually,
  newClientId,
  says,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../testServer';

let server: TestServer;
afterEach(() => server.stop());
const start = async (limits: NonNullable<TestServerOptions['limits']>) => {
  server = await startTestServer({ limits });
};

const say = (text = 'x') => ({ client_id: newClientId(), content: { text } });
const seqOf = async (id: string) => (await getConversation(server.world, id)).seq;
/** Why this handshake was refused; `undefined` when it was not. */
async function refusal(auth: object, path = socketPath) {
  const socket = io(server.origin, { path, transports: ['websocket'], auth, reconnection: false, forceNew: true });
  try {
    return await new Promise<ErrorBody | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('connect_error', (error) => resolve((error as { data?: ErrorBody }).data));
    });
  } finally {
    socket.disconnect();
  }
}
const limited = { code: 429, status: 'RATE_LIMITED', retry_after: expect.any(Number) };

describe('a flood by one customer', () => {
  test('is answered: what is over the limit is refused with the time to wait, and nothing of it is stored', async () => {
    await start({ customer: 50 });
    const { customer: ada, token, id } = await server.conversation();
    const { customer: eve } = await server.conversation();

    const answers = await Promise.all(Array.from({ length: 300 }, () => ada.socket.emitWithAck('send', say())));

    const refused = answers.filter((answer) => !answer.ok);
    expect(refused.length).toBe(300 - 48); // The handshake and the first message count as well.
    for (const answer of refused) expect(answer).toMatchObject({ ok: false, error: limited });
    expect(await seqOf(id)).toBe(2 + 48);
    await eve.send('still here');
    const overHttp = await server.call('GET', '/widget/v1/head', { token });
    expect(overHttp).toMatchObject({ status: 429, body: limited });
    expect(Number(overHttp.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('tells the browser’s outbox how long to wait', async () => {
    await start({ customer: 2 });
    const { customer } = await server.conversation();
    const answer = await customer.ask('send', say());
    if (answer.ok) throw new Error('it was not refused');

    const failure = failureOf(answer.error);

    expect(failure).toBeInstanceOf(Failure);
    expect(failure.isFinal).toBe(false);
    expect(failure.retryAfter).toBeGreaterThan(0);
    expect(failure.retryAfter).toBeLessThanOrEqual(60_000);
  });

  test('of names that nobody knows, with no answer asked for, is shown out and stays out', async () => {
    await start({ customer: 20 });
    const { customer, token } = await server.conversation();

    for (let at = 0; at < 2_000; at += 1) customer.socket.emit('nonsense', at);

    await eventually(() => !customer.socket.connected);
    expect(await refusal({ token, cursors: {} })).toMatchObject(limited);
    await server.conversation('somebody else');
  });

  test('does not keep others waiting: one write of it goes before theirs, not all', async () => {
    await start({});
    const { customer: ada, id } = await server.conversation();
    const { customer: eve } = await server.conversation();
    const flood = Array.from({ length: 200 }, () => ada.socket.emitWithAck('send', { ...say(), conversation_id: id }));
    await eventually(async () => (await seqOf(id)) > 10); // It is under way, and the rest of it waits.

    const before = await seqOf(id);
    for (let at = 0; at < 5; at += 1) await eve.send('mine');
    const between = (await seqOf(id)) - before;

    await Promise.all(flood);
    expect(await seqOf(id)).toBe(202);
    expect(between).toBeLessThan(60);
  });
});

describe('a flood by one bot', () => {
  test('is answered with 429 and Retry-After, and its writes go in turns with those of others', async () => {
    await start({ token: 150 });
    const { token } = await server.token(undefined, { bot: true });
    const { id } = await server.conversation();
    const { customer: eve } = await server.conversation();
    const post = () =>
      server.call('POST', conversationPath(id, '/messages'), {
        token,
        body: says('buy'),
        headers: { connection: 'close' },
      });
    const flood = Array.from({ length: 200 }, post);
    await eventually(async () => (await seqOf(id)) > 10);

    const before = await seqOf(id);
    for (let at = 0; at < 5; at += 1) await eve.send('mine');
    const between = (await seqOf(id)) - before;

    const answers = await Promise.all(flood);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(150);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(50);
    for (const { headers, body } of refused) {
      expect(body).toMatchObject(limited);
      expect(headers.get('retry-after')).toBe(String((body as ErrorBody).retry_after));
    }
    expect(between).toBeLessThan(60);
  });
});

describe('connections', () => {
  test('with an empty session in their address are new ones too', async () => {
    await start({ handshakes: 3 });
    const statuses: number[] = [];
    for (let at = 0; at < 5; at += 1)
      statuses.push(
        (await fetch(`${server.origin}${socketPath}/?EIO=4&transport=polling${at % 2 ? '&sid=' : '&x=?sid=1'}`)).status,
      );

    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  test('of one customer are so many at once; one that goes makes room', async () => {
    await start({ sockets: 3 });
    const { token } = (await server.session()).body;
    const tabs = [await server.connect(token), await server.connect(token), await server.connect(token)];

    expect(await refusal({ token, cursors: {} })).toMatchObject(limited);
    await server.conversation('another customer comes in');
    tabs[0]?.leave();

    await eventually(async () => (await refusal({ token, cursors: {} })) === undefined);
  });

  test('of those who guess API tokens at the socket are refused by address; a token that was good goes on', async () => {
    await start({ wrongTokens: 5 });
    const { token } = await server.token(['events:read']);
    expect(await refusal({ token }, agentSocketPath)).toBeUndefined();
    const wrong = `gct_${'0'.repeat(36)}`;

    for (let at = 0; at < 5; at += 1)
      expect(await refusal({ token: wrong }, agentSocketPath)).toMatchObject({ status: 'UNAUTHENTICATED' });

    expect(await refusal({ token: wrong }, agentSocketPath)).toMatchObject(limited);
    const overHttp = await server.call('GET', '/v2/agents', { token: wrong });
    expect(overHttp).toMatchObject({ status: 429, body: limited });
    expect(await refusal({ token }, agentSocketPath)).toBeUndefined();
  });
});
