/** `guichet listen` as a developer has it: a process beside a bot on the own machine, the server somewhere else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository } from '../support/program';
import { type BuiltServer, botScopes, startServer } from '../support/server';

let server: BuiltServer;
const received: { headers: Record<string, string>; body: string }[] = [];
let fail = false;
const bot = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    received.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() });
    response.writeHead(fail ? 500 : 200).end();
  });
});
beforeAll(async () => {
  server = await startServer();
  await server.addSite();
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  bot.close();
  await server.stop();
});

async function until(isThere: () => boolean): Promise<void> {
  for (let tries = 0; !isThere(); tries += 1) {
    if (tries > 600) throw new Error('it did not come');
    await pause(50);
  }
}

test('hands the webhooks of a server that is killed meanwhile to a bot, and says on Ctrl+C where it stopped', async () => {
  const scopes = [...botScopes, 'users:write', 'webhooks:manage', 'events:read', 'messages:write_as_user'];
  const { token } = await server.createToken({ bot: true, scopes });
  const forward = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/hook`;
  const program = join(repository, 'dist/server/guichet.js');
  const child = spawn(
    process.execPath,
    [program, 'listen', '--server', server.origin, '--forward', forward, '--event', 'message_create'],
    { env: { PATH: process.env.PATH, GUICHET_TOKEN: token } },
  );
  let out = '';
  let notes = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    notes += chunk;
  });
  const ended = once(child, 'exit');
  const call = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await server.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await answer.json()) as { id: string; conversation_id: string };
  };
  await until(() => notes.includes('whsec_'));

  const user = await call('/v2/users', { first_name: 'Ana' });
  const says = (text: string) => ({ actor_type: 'bot', message_parts: [{ text: { content: text } }] });
  const { conversation_id: id } = await call('/v2/conversations', {
    users: [{ id: user.id }],
    messages: [says('one')],
  });
  await until(() => received.length === 1);
  await server.kill('SIGKILL');
  fail = true;
  await server.start();
  await call(`/v2/conversations/${id}/messages`, says('two'));
  await until(() => received.length === 2);
  fail = false;
  await until(() => received.length === 3);
  child.kill('SIGINT');
  const [code] = await ended;

  expect(code).toBe(0);
  const texts = received.map(({ body }) => JSON.parse(body).data.message.message_parts[0].text.content);
  expect(texts).toEqual(['one', 'two', 'two']);
  const secret = /whsec_\S+/.exec(notes)?.[0] as string;
  for (const { body, headers } of received) expect(new Webhook(secret).verify(body, headers)).toBeTruthy();
  expect(out).toMatch(/message_create .* bot: one → 200 in \d+ ms\n/);
  expect(out).toMatch(/bot: two → 500 in \d+ ms, again in 2 s\n/);
  expect(notes).toMatch(/trying again.*\nConnected again\.\n.*--from \S+\n$/s);
});
