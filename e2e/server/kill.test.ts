/**
 * The server is killed with SIGKILL again and again while customers write over sockets and HTTP and a bot answers each of
 * them through the API. What was acknowledged has to be there: once, at the place that the acknowledgement named, in the
 * order in which it was said; and the bot has to get every event.
 *
 * GUICHET_KILLS (8) and GUICHET_KILL_SEED make it longer, or the same again.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event } from '../../src/protocol/event';
import type { Ack, SendAnswer, SessionAnswer } from '../../src/protocol/live';
import { socketPath } from '../../src/protocol/live';
import type { Message } from '../../src/protocol/message';
import type { WebhookBody } from '../../src/protocol/webhook';
import { type BuiltServer, startServer } from '../support/server';

const kills = Number(process.env.GUICHET_KILLS ?? 8);
const seed = Number(process.env.GUICHET_KILL_SEED ?? Math.floor(Math.random() * 1e9));
const random = numbersFrom(seed);

let server: BuiltServer;
let token: string;
beforeAll(async () => {
  server = await startServer({
    GUICHET_LIMIT_CUSTOMER: '1000000',
    GUICHET_LIMIT_TOKEN: '1000000',
    GUICHET_LIMIT_SESSIONS: '1000000',
  });
  await server.addSite();
  ({ token } = await server.createToken({ bot: true }));
});
afterAll(() => server.stop());

/** One attempt to say something: an answer, or nothing because the server is gone. A refusal is a fault of the test. */
type Attempt = (clientId: string, text: string) => Promise<SendAnswer | undefined>;
type Said = SendAnswer & { clientId: string; text: string };

/** What all speakers share: whether to go on, how many wait for an answer, what was acknowledged. */
const state = { goOn: true, inFlight: 0, acknowledged: 0 };

/** Says one thing after another, each until it is acknowledged. */
async function speak(name: string, attempt: Attempt): Promise<Said[]> {
  const said: Said[] = [];
  for (let at = 0; state.goOn; at += 1) {
    const clientId = `${name}-message-${at}`;
    const text = `${name} says ${at}`;
    said.push({ ...(await insist(attempt, clientId, text)), clientId, text });
    await pause(random() * 15);
  }
  return said;
}

async function insist(attempt: Attempt, clientId: string, text: string): Promise<SendAnswer> {
  for (;;) {
    state.inFlight += 1;
    const answer = await attempt(clientId, text).finally(() => {
      state.inFlight -= 1;
    });
    if (answer) {
      state.acknowledged += 1;
      return answer;
    }
    await pause(20);
  }
}

async function post<T>(path: string, bearer: string, body: unknown, headers = {}): Promise<T | undefined> {
  const answer = await server
    .fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(3_000),
    })
    .catch(() => undefined);
  if (!answer || answer.status === 503) return undefined;
  const text = await answer.text().catch(() => undefined); // Killed in the middle of its answer.
  if (text === undefined) return undefined;
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

async function openSession(): Promise<SessionAnswer> {
  const session = await post<SessionAnswer>('/widget/v1/session', '', { site: 'ag-bank' });
  if (!session) throw new Error('no session');
  return session;
}

const overHttp =
  (session: string): Attempt =>
  (client_id, text) =>
    post<SendAnswer>('/widget/v1/messages', session, { client_id, content: { text } });

function overSocket(session: string): { attempt: Attempt; told: Map<string, Event>; leave(): void } {
  const told = new Map<string, Event>();
  const cursors: Record<string, number> = {};
  const socket = io(`http://127.0.0.1:${server.port}`, {
    path: socketPath,
    transports: ['websocket'],
    auth: (give) => give({ token: session, cursors }),
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
  });
  socket.on('events', (events: Event[]) => {
    for (const event of events) {
      told.set(`${event.conversation_id} ${event.seq}`, event);
      if (event.seq === (cursors[event.conversation_id] ?? 0) + 1) cursors[event.conversation_id] = event.seq;
    }
  });
  return {
    told,
    leave: () => socket.disconnect(),
    async attempt(client_id, text) {
      const ack: Ack<SendAnswer> | undefined = await socket
        .timeout(1_500)
        .emitWithAck('send', { client_id, content: { text } })
        .catch(() => undefined);
      if (ack && !ack.ok && ack.error.code < 500) throw new Error(`${ack.error.status}: ${ack.error.message}`);
      return ack?.ok ? ack.value : undefined;
    },
  };
}

/** A bot that answers every message of a customer, and keeps what it was told and what was acknowledged to it. */
async function startBot() {
  const received: { body: WebhookBody; id: string; raw: string }[] = [];
  const answers: Promise<Said>[] = [];
  const answered = new Set<string>();
  const http = createServer((request, response) => {
    let raw = '';
    request.on('data', (chunk) => {
      raw += chunk;
    });
    request.on('end', () => {
      const body = JSON.parse(raw) as WebhookBody;
      received.push({ body, raw, id: String(request.headers['webhook-id']) });
      response.end();
      const { message } = body.data;
      if (message?.actor_type !== 'user' || answered.has(message.id)) return;
      answered.add(message.id);
      answers.push(answer(message));
    });
  });
  const answer = async (message: Message): Promise<Said> => {
    const text = `Freddy answers ${message.id}`;
    const path = `/v2/conversations/${message.conversation_id}/messages`;
    const isByKey = answered.size % 2 === 0; // Either way of making a retry harmless has to do.
    const attempt: Attempt = async (client_id, content) => {
      const body = { actor_type: 'bot', message_parts: [{ text: { content } }] };
      return isByKey
        ? post<Message>(path, token, body, { 'idempotency-key': client_id })
        : post<Message>(path, token, { ...body, client_id });
    };
    const { id, conversation_id, seq, created_time } = await insist(attempt, `answer-${message.id}`, text);
    return { id, conversation_id, seq, created_time, clientId: `answer-${message.id}`, text };
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`,
    received,
    answers,
    stop: () => http.close(),
  };
}

async function readLog(session: string, conversationId: string): Promise<Event[]> {
  const events: Event[] = [];
  for (;;) {
    const answer = await server.fetch(
      `/widget/v1/events?conversation_id=${conversationId}&after=${events.length}&limit=500`,
      { headers: { authorization: `Bearer ${session}` } },
    );
    const page = (await answer.json()) as { events: Event[]; seq: number };
    events.push(...page.events);
    if (events.length >= page.seq || page.events.length === 0) return events;
  }
}

test(`nothing that was acknowledged is lost, doubled or moved by ${kills} kills (seed ${seed})`, {
  timeout: 60_000 + kills * 8_000,
}, async () => {
  const bot = await startBot();
  await server.addWebhook(bot.url, ['message_create', 'conversation_create']);
  const sessions = await Promise.all(Array.from({ length: 6 }, openSession));
  const sockets = sessions.slice(0, 4).map(({ token: session }) => overSocket(session));
  const speakers = sessions.map(({ token: session }, at) =>
    speak(`customer-${at}`, sockets[at]?.attempt ?? overHttp(session)),
  );

  const moments: { before: number; inFlight: number }[] = [];
  for (let at = 0; at < kills; at += 1) {
    const start = state.acknowledged;
    while (state.acknowledged === start) await pause(5); // This life has given an acknowledgement…
    await pause(random() * 700);
    while (state.inFlight === 0) await pause(0); // …and somebody waits for the next one.
    moments.push({ before: state.acknowledged - start, inFlight: state.inFlight });
    await server.kill('SIGKILL');
    await pause(random() * 100);
    await server.start();
  }
  const last = state.acknowledged;
  while (state.acknowledged < last + 20) await pause(5);
  state.goOn = false;
  const said = await Promise.all(speakers);
  const conversations = said.map((each) => each[0]?.conversation_id ?? '');

  // The bot answers until every event has reached it.
  const logs = () => Promise.all(sessions.map(({ token: session }, at) => readLog(session, conversations[at] ?? '')));
  const patience = Date.now() + 30_000;
  for (let calm = 0; calm < 3; ) {
    const before = bot.received.length + bot.answers.length;
    await Promise.all(bot.answers);
    await pause(250);
    const missing = (await logs()).flat().filter(({ id }) => !bot.received.some(({ body }) => body.event_id === id));
    if (Date.now() > patience) expect(missing.map(({ seq, type }) => `${type} ${seq}`)).toEqual([]);
    calm = missing.length === 0 && before === bot.received.length + bot.answers.length ? calm + 1 : 0;
  }
  const answers = await Promise.all(bot.answers);
  const all = await logs();
  for (const socket of sockets) socket.leave();
  bot.stop();

  for (const moment of moments) {
    expect(moment.before).toBeGreaterThan(0);
    expect(moment.inFlight).toBeGreaterThan(0);
  }
  expect(moments).toHaveLength(kills);
  for (const [at, log] of all.entries()) {
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: log.length }, (_, index) => index + 1));
    const messages = log.flatMap((event) => (event.type === 'message_create' ? [event.data.message] : []));
    const byText = groupBy(messages, textOf);
    for (const acknowledged of [...(said[at] ?? []), ...answers].filter(
      (one) => one.conversation_id === conversations[at],
    )) {
      const stored = byText.get(acknowledged.text) ?? [];
      expect(stored, acknowledged.clientId).toHaveLength(1);
      expect(stored[0]).toMatchObject({
        id: acknowledged.id,
        seq: acknowledged.seq,
        created_time: acknowledged.created_time,
      });
    }
    // Every message that is there was said, in the order in which it was said; each has the bot's one answer.
    const byCustomer = messages.filter(({ actor_type }) => actor_type === 'user');
    expect(byCustomer.map(({ client_id }) => client_id)).toEqual(said[at]?.map(({ clientId }) => clientId));
    expect(messages).toHaveLength(2 * byCustomer.length);
    // The bot got each event, under one id and with one body, first in the order of the log.
    const told = bot.received.filter(({ body }) => body.conversation_id === conversations[at]);
    const firsts = new Map<string, (typeof told)[number]>();
    for (const one of told) {
      const first = firsts.get(one.body.event_id);
      if (!first) firsts.set(one.body.event_id, one);
      else expect({ id: one.id, raw: one.raw }).toEqual({ id: first.id, raw: first.raw });
    }
    expect([...firsts.values()].map(({ body }) => body.seq)).toEqual(log.map(({ seq }) => seq));
    // What the customer's socket was told is what is stored, of all that it was told.
    for (const event of sockets[at]?.told.values() ?? []) expect(event).toEqual(log[event.seq - 1]);
  }
  const total = all.flat().length;
  expect(state.acknowledged).toBeGreaterThan(kills * 10);
  console.log(
    `${kills} kills, seed ${seed}: ${state.acknowledged} acknowledgements, ${total} events, ${bot.received.length} webhooks`,
  );
});

const textOf = ({ message_parts }: Message) => {
  const [part] = message_parts;
  return part && 'text' in part ? part.text.content : '';
};

function groupBy<K, V>(values: V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

/** The same numbers for the same seed (mulberry32). */
function numbersFrom(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
