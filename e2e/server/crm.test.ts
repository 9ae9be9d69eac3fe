/** The customer register as it is run: a process of its own beside the built server, and killed in the middle of its work. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { repository } from '../support/program';
import { type BuiltServer, startServer } from '../support/server';

let server: BuiltServer;
let token: string;
let folder: string;
let folders = 0;
const desk = { token: '' };

beforeAll(async () => {
  // More than what a minute allows has to be asked for: the program must bear being told to wait.
  server = await startServer({ GUICHET_LIMIT_TOKEN: '2000' });
  await server.addSite();
  const scopes = ['users:read', 'users:write', 'events:read'];
  token = (await server.createToken({ name: 'CRM', scopes })).token;
  const writing = ['conversations:write', 'messages:write', 'users:write', 'users:read'];
  desk.token = (await server.createToken({ name: 'Desk', bot: true, scopes: writing })).token;
  folder = await mkdtemp(join(tmpdir(), 'guichet-crm-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
let state: string;
beforeEach(() => {
  state = join(folder, `state-${++folders}`);
});

/** Starts `crm …`; `ended` gives its exit code or the signal that ended it. */
function crm(...args: string[]) {
  const child = spawn(process.execPath, [join(repository, 'dist/demo/crm.js'), ...args, '--state', state], {
    env: { PATH: process.env.PATH, GUICHET_URL: `${server.origin}/v2/`, GUICHET_TOKEN: token },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'lost'));
  });
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended, said: () => said };
}
async function toEnd(...args: string[]) {
  const run = crm(...args);
  return { code: await run.ended, said: run.said() };
}

async function api<T>(path: string, body?: object): Promise<T> {
  const answer = await server.fetch(`/v2${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${desk.token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
const message = (content: string) => ({ message_parts: [{ text: { content } }], actor_type: 'bot' });

it('pushes the sample customers, and a second time changes nothing', async () => {
  const sample = join(repository, 'demo/crm/customers.csv');

  expect(await toEnd('push', sample)).toEqual({
    code: 0,
    said: '5 created, 0 updated, 0 unchanged, 0 skipped\n',
  });
  expect(await toEnd('push', sample)).toMatchObject({ said: '0 created, 0 updated, 5 unchanged, 0 skipped\n' });
  const { users } = await api<{ users: object[] }>('/users?reference_id=ag-10042');
  expect(users).toMatchObject([
    {
      first_name: 'Yusuf',
      last_name: 'O’Brien',
      properties: [
        { name: 'Branch', value: 'Harbour' },
        { name: 'Note', value: 'Two lines:\nhouse on Quay Street, loan from May' },
      ],
    },
  ]);
});

it('names what can’t be used by line, and what the server refuses', async () => {
  const file = join(folder, 'bad.csv');
  await writeFile(file, `reference_id,first_name\nok-1,Ana\nok-2\nok-3,${'A'.repeat(101)}\nok-4,Mei\n`);
  const { code, said } = await toEnd('push', file);

  expect(code).toBe(1);
  expect(said).toMatch(/line 3: skipped: expected 2 fields, got 1\n/);
  expect(said).toMatch(/line 4: skipped: .*first_name/);
  expect(said).toMatch(/2 created, 0 updated, 0 unchanged, 2 skipped\n/);
});

it('is killed while it pushes, goes on, and makes nobody twice', async () => {
  const file = join(folder, 'many.csv');
  const rows = Array.from({ length: 300 }, (_, index) => `many-${index},Person ${index}`);
  await writeFile(file, `reference_id,first_name\n${rows.join('\n')}\n`);
  for (let kill = 0; kill < 3; kill++) {
    const run = crm('push', file);
    await expect.poll(() => place(), { timeout: 20_000, interval: 5 }).toBeGreaterThan(kill * 50);
    run.kill('SIGKILL');
    expect(await run.ended).toBe('SIGKILL');
  }
  const { code, said } = await toEnd('push', file);

  expect(code).toBe(0);
  expect(said).toMatch(/^Going on after \d+ rows\.\n/);
  for (const index of [0, 25, 51, 101, 150, 299]) {
    expect((await api<{ users: object[] }>(`/users?reference_id=many-${index}`)).users).toHaveLength(1);
  }
  const all = await api<{ pagination: { total_items: number } }>('/users?items_per_page=1');
  expect(all.pagination.total_items).toBe(5 + 2 + 300);

  async function place(): Promise<number> {
    const text = await readFile(join(state, 'push.json'), 'utf8').catch(() => '{"rows":0}');
    return (JSON.parse(text) as { rows: number }).rows;
  }
});

it('is killed while it pulls, again and again, and has every message once, in its order', async () => {
  const user = await api<{ id: string }>('/users', { first_name: 'Ana' });
  const { conversation_id: id } = await api<{ conversation_id: string }>('/conversations', {
    users: [{ id: user.id }],
    messages: [message('word 0')],
  });
  const out = join(state, 'messages.jsonl');
  const lines = async () =>
    (await readFile(out, 'utf8').catch(() => ''))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { conversation_id: string; text: string });
  let written = 0;
  let isWriting = true;
  const writing = (async () => {
    while (isWriting) await api(`/conversations/${id}/messages`, message(`word ${++written}`));
  })();
  for (let kill = 0; kill < 6; kill++) {
    const run = crm('pull', '--follow');
    const before = (await lines()).length;
    await expect.poll(async () => (await lines()).length, { timeout: 20_000, interval: 3 }).toBeGreaterThan(before);
    await pause(kill * 7);
    run.kill('SIGKILL');
    expect(await run.ended).toBe('SIGKILL');
  }
  isWriting = false;
  await writing;

  const { code } = await toEnd('pull');
  const mine = (await lines()).filter((line) => line.conversation_id === id);
  expect(code).toBe(0);
  expect(mine.map(({ text }) => text)).toEqual(Array.from({ length: written + 1 }, (_, index) => `word ${index}`));
  expect(await toEnd('pull')).toEqual({ code: 0, said: `0 messages appended to ${out}\n` });
});

it('waits as long as it is told to when it asks too much', async () => {
  const slow = await startServer({ GUICHET_LIMIT_TOKEN: '12' });
  try {
    await slow.addSite();
    const { token: own } = await slow.createToken({ name: 'CRM', scopes: ['users:read', 'users:write'] });
    const file = join(folder, 'few.csv');
    await writeFile(file, `reference_id\n${Array.from({ length: 7 }, (_, index) => `few-${index}`).join('\n')}\n`);
    const answers: number[] = [];
    const between = createServer(async (request, response) => {
      const body = request.method === 'GET' ? {} : { body: Buffer.concat(await request.toArray()) };
      const { authorization = '' } = request.headers;
      const headers = { authorization, 'content-type': 'application/json' };
      const answer = await slow.fetch(request.url ?? '/', { method: request.method ?? 'GET', headers, ...body });
      answers.push(answer.status);
      response.writeHead(answer.status, { 'retry-after': answer.headers.get('retry-after') ?? '' });
      response.end(await answer.text());
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const { port } = between.address() as AddressInfo;
    const child = spawn(process.execPath, [join(repository, 'dist/demo/crm.js'), 'push', file, '--state', state], {
      env: { PATH: process.env.PATH, GUICHET_URL: `http://127.0.0.1:${port}`, GUICHET_TOKEN: own },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await expect.poll(() => answers, { timeout: 20_000 }).toContain(429);
    await pause(3_000);

    // Six rows used the minute up: it neither gives up nor hammers, and can be stopped while it waits.
    expect(answers).toEqual([...Array(12).fill(200), 429]);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    between.close();
  } finally {
    await slow.stop();
  }
});

it('says what is missing', async () => {
  expect(await toEnd('push')).toMatchObject({ code: 2, said: expect.stringContaining('npm run crm -- push FILE.csv') });
  expect(await toEnd('push', join(folder, 'nowhere.csv'))).toMatchObject({
    code: 2,
    said: expect.stringContaining('ENOENT'),
  });
  const { token: poor } = await server.createToken({ name: 'Poor', scopes: ['channels:read'] });
  const good = token;
  token = poor;
  const refused = await toEnd('pull');
  token = good;
  expect(refused).toMatchObject({ code: 2, said: expect.stringContaining('events:read') });
});
