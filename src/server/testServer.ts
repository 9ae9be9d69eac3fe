import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { SignJWT } from 'jose';
import { io, type Socket } from 'socket.io-client';
import type { ErrorBody } from '../protocol/errors';
import type { Event } from '../protocol/event';
import type { Ack, ClientAnswers, ClientMessages, ServerMessages, SessionAnswer } from '../protocol/live';
import { socketPath } from '../protocol/live';
import type { Message } from '../protocol/message';
import type { Conversation } from '../protocol/rest/conversations';
import { type Scope, scopes } from '../protocol/rest/route';
import type { SitePost } from '../protocol/rest/sites';
import { type WebhookAction, type WebhookBody, webhookActions } from '../protocol/webhook';
import { addSite, type IdentityKey, type Site } from './access/sites';
import { createToken } from './access/tokens';
import type { Config } from './config';
import { serve } from './serve';
import { addWebhook } from './webhooks/subscriptions';
import type { World } from './world';

/**
 * For tests: the whole server in this process on a free port, with what a test needs around it.
 *
 * ```ts
 * const server = await startTestServer();
 * const { token } = await server.token(['messages:write'], { bot: true });
 * const customer = await server.connect((await server.session()).body.token);
 * ```
 */
export type TestServer = {
  world: World;
  origin: string;
  port: number;
  call<T = ErrorBody>(method: string, path: string, options?: CallOptions): Promise<Answer<T>>;
  /** A token, by default with every scope; with an actor of its own when `bot` or `agent` is set. */
  token(
    wanted?: readonly Scope[],
    actor?: { bot?: boolean; agent?: boolean },
  ): Promise<{ token: string; id: string; agentId: string }>;
  site(wanted?: Partial<SiteWanted>): Promise<{ site: Site; key: IdentityKey }>;
  session(wanted?: { site?: string; identity?: string; resume?: string }): Promise<Answer<SessionAnswer>>;
  connect(token: string, cursors?: Record<string, number>): Promise<TestCustomer>;
  /** A connected customer who said something, and the conversation that this made. */
  conversation(text?: string): Promise<{ customer: TestCustomer; token: string; id: string; userId: string }>;
  webhook(url: string, events?: readonly WebhookAction[]): Promise<{ id: string; secret: string; publicKey: string }>;
  stop(): Promise<void>;
};

export type CallOptions = { token?: string | undefined; body?: unknown; headers?: Record<string, string> };
export type Answer<T> = { status: number; headers: Headers; body: T; text: string };
type SiteWanted = SitePost;

export type TestServerOptions = {
  dataDir?: string;
  port?: number;
  now?: () => number;
  origin?: string;
  apiOrigins?: string[];
  allowPrivateNetwork?: boolean;
  /** `null`: the server takes no files. */
  filesOrigin?: string | null;
  limits?: Partial<Config['limits']>;
};

/** The site that every test server has. */
export const testSite = {
  id: 'ag-bank',
  host: 'http://bank.localhost:4401',
  cards: 'https://cards.bank.example',
};

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clientDir = stubClient();
  const chatOrigin = options.origin ?? 'http://chat.localhost:4400';
  const config: Config = {
    dataDir: options.dataDir ?? ':memory:',
    port: options.port ?? 0,
    host: '127.0.0.1',
    origin: chatOrigin,
    apiOrigins: options.apiOrigins ?? [],
    filesOrigin:
      options.filesOrigin === undefined ? chatOrigin.replace('//', '//files.') : (options.filesOrigin ?? undefined),
    allowPrivateNetwork: options.allowPrivateNetwork ?? true,
    trustProxy: false,
    logLevel: 'silent',
    keepDeliveriesDays: 30,
    limits: {
      sessions: 100_000,
      customer: 100_000,
      handshakes: 100_000,
      socketsOfAddress: 100_000,
      sockets: 1_000,
      socketKilobytes: 1_024,
      token: 100_000,
      wrongTokens: 100_000,
      uploads: 100,
      uploadsOfAddress: 100,
      uploadMegabytes: 100_000,
      uploadMegabytesOfAddress: 100_000,
      ...options.limits,
    },
  };
  const running = await serve(config, clientDir, '0.0.0', {
    now: options.now ?? Date.now,
    patience: { tabs: 1_500, answers: 2_500 },
  }).catch((error) => {
    rmSync(clientDir, { recursive: true, force: true });
    throw error;
  });
  const { world } = running;
  const origin = `http://127.0.0.1:${running.port}`;
  const customers: TestCustomer[] = [];

  const server: TestServer = {
    world,
    origin,
    port: running.port,
    async call<T>(method: string, path: string, { token, body, headers = {} }: CallOptions = {}) {
      const response = await fetch(origin + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined || isRaw(body) ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' || isRaw(body) ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json');
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson && text ? JSON.parse(text) : undefined) as T,
      };
    },
    async token(wanted = scopes, actor = {}) {
      const kind = actor.bot ? 'bot' : actor.agent ? 'agent' : undefined;
      const made = await createToken(world, { name: 'Freddy', scopes: [...wanted], actor: kind });
      return { token: made.token, id: made.row.id, agentId: made.row.agent_id ?? '' };
    },
    async site(wanted = {}) {
      const all = {
        id: testSite.id,
        name: 'AG Bank',
        hosts: [testSite.host],
        web_view_origins: [testSite.cards],
        allow_host_origin: false,
        allow_host_mount: false,
        web_view_permissions: [],
        config: {},
        ...wanted,
      };
      const { site, newKey } = await addSite(world, all, true);
      return { site, key: newKey ?? (site.settings.identity_keys[0] as IdentityKey) };
    },
    session: (wanted = {}) => server.call('POST', '/widget/v1/session', { body: { site: testSite.id, ...wanted } }),
    async connect(token, cursors = {}) {
      const customer = await connectCustomer(origin, token, cursors);
      customers.push(customer);
      return customer;
    },
    async conversation(text = 'Hello') {
      const { body } = await server.session();
      const customer = await server.connect(body.token);
      const sent = await customer.send(text);
      return { customer, token: body.token, id: sent.conversation_id, userId: body.customer.id };
    },
    async webhook(url, events = webhookActions) {
      const { webhook, secret } = await addWebhook(world, options.allowPrivateNetwork ?? true, { url, events });
      const owner = await server.token(['account:read']);
      const { body } = await server.call<{ public_key: string }>('GET', '/v2/webhooks/public-key', owner);
      return { id: webhook.id, secret, publicKey: body.public_key };
    },
    async stop() {
      for (const customer of customers) customer.leave();
      await running.stop();
      rmSync(clientDir, { recursive: true, force: true });
    },
  };
  await server.site();
  return server;
}

const isRaw = (body: unknown): body is FormData | Uint8Array<ArrayBuffer> =>
  body instanceof FormData || body instanceof Uint8Array;

/** A form with one file, as programs upload to `/v2`. */
export function formWith(field: string, bytes: Uint8Array<ArrayBuffer>, name: string, type?: string): FormData {
  const form = new FormData();
  form.append(field, new Blob([bytes], type ? { type } : {}), name);
  return form;
}

/** A PNG of one pixel. */
export const tinyPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** What a build leaves, as small as it goes: the widget's document, the loader compressed beforehand, an asset. */
function stubClient(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guichet-client-'));
  mkdirSync(join(folder, 'widget/assets'), { recursive: true });
  writeFileSync(
    join(folder, 'widget/index.html'),
    '<!doctype html><title>Chat</title><script type="application/json" id="site">{}</script>',
  );
  const loader = `/* loader */ ${'x'.repeat(2_000)}`;
  writeFileSync(join(folder, 'guichet.js'), loader);
  writeFileSync(join(folder, 'guichet.js.br'), brotliCompressSync(loader));
  writeFileSync(join(folder, 'guichet.js.gz'), gzipSync(loader));
  writeFileSync(join(folder, 'widget/assets/main-abc123.js'), '/* widget */');
  writeFileSync(join(folder, 'widget/assets/main-abc123.js.map'), '{}');
  writeFileSync(join(folder, '.secret'), 'not to be served');
  return folder;
}

// ---- a customer ---------------------------------------------------------------------------------------------------

export type TestCustomer = {
  socket: Socket;
  /** Every event that the socket was told, in the order in which it came. */
  events: Event[];
  told: { [K in keyof ServerMessages]: ServerMessages[K][] };
  ask<K extends keyof ClientMessages>(name: K, message: ClientMessages[K]): Promise<Ack<ClientAnswers[K]>>;
  /** Says it and gives the acknowledgement's value; a refusal is an error. */
  send(text: string, more?: Partial<ClientMessages['send']>): Promise<ClientAnswers['send']>;
  /** Resolves once what came satisfies `isThere`. */
  until(isThere: (customer: TestCustomer) => boolean): Promise<void>;
  leave(): void;
};

async function connectCustomer(
  origin: string,
  token: string,
  cursors: Record<string, number>,
  extra: object = {},
): Promise<TestCustomer> {
  const socket = io(origin, {
    path: socketPath,
    transports: ['websocket'],
    auth: { token, cursors },
    reconnection: false,
    forceNew: true,
    ...extra,
  });
  const told: TestCustomer['told'] = { events: [], typing: [], web_view_taken: [], session_end: [] };
  const customer: TestCustomer = {
    socket,
    events: [],
    told,
    ask: (name, message) => socket.timeout(10_000).emitWithAck(name, message),
    async send(text, more = {}) {
      const answer = await customer.ask('send', { client_id: newClientId(), content: { text }, ...more });
      if (!answer.ok) throw new Error(`${answer.error.status}: ${answer.error.message}`);
      return answer.value;
    },
    until: (isThere) => eventually(() => isThere(customer)),
    leave: () => socket.disconnect(),
  };
  for (const name of Object.keys(told) as (keyof ServerMessages)[]) {
    socket.on(name, (data) => {
      (told[name] as unknown[]).push(data);
      if (name === 'events') customer.events.push(...(data as Event[]));
    });
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(error);
    });
  });
  return customer;
}

/**
 * Holds the database for a moment while `work` begins, so that all that it starts waits at the same place and goes on in
 * turns: how races are made to happen.
 */
export async function inTurns<T>(server: TestServer, work: () => Promise<T>): Promise<T> {
  let begun: Promise<T> | undefined;
  await server.world.store.transaction(async () => {
    setImmediate(() => {
      begun = work();
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
  });
  if (!begun) throw new Error('the work was not begun');
  return begun;
}

let clientIds = 0;
export const newClientId = () => `client-${process.pid}-${++clientIds}`;

/** Waits for what has to come, looking often; an error when it doesn't within 10 s. */
export async function eventually(isSo: () => boolean | Promise<boolean>, most = 10_000): Promise<void> {
  const end = Date.now() + most;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`did not come true within ${most} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Messages of a log, in its order. */
export const messagesOf = (events: Event[]): Message[] =>
  events.flatMap((event) => (event.type === 'message_create' ? [event.data.message] : []));

/** Throws unless the log counts from 1 without a gap or a double. */
export function assertGapless(events: Event[], until: number): void {
  const seqs = events.map(({ seq }) => seq);
  const wanted = Array.from({ length: until }, (_, at) => at + 1);
  if (JSON.stringify(seqs) !== JSON.stringify(wanted)) throw new Error(`expected 1…${until}, got ${seqs.join(' ')}`);
}

// ---- a business ---------------------------------------------------------------------------------------------------

export type Received = { headers: IncomingHttpHeaders; raw: Buffer; body: WebhookBody; at: number };
type Reply = number | { status: number; headers?: Record<string, string> } | 'break';

export type Receiver = {
  url: string;
  received: Received[];
  /** What it answers from now on; by default 200. */
  answerWith(reply: (request: Received) => Reply | Promise<Reply>): void;
  until(isThere: (received: Received[]) => boolean): Promise<void>;
  stop(): Promise<void>;
};

/** A webhook receiver on this machine that keeps what it got. */
export async function startReceiver(): Promise<Receiver> {
  let reply: (request: Received) => Reply | Promise<Reply> = () => 200;
  const received: Received[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const raw = Buffer.concat(chunks);
      const one = { headers: request.headers, raw, body: JSON.parse(raw.toString()) as WebhookBody, at: Date.now() };
      received.push(one);
      const answer = await reply(one);
      if (answer === 'break') request.socket.destroy();
      else if (typeof answer === 'number') response.writeHead(answer).end();
      else response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`,
    received,
    answerWith(next) {
      reply = next;
    },
    until: (isThere) => eventually(() => isThere(received)),
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

export const conversationPath = (id: string, rest = '') => `/v2/conversations/${id}${rest}`;

/** A bot's message of one text. */
export const says = (content: string) => ({ message_parts: [{ text: { content } }], actor_type: 'bot' });

/** Changes a message where it is stored, as an older or a broken server could have left it. */
export async function rewrite(server: TestServer, messageId: string, from: string, to: string): Promise<void> {
  const { db } = server.world.store;
  const { conversation_id, seq } = await db
    .selectFrom('messages')
    .select(['conversation_id', 'seq'])
    .where('id', '=', messageId)
    .executeTakeFirstOrThrow();
  const { data_json, id } = await db
    .selectFrom('events')
    .select(['data_json', 'id'])
    .where('conversation_id', '=', conversation_id)
    .where('seq', '=', seq)
    .executeTakeFirstOrThrow();
  if (!data_json.includes(from)) throw new Error(`the message does not hold ${from}`);
  await db
    .updateTable('events')
    .set({ data_json: data_json.replace(from, to) })
    .where('id', '=', id)
    .execute();
}

/** A JWT as a site's backend makes it, good unless told otherwise. */
export function vouch(key: IdentityKey, sub: string, claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({ aud: testSite.id, sub, exp: Math.floor(Date.now() / 1_000) + 600, ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: key.kid })
    .sign(new TextEncoder().encode(key.secret));
}

/** The whole log of a conversation, as its customer may see it. */
export async function customerLog(server: TestServer, token: string, conversationId: string): Promise<Event[]> {
  const { body } = await server.call<{ events: Event[] }>(
    'GET',
    `/widget/v1/events?conversation_id=${conversationId}&after=0&limit=500`,
    { token },
  );
  return body.events;
}

export async function readConversation(server: TestServer, id: string): Promise<Conversation> {
  const { token } = await server.token(['conversations:read']);
  return (await server.call<Conversation>('GET', conversationPath(id), { token })).body;
}
