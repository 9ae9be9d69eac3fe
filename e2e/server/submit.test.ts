/**
 * The server is killed with SIGKILL after it has taken a web view's result and before its answer has reached anybody, and at other moments of a submit. Whoever
 * tries again gets the answer that was lost; the bot is told once, and the conversation has one message of it.
 */
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket as Live } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event } from '../../src/protocol/event';
import type { Ack, ClientAnswers, ClientMessages, SessionAnswer } from '../../src/protocol/live';
import { socketPath } from '../../src/protocol/live';
import type { Message } from '../../src/protocol/message';
import type { WebView } from '../../src/protocol/rest/webViews';
import type { WebhookBody } from '../../src/protocol/webhook';
import { type BuiltServer, startServer } from '../support/server';

const cards = 'https://cards.bank.example';
let server: BuiltServer;
let token: string;
let hook: Awaited<ReturnType<typeof startHook>>;
let wire: Awaited<ReturnType<typeof startWire>>;
beforeAll(async () => {
  server = await startServer();
  await server.addSite({ webViewOrigins: [cards] });
  ({ token } = await server.createToken({ bot: true }));
  hook = await startHook();
  await server.addWebhook(hook.url);
  wire = await startWire(server.port);
});
afterAll(async () => {
  wire.stop();
  hook.stop();
  await server.stop();
});

async function startHook() {
  const received: { id: string; body: WebhookBody }[] = [];
  const http = createHttp(async (request, response) => {
    let raw = '';
    for await (const chunk of request) raw += chunk;
    received.push({ id: String(request.headers['webhook-id']), body: JSON.parse(raw) as WebhookBody });
    response.end();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { received, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`, stop: () => http.close() };
}

/** Passes everything on in both directions, until the answers are held back. */
async function startWire(to: number) {
  let isHeld = false;
  const sockets = new Set<Socket>();
  const tcp = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('data', (data) => {
        if (one === near || !isHeld) other.write(data);
      });
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  return {
    port: (tcp.address() as AddressInfo).port,
    hold(held: boolean) {
      isHeld = held;
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      tcp.close();
    },
  };
}

async function call<T>(path: string, body?: unknown, bearer = token, port = server.port): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function dial(session: string): Promise<Live> {
  const socket = io(`http://127.0.0.1:${wire.port}`, {
    path: socketPath,
    transports: ['websocket'],
    auth: { token: session, cursors: {} },
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return socket;
}
async function ask<K extends keyof ClientMessages>(socket: Live, type: K, data: ClientMessages[K]) {
  const ack = (await socket.timeout(8_000).emitWithAck(type, data)) as Ack<ClientAnswers[K]>;
  if (!ack.ok) throw new Error(`${type}: ${ack.error.status} ${ack.error.message}`);
  return ack.value;
}

const owner = 'tab-of-this-test';
/** A customer who has a web view open. */
async function open() {
  const { token: session } = await call<SessionAnswer>('/widget/v1/session', { site: 'ag-bank' });
  const socket = await dial(session);
  const { conversation_id } = await ask(socket, 'send', { client_id: 'hello-hello', content: { text: 'Hello' } });
  const { id: message_id } = await call<Message>(`/v2/conversations/${conversation_id}/messages`, {
    actor_type: 'bot',
    message_parts: [{ url_button: { label: 'Confirm card', url: `${cards}/confirm`, target: '_self' } }],
  });
  const { web_view_id: id } = await ask(socket, 'web_view_open', { conversation_id, message_id, button: 0, owner });
  return { session, socket, conversation_id, id };
}
type Opened = Awaited<ReturnType<typeof open>>;
const read = (id: string) => call<WebView>(`/v2/web-views/${id}`);

/** What is left of it: everything once, wherever it is told. */
async function expectOnce({ session, conversation_id, id }: Opened, summary: string, source: string) {
  const path = `/widget/v1/events?conversation_id=${conversation_id}&after=0&limit=500`;
  const { events } = await call<{ events: Event[] }>(path, undefined, session);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.slice(-3).map(({ type }) => type)).toEqual(['web_view_submit', 'message_create', 'web_view_close']);
  for (const type of ['web_view_submit', 'web_view_close'])
    expect(events.filter((event) => event.type === type)).toHaveLength(1);
  expect(JSON.stringify(events).split(JSON.stringify({ text: { content: summary } }))).toHaveLength(2);
  const last = events.at(-1)?.id;
  const told = () => hook.received.filter(({ body }) => body.conversation_id === conversation_id);
  await expect.poll(() => told().some(({ body }) => body.event_id === last), { timeout: 20_000 }).toBe(true);
  // A webhook whose answer was lost comes again, under the same id.
  for (const action of ['web_view_submit', 'web_view_close'])
    expect(new Set(told().flatMap(({ id, body }) => (body.action === action ? [id] : []))).size, action).toBe(1);
  expect(await read(id)).toMatchObject({ state: 'closed', reason: 'submitted', source, summary });
}

const isTaken = async (id: string) => (await read(id)).submitted;
async function restart(socket?: Live) {
  await server.kill('SIGKILL');
  wire.hold(false);
  await server.start();
  if (socket && !socket.connected) await new Promise<void>((resolve) => socket.once('connect', resolve));
}

test('a page’s result that was taken and never answered is taken once, and the retry succeeds', async () => {
  const opened = await open();
  const submission = {
    web_view_id: opened.id,
    owner,
    idempotency_key: 'the-same-key',
    result: { last4: '0031' },
    summary: 'Card ending in 0031',
  };
  wire.hold(true);
  let isAnswered = false;
  opened.socket.emit('web_view_submit', submission, () => {
    isAnswered = true;
  });
  await expect.poll(() => isTaken(opened.id), { timeout: 20_000, interval: 5 }).toBe(true);

  await restart(opened.socket);

  expect(isAnswered).toBe(false);
  expect(await ask(opened.socket, 'web_view_submit', submission)).toEqual({});
  expect(await ask(opened.socket, 'web_view_submit', submission)).toEqual({});
  await expect(
    ask(opened.socket, 'web_view_submit', { ...submission, idempotency_key: 'another-key' }),
  ).rejects.toThrow('WEB_VIEW_CLOSED');
  await expect(ask(opened.socket, 'web_view_submit', { ...submission, result: { last4: '9' } })).rejects.toThrow(
    'IDEMPOTENCY_KEY_REUSED',
  );
  await expectOnce(opened, 'Card ending in 0031', 'page');
  opened.socket.disconnect();
});

test('a backend’s result that was taken and never answered is taken once, and the retry gets the answer', async () => {
  const opened = await open();
  const path = `/v2/web-views/${opened.id}/submit`;
  const body = { result: { outcome: 'confirmed' }, summary: 'Confirmed by the bank' };
  wire.hold(true);
  const lost = call(path, body, token, wire.port).catch(() => 'no answer');
  await expect.poll(() => isTaken(opened.id), { timeout: 20_000, interval: 5 }).toBe(true);

  await restart();

  expect(await lost).toBe('no answer');
  const answer = await call<WebView>(path, body);
  expect(answer).toMatchObject({ submitted: true, source: 'business', result: { outcome: 'confirmed' } });
  expect(await call<WebView>(path, body)).toEqual(answer);
  await expectOnce(opened, 'Confirmed by the bank', 'business');
  opened.socket.disconnect();
});

test.each([0, 2, 5])(
  'killed %i ms into a submit, it is taken wholly or not at all, and once in the end',
  async (ms) => {
    const opened = await open();
    const submission = {
      web_view_id: opened.id,
      owner,
      idempotency_key: `key-of-${ms}-ms-in`,
      result: { last4: '0031' },
      summary: 'Card ending in 0031',
    };
    opened.socket.emit('web_view_submit', submission, () => {});
    await pause(ms);

    await restart(opened.socket);

    expect(['open', 'paused', 'closed']).toContain((await read(opened.id)).state);
    expect(await ask(opened.socket, 'web_view_submit', submission)).toEqual({});
    await expectOnce(opened, 'Card ending in 0031', 'page');
    opened.socket.disconnect();
  },
);
