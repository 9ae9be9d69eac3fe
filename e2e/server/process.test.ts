/** The built server as its operator has it: started, stopped, started twice, set up by its command line, read in its logs. */
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SessionAnswer, socketPath } from '../../src/protocol/live';
import { fetchLoopback } from '../support/loopback';
import { repository } from '../support/program';
import { type BuiltServer, botScopes, startServer } from '../support/server';

type Ended = { code: number; stdout: string; stderr: string; milliseconds: number };

/** Runs `guichet …` to its end. */
function guichet(words: string[], settings: Record<string, string> = {}): Promise<Ended> {
  const started = performance.now();
  return new Promise((resolve) => {
    const program = join(repository, 'dist/server/guichet.js');
    const env = { PATH: process.env.PATH, ...settings };
    execFile(process.execPath, [program, ...words], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      const code = error ? Number(error.code ?? -1) : 0;
      resolve({ code, stdout, stderr, milliseconds: performance.now() - started });
    });
  });
}

describe('a server', () => {
  let server: BuiltServer;
  beforeAll(async () => {
    server = await startServer();
    await server.addSite();
  });
  afterAll(() => server.stop());

  test('says that it serves, in one JSON line, and at /health', async () => {
    const lines = (await server.log()).trim().split('\n');

    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ msg: 'serving', origin: server.origin }]);
    expect(await (await server.fetch('/health')).json()).toEqual({ status: 'ok' });
  });

  test('keeps its data from others on the machine', async () => {
    expect((await stat(join(server.data, 'control.sock'))).mode & 0o777).toBe(0o600);
  });

  test('lets no second one at its data, and says so within two seconds', async () => {
    const start = await guichet(['serve', 'nonsense']); // What a start costs on this machine now.
    const second = await guichet(['serve'], { GUICHET_DATA: server.data, GUICHET_PORT: '0' });

    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/Another process owns the data in .+ GUICHET_DATA/);
    expect(second.stderr.trim().split('\n')).toHaveLength(1); // No stack.
    expect(second.milliseconds).toBeLessThan(2_000 + 1.5 * start.milliseconds);
    expect((await server.fetch('/health')).status).toBe(200);
    expect((await server.command<{ tokens: [] }>('token', 'list')).tokens).toBeDefined();
  });

  test('serves the widget that was built for it, compressed', async () => {
    const document = await server.fetch('/widget/?site=ag-bank', { headers: { 'accept-encoding': 'br' } });
    const html = await document.text();

    expect(document.headers.get('content-encoding')).toBe('br');
    expect(html).toContain('"id":"ag-bank"');
    for (const path of ['/guichet.js', '/webview.js', '/webview.mjs', ...assetsIn(html)]) {
      const file = await server.fetch(path, { headers: { 'accept-encoding': 'br' } });
      expect(file.status, path).toBe(200);
      expect(file.headers.get('content-encoding'), path).toBe('br');
      await file.body?.cancel();
    }
  });

  test('stops on SIGTERM at once, with exit code 0, and starts again at the same place', async () => {
    const { token } = await server.createToken({ bot: true });
    const started = performance.now();

    await server.kill('SIGTERM');

    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await server.log()).toContain('"msg":"stopping"');
    expect((await readdir(server.data)).sort()).toEqual(['files', 'guichet.db']);
    const list = await server.command<{ tokens: object[] }>('token', 'list'); // Nobody runs: the database is opened.
    expect(list.tokens).toHaveLength(1);
    await server.start();
    const answer = await server.fetch('/v2/channels', { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
  });
});

const assetsIn = (html: string) =>
  [...html.matchAll(/(?:src|href)="(?:\.\/)?(assets\/[^"]+)"/g)].map(([, path]) => `/widget/${path}`);

describe('the command line', () => {
  test('tells what it can do', async () => {
    for (const words of [[], ['token', '--help']]) {
      const { code, stdout } = await guichet(words);
      expect({ words, code }).toEqual({ words, code: 0 });
      expect(stdout).toContain('guichet serve');
    }
  });

  test.each<[string[], Record<string, string>, RegExp]>([
    [['nonsense'], {}, /There is no command "nonsense"/],
    [['serve', '--port', '80'], {}, /"serve" does not take/],
    [['serve'], { GUICHET_PORT: 'http' }, /GUICHET_PORT: expected a port number, got "http"/],
    [['serve'], { GUICHET_ORIGIN: 'chat.example' }, /GUICHET_ORIGIN: expected an origin/],
    [['token', 'create'], {}, /--name is missing/],
  ])('%j with %j fails with what is wrong, and no stack', async (words, settings, message) => {
    const { code, stderr, stdout } = await guichet(words, settings);

    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
  });
});

describe('at log level debug, through a whole conversation', () => {
  let server: BuiltServer;
  /** Everything that may stand in no log, by what it is. */
  const secrets: Record<string, string> = {};
  let log: string;

  beforeAll(async () => {
    server = await startServer({ GUICHET_LOG_LEVEL: 'debug' });
    const cards = 'https://cards.bank.example';
    const site = await server.addSite({ webViewOrigins: [cards] });
    const identity = site.identity_key as { kid: string; secret: string };
    const bot = await server.createToken({
      bot: true,
      scopes: [...botScopes, 'users:write', 'tokens:manage', 'webhooks:manage'],
    });
    const receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(500).end(); // A failure is logged.
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const hook = await server.addWebhook(
      `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?key=hook-url-secret`,
    );
    const call = async <T>(
      path: string,
      method = 'GET',
      body?: unknown,
      bearer = bot.token,
      headers = {},
    ): Promise<T> => {
      const answer = await server.fetch(path, {
        method,
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return (await answer.json().catch(() => undefined)) as T;
    };

    const jwt = makeJwt(identity, { sub: 'sub-of-ada', email: 'ada-secret@bank.example' });
    const session = await call<SessionAnswer>('/widget/v1/session', 'POST', { site: 'ag-bank', identity: jwt });
    const badJwt = makeJwt({ ...identity, secret: 'wrong' }, { sub: 'sub-of-eve' });
    await call('/widget/v1/session', 'POST', { site: 'ag-bank', identity: badJwt });
    const socket = io(`http://127.0.0.1:${server.port}`, {
      path: socketPath,
      transports: ['websocket'],
      auth: { token: session.token, cursors: {} },
    });
    type Ack<T> = { ok: boolean; value: T };
    const ask = <T>(name: string, message: object): Promise<Ack<T>> => socket.timeout(5_000).emitWithAck(name, message);
    const sent = await ask<{ conversation_id: string }>('send', {
      client_id: 'client-id-1',
      content: { text: 'words-of-ada' },
    });
    const id = sent.value.conversation_id;
    const message = await call<{ id: string }>(`/v2/conversations/${id}/messages`, 'POST', {
      actor_type: 'bot',
      message_parts: [
        { text: { content: 'words-of-freddy' } },
        { url_button: { label: 'words-of-button', url: `${cards}/confirm?case=url-secret`, target: '_self' } },
      ],
    });
    const owner = 'owner-of-tab';
    const view = await ask<{ web_view_id: string }>('web_view_open', {
      conversation_id: id,
      message_id: message.id,
      button: 0,
      owner,
    });
    const mine = { web_view_id: view.value.web_view_id, owner };
    const code = await ask<{ code: string }>('web_view_code', mine);
    await call('/v2/web-views/exchange', 'POST', { code: code.value.code });
    await call('/v2/web-views/exchange', 'POST', { code: code.value.code });
    await ask('web_view_save', { ...mine, state: { field: 'state-of-page' } });
    await ask('web_view_submit', { ...mine, idempotency_key: 'idempotency-1', result: { card: '4111111111111111' } });
    await ask('web_view_submit', {
      ...mine,
      idempotency_key: 'idempotency-1',
      result: { a: 'result-of-page' },
      summary: 'summary-of-page',
    });
    await ask('nonsense', { a: 'words-of-nonsense' });
    const made = await call<{ token: string }>(
      '/v2/tokens',
      'POST',
      { name: 'Second', scopes: ['users:read'] },
      bot.token,
      {
        'idempotency-key': 'key-1-of-test',
      },
    );
    await call('/v2/users?email=searched-secret@bank.example');
    await call('/v2/users', 'POST', '{"first_name": broken-json-secret}');
    await call('/v2/users', 'POST', { first_name: 5, email: 'refused-secret@bank.example' });
    await call('/v2/users', 'GET', undefined, 'gct_badTokenSecret');
    await call(`/v2/conversations/${id}`, 'PUT', { properties: { note: 'property-secret' } });
    const named = { 'content-type': 'text/plain', 'x-file-name': 'name-of-file.txt' };
    const file = await call<{ url: string }>('/widget/v1/files', 'POST', 'words-in-file', session.token, named);
    const address = new URL(file.url);
    for (const host of [address.host, 'chat.localhost']) await fetchLoopback(file.url, { headers: { host } });
    await call('/widget/v1/logout', 'POST', undefined, session.token);
    socket.disconnect();
    while (!(await server.log()).includes('webhook not delivered')) await pause(20);
    await server.kill('SIGTERM');
    receiver.close();
    log = await server.log();

    Object.assign(secrets, {
      'API token': bot.token,
      'second API token': made.token,
      'session token': session.token,
      'identity secret': identity.secret,
      'identity JWT': jwt,
      'refused JWT': badJwt,
      'webhook secret': hook.secret,
      'webhook secret without its prefix': hook.secret.slice(6),
      'one-time code': code.value.code,
      "file's address": address.pathname.split('/')[2] ?? '',
      "file's name": 'name-of-file',
      "file's words": 'words-in-file',
      'e-mail': 'ada-secret@bank.example',
      sub: 'sub-of-ada',
      "customer's words": 'words-of-ada',
      "bot's words": 'words-of-freddy',
      label: 'words-of-button',
      URL: 'url-secret',
      'webhook URL': 'hook-url-secret',
      state: 'state-of-page',
      result: 'result-of-page',
      summary: 'summary-of-page',
      'card number': '4111111111111111',
      'unknown message': 'words-of-nonsense',
      search: 'searched-secret',
      'broken body': 'broken-json-secret',
      'refused body': 'refused-secret',
      'bad token': 'badTokenSecret',
      property: 'property-secret',
      'private key': 'PRIVATE KEY',
    });
  });
  afterAll(() => server.stop());

  test('the log tells what was done', () => {
    expect(log).toContain('"path":"/v2/web-views/exchange"');
    expect(log).toContain('"path":"/v2/users"');
    expect(log).toContain('webhook not delivered');
    expect(log.trim().split('\n').length).toBeGreaterThan(12);
    for (const line of log.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
  });

  test('and holds no secret and no word of the conversation', () => {
    const found = Object.entries(secrets).filter(([, secret]) => log.includes(secret));

    expect(found.map(([name]) => name)).toEqual([]);
    for (const [name, secret] of Object.entries(secrets)) expect(secret, name).toMatch(/.{8}/);
  });

  test('nor does the database hold what only its owner may have, or what was refused', async () => {
    const entries = await readdir(server.data, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const bytes = Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
    const unkept = [
      'API token',
      'second API token',
      'session token',
      'identity JWT',
      'one-time code',
      'card number',
      'state',
    ];

    expect(bytes.includes('words-of-ada')).toBe(true); // The search finds what is there.
    expect(bytes.includes('result-of-page')).toBe(true);
    expect(unkept.filter((name) => bytes.includes(secrets[name] ?? ''))).toEqual([]);
  });
});

function makeJwt({ kid, secret }: { kid: string; secret: string }, claims: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const text = `${encode({ alg: 'HS256', kid })}.${encode({ aud: 'ag-bank', exp, ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
