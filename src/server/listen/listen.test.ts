import { verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../control/words';
import {
  conversationPath,
  eventually,
  type Received,
  type Receiver,
  says,
  startReceiver,
  startTestServer,
  type TestServer,
} from '../testServer';
import { listenFromCommandLine } from './command';

let dataDir: string;
let server: TestServer;
let bot: { token: string };
let receiver: Receiver;
let listeners: { end(): Promise<void> }[];
beforeEach(async () => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'guichet-listen-')), 'data');
  server = await startTestServer({ dataDir });
  bot = await server.token(undefined, { bot: true });
  receiver = await startReceiver();
  listeners = [];
});
afterEach(async () => {
  for (const listener of listeners) await listener.end();
  await server.stop();
  await receiver.stop();
  rmSync(join(dataDir, '..'), { recursive: true });
});

/** `guichet listen`, once it listens. */
async function listenWith(...flags: string[]) {
  const printed: string[] = [];
  const notes: string[] = [];
  const ending = new AbortController();
  const words = ['--server', server.origin, '--token', bot.token, ...flags];
  const running = listenFromCommandLine(
    words,
    { print: (text) => printed.push(text), note: (text) => notes.push(text), signal: ending.signal },
    {},
  );
  const listener = {
    printed,
    notes,
    async end() {
      ending.abort();
      await running;
    },
  };
  listeners.push(listener);
  await Promise.race([running, eventually(() => notes.some((note) => note.startsWith('Listening')))]);
  return listener;
}
const post = (id: string, text: string) =>
  server.call('POST', conversationPath(id, '/messages'), { token: bot.token, body: says(text) });
const texts = (received: Received[]) =>
  received.map(({ body }) => (body.data.message?.message_parts[0] as { text?: { content: string } })?.text?.content);
const secretOf = (notes: string[]) => /whsec_\S+/.exec(notes.join('\n'))?.[0] ?? '';

describe('guichet listen', () => {
  test('prints one line for each thing that webhooks tell, from now on', async () => {
    const { id } = await server.conversation('before');
    const { printed } = await listenWith();

    await post(id, 'one\u001b[31m\nline');
    await server.call('PUT', conversationPath(id), { token: bot.token, body: { status: 'resolved' } });
    await eventually(() => printed.length === 2);

    expect(printed[0]).toMatch(/^\d\d:\d\d:\d\d message_create \S+ #3 bot: one \[31m line$/);
    expect(printed[1]).toMatch(/conversation_resolution \S+ #\d+ bot$/);
    expect(JSON.stringify(await server.world.store.db.selectFrom('webhooks').selectAll().execute())).toBe('[]');
  });

  test('forwards what a webhook would have been sent: same body, both signatures', async () => {
    const other = await startReceiver();
    const { publicKey } = await server.webhook(other.url, ['message_create']);
    const { notes, printed } = await listenWith('--forward', receiver.url, '--event', 'message_create');
    const { id } = await server.conversation('Grüße, 你好 👋');
    await post(id, 'two');
    await receiver.until((received) => received.length === 2);
    await other.until((received) => received.length === 2);

    const secret = secretOf(notes);
    expect(secret).toMatch(/^whsec_/);
    for (const [at, { raw, headers, body }] of receiver.received.entries()) {
      expect(raw.toString()).toBe(other.received[at]?.raw.toString());
      expect(new Webhook(secret).verify(raw, headers as Record<string, string>)).toEqual(body);
      const rsa = Buffer.from(String(headers['x-freshchat-signature']), 'base64');
      expect(verify('RSA-SHA256', raw, publicKey, rsa)).toBe(true);
      const names = (of: object) =>
        Object.keys(of)
          .filter((name) => name !== 'transfer-encoding')
          .sort();
      expect(names(headers)).toEqual(names(other.received[at]?.headers ?? {}));
    }
    await eventually(() => printed.length === 2);
    expect(printed[1]).toMatch(/bot: two → 200 in \d+ ms$/);
    await other.stop();
  });

  test('keeps each conversation in order while the bot fails, and others go on', async () => {
    const { printed } = await listenWith('--forward', receiver.url, '--event', 'message_create');
    const held = await server.conversation('0');
    await receiver.until((received) => received.length === 1);
    receiver.answerWith(({ body }) => (body.conversation_id === held.id ? 503 : 200));
    await post(held.id, '1');
    await post(held.id, '2');
    const free = await server.conversation('free');
    await receiver.until((received) => received.some(({ body }) => body.conversation_id === free.id));
    receiver.answerWith(() => 200);
    await receiver.until((received) => texts(received).includes('2'));

    const ofHeld = receiver.received.filter(({ body }) => body.conversation_id === held.id);
    expect(texts(ofHeld)).toEqual(['0', '1', '1', '2']);
    expect(ofHeld[2]?.headers['webhook-id']).toBe(ofHeld[1]?.headers['webhook-id']);
    expect(ofHeld.map(({ headers }) => headers['x-retry-count'])).toEqual(['0', '0', '1', '0']);
    expect(printed.join('\n')).toMatch(/→ 503 in \d+ ms, again in 2 s/);
  });

  test('does not try again what the bot refuses, and goes on', async () => {
    receiver.answerWith((request) => (texts([request])[0] === '0' ? 404 : 200));
    await listenWith('--forward', receiver.url, '--event', 'message_create');
    const { id } = await server.conversation('0');
    await post(id, '1');

    await receiver.until((received) => received.length === 2);

    expect(texts(receiver.received)).toEqual(['0', '1']);
  });

  test('outlives a restart of the server and misses nothing that happened meanwhile', async () => {
    const { notes } = await listenWith('--forward', receiver.url, '--event', 'message_create');
    const { id } = await server.conversation('0');
    await receiver.until((received) => received.length === 1);
    const { port } = server;
    await server.stop();
    await eventually(() => notes.some((note) => note.includes('trying again')));
    server = await startTestServer({ dataDir, port });
    await post(id, '1');

    await receiver.until((received) => received.length === 2);

    expect(texts(receiver.received)).toEqual(['0', '1']);
    expect(notes).toContain('Connected again.');
  });

  test('says where it stopped, and goes on there with --from', async () => {
    const first = await listenWith('--event', 'message_create');
    const { id } = await server.conversation('seen');
    await eventually(() => first.printed.length === 1);
    await first.end();
    const cursor = /--from (\S+)/.exec(first.notes.at(-1) ?? '')?.[1] as string;
    await post(id, 'missed');

    const second = await listenWith('--from', cursor, '--event', 'message_create', '--json');
    await eventually(() => second.printed.length === 1);

    expect(JSON.parse(second.printed[0] as string)).toMatchObject({
      headers: { 'x-freshchat-payload-version': '2' },
      body: { action: 'message_create', data: { message: { message_parts: [{ text: { content: 'missed' } }] } } },
    });
  });

  test('does not count as taken what the bot has not taken', async () => {
    receiver.answerWith((request) => (texts([request])[0] === 'no' ? 500 : 200));
    const first = await listenWith('--forward', receiver.url, '--event', 'message_create');
    const one = await server.conversation('yes');
    await receiver.until((received) => received.length === 1);
    await post(one.id, 'no');
    await receiver.until((received) => received.length === 2);
    await first.end();
    const cursor = /--from (\S+)/.exec(first.notes.at(-1) ?? '')?.[1] as string;
    receiver.received.length = 0;
    receiver.answerWith(() => 200);

    await listenWith('--forward', receiver.url, '--event', 'message_create', '--from', cursor);
    await receiver.until((received) => received.length === 1);

    expect(texts(receiver.received)).toEqual(['no']);
  });

  test('keeps the secret that it is given', async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await listenWith('--forward', receiver.url, '--secret', secret);
    await server.conversation('x');
    await receiver.until((received) => received.length === 1);

    const [{ raw, headers }] = receiver.received as [Received];
    expect(new Webhook(secret).verify(raw, headers as Record<string, string>)).toBeTruthy();
  });
});

describe('guichet listen is refused', () => {
  const run = (...words: string[]) =>
    listenFromCommandLine(words, { print: () => {}, note: () => {}, signal: new AbortController().signal }, {});

  test.each<[string[], RegExp]>([
    [[], /--server is missing/],
    [['--server', 'chat.example', '--token', 'x'], /--server chat\.example/],
    [['--server', 'http://x'], /--token is missing/],
    [['--server', 'http://x', '--token', 'x', '--forward', '3000'], /--forward 3000/],
    [['--server', 'http://x', '--token', 'x', '--secret', 'short'], /--secret/],
    [['--server', 'http://x', '--nonsense'], /--nonsense/],
  ])('%j with what is wrong about it', async (words, message) => {
    await expect(run(...words)).rejects.toThrow(message);
    await expect(run(...words)).rejects.toThrow(UsageError);
  });

  test('by the server: an unknown token, a scope that is missing, a cursor of nothing, an event that there is not', async () => {
    const weak = await server.token(['webhooks:manage']);
    const at = ['--server', server.origin];

    await expect(run(...at, '--token', 'gct_x')).rejects.toThrow(/401.*UNAUTHENTICATED/);
    await expect(run(...at, '--token', weak.token)).rejects.toThrow(/events:read/);
    await expect(run(...at, '--token', bot.token, '--from', 'nowhere')).rejects.toThrow(/400.*after/);
    await expect(run(...at, '--token', bot.token, '--event', 'all')).rejects.toThrow(/400.*events/);
  });
});
