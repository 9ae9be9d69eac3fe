/**
 * Whether a message costs the same however much there is. Built servers stand side by side, each with a hundred (or ten) times and more of
 * one thing than the small one, and in each round every one of them does every thing:
 *
 * - send:    a customer's message on the socket, until it is acknowledged
 * - bot:     a bot's POST, until it is answered
 * - open:    a session opened by a customer who comes back
 * - page:    the newest page of the conversation
 *
 * The medians are compared with the small server's of the same rounds: about 1 is flat.
 */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'libsql';
import { io, type Socket } from 'socket.io-client';
import { fetchLoopback, lookupLoopback } from '../support/loopback';
import { type BuiltServer, startServer } from '../support/server';

const rounds = 30;
const perRound = 5;
const warmUp = 3;

type Much = { events: number; conversations: number; connections: number; waiting: number };
const small: Much = { events: 100, conversations: 10, connections: 10, waiting: 0 };
const cases: Record<string, Much> = {
  small,
  'events 100 → 100,000': { ...small, events: 100_000 },
  'conversations 10 → 10,000': { ...small, conversations: 10_000 },
  'connections 10 → 1,000': { ...small, connections: 1_000 },
  'waiting webhooks 0 → 50,000': { ...small, waiting: 50_000 },
};
const acts = ['send', 'bot', 'open', 'page'] as const;
type Subject = Record<(typeof acts)[number], () => Promise<unknown>> & { close: () => Promise<void> };

export async function bench(): Promise<void> {
  const subjects = new Map<string, Subject>();
  try {
    for (const [name, much] of Object.entries(cases)) subjects.set(name, await subject(much));
    report(await measure(subjects));
  } finally {
    for (const each of subjects.values()) await each.close();
  }
}

async function measure(subjects: Map<string, Subject>): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (let round = -warmUp; round < rounds; round += 1)
    for (const act of acts)
      for (const [name, one] of subjects)
        for (let n = 0; n < perRound; n += 1) {
          const start = performance.now();
          await one[act]();
          if (round < 0) continue;
          const key = `${name} ${act}`;
          times.set(key, [...(times.get(key) ?? []), performance.now() - start]);
        }
  return times;
}

function report(times: Map<string, number[]>): void {
  const median = (name: string, act: string) => {
    const values = [...(times.get(`${name} ${act}`) ?? [])].sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? Number.NaN;
  };
  console.log(`\nflat: ${rounds} rounds of ${perRound}; milliseconds, and how many times the small server's`);
  console.log(''.padEnd(30) + acts.map((act) => act.padStart(16)).join(''));
  for (const name of Object.keys(cases)) {
    const cells = acts.map((act) => {
      const ms = median(name, act);
      const ratio = name === 'small' ? '' : ` ${(ms / median('small', act)).toFixed(2)} ×`;
      return `${ms.toFixed(2)}${ratio}`.padStart(16);
    });
    console.log(name.padEnd(30) + cells.join(''));
  }
}

/** A built server that has so much, and a customer and a bot in one conversation of it. */
async function subject(much: Much): Promise<Subject> {
  const down = await refusing();
  const server = await startServer({
    GUICHET_LIMIT_CUSTOMER: '1000000',
    GUICHET_LIMIT_TOKEN: '1000000',
    GUICHET_LIMIT_SESSIONS: '1000000',
    GUICHET_LIMIT_HANDSHAKES: '1000000',
    GUICHET_LOG_LEVEL: 'error',
  });
  const sockets: Socket[] = [];
  await server.addSite();
  const { token } = await server.createToken({ bot: true });
  await server.addWebhook(down.url);
  const session = await ask<{ token: string }>(server, '/widget/v1/session', { site: 'ag-bank' });
  const first = await ask<{ conversation_id: string }>(server, '/widget/v1/messages', say(), session.token);
  await server.kill('SIGTERM');
  fill(server.data, first.conversation_id, much);
  await server.start();

  for (let at = 1; at < much.connections; at += 1) {
    const other = await ask<{ token: string }>(server, '/widget/v1/session', { site: 'ag-bank' });
    sockets.push(await connect(server, other.token));
  }
  const socket = await connect(server, session.token);
  sockets.push(socket);
  const { conversation_id } = first;
  return {
    async send() {
      const ack = await socket.emitWithAck('send', { ...say(), conversation_id });
      if (!ack.ok) throw new Error(`send was refused: ${JSON.stringify(ack.error)}`);
    },
    bot: () =>
      ask(
        server,
        `/v2/conversations/${conversation_id}/messages`,
        { message_parts: [{ text: { content: 'Nothing at all.' } }], actor_type: 'bot' },
        token,
      ),
    open: () => ask(server, '/widget/v1/session', { site: 'ag-bank', resume: session.token }),
    page: () => socket.emitWithAck('events', { conversation_id, limit: 50 }),
    async close() {
      for (const each of sockets) each.close();
      await server.stop();
      down.close();
    },
  };
}

const say = () => ({ client_id: randomUUID(), content: { text: 'What does it cost?' } });

/** Puts what there is a lot of where the server keeps it, as copies of what it stored itself. */
function fill(data: string, conversation: string, much: Much): void {
  const database = new Database(join(data, 'guichet.db'));
  const run = (sql: string, ...given: unknown[]) => database.prepare(sql).run(...given);
  const upTo = (count: number) =>
    `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${Math.floor(count)})`;
  database.exec('BEGIN');
  const { seq } = database.prepare('SELECT seq FROM conversations WHERE id = ?').get(conversation) as { seq: number };
  const more = much.events - seq;
  for (const [table, columns, copied] of [
    ['events', 'type, actor_type, actor_id, time, data_json', 'type, actor_type, actor_id, time, data_json'],
    ['messages', 'author, client_id, fingerprint, time', "author, 'filling-' || n, fingerprint, time"],
  ])
    run(
      `${upTo(more)} INSERT INTO ${table} (id, conversation_id, seq, ${columns})
       SELECT lower(hex(randomblob(16))), conversation_id, ${seq} + n, ${copied}
       FROM n, (SELECT * FROM ${table} WHERE conversation_id = ? AND seq = ${seq})`,
      conversation,
    );
  run('UPDATE conversations SET seq = ? WHERE id = ?', much.events, conversation);
  run(
    `${upTo(much.conversations)} INSERT INTO users (id, site_id, vouched, profile_json, created, updated)
     SELECT 'user-' || n, 'ag-bank', 0, '{}', n, n FROM n`,
  );
  run(
    `${upTo(much.conversations)} INSERT INTO conversations
       (id, site_id, channel_id, user_id, status, properties_json, seq, customer_read, business_read, created, updated)
     SELECT 'conversation-' || n, site_id, channel_id, 'user-' || n, status, properties_json, 0, 0, 0, n, n
     FROM n, (SELECT * FROM conversations WHERE id = ?)`,
    conversation,
  );
  if (much.waiting > 0)
    // Ten in each of so many conversations, tried once and not due again for an hour.
    run(
      `${upTo(much.waiting)} INSERT INTO deliveries (id, webhook_id, lane, event_id, body, action, state, attempts, next, created)
       SELECT 'delivery-' || n, (SELECT id FROM webhooks), 'lane-' || (n / 10), 'event-' || n, '{}', 'message_create', 'waiting', 1,
         ${Date.now() + 3_600_000}, ${Date.now()} FROM n`,
    );
  database.exec('COMMIT');
  database.close();
}

async function ask<T>(server: BuiltServer, path: string, body: unknown, token?: string): Promise<T> {
  const answer = await fetchLoopback(`${server.origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  const json = await answer.json();
  if (!answer.ok) throw new Error(`POST ${path} gave ${answer.status}: ${JSON.stringify(json)}`);
  return json as T;
}

async function connect(server: BuiltServer, token: string): Promise<Socket> {
  const socket = io(server.origin, {
    path: '/widget/v1/socket',
    transports: ['websocket'],
    auth: { token, cursors: {} },
    agent: new Agent({ lookup: lookupLoopback }) as never,
    extraHeaders: { origin: server.origin },
    forceNew: true,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

/** A receiver that is down: it ends every connection. */
async function refusing() {
  const listener = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/hook`, close: () => listener.close() };
}
