/**
 * An acknowledgement comes after the commit is on disk. Two looks at it from outside: what was acknowledged stands in the database's files
 * at that moment; and where there is `strace`, the server's system calls tell that the file was synced between a
 * message's arrival and its acknowledgement.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltServer, startServer } from '../support/server';

let server: BuiltServer;
let token: string;
beforeAll(async () => {
  server = await startServer();
  await server.addSite();
  const answer = await server.fetch('/widget/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ site: 'ag-bank' }),
  });
  ({ token } = (await answer.json()) as { token: string });
}, 60_000);
afterAll(() => server.stop());

/** Sends a message and gives its client id, once it is acknowledged. */
async function send(): Promise<string> {
  const client_id = randomUUID();
  const answer = await server.fetch('/widget/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ client_id, content: { text: 'Is it safe?' } }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
  return client_id;
}
const onDisk = () =>
  Buffer.concat(['guichet.db', 'guichet.db-wal'].map((name) => readFileSync(join(server.data, name))));

test('what is acknowledged is on disk: it stands in the files, and they were synced between the message and its answer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guichet-trace-'));
  const output = join(folder, 'calls');
  const wanted = 'trace=read,recvfrom,write,writev,sendto,fsync,fdatasync';
  const trace = spawn('strace', ['-f', '-s', '1000', '-e', wanted, '-o', output, '-p', String(server.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const isTraced = await attached(trace);
    const sent: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      const id = await send();
      expect(onDisk().includes(id)).toBe(true);
      sent.push(id);
    }
    expect(onDisk().includes(randomUUID())).toBe(false);
    if (!isTraced) return;

    trace.kill('SIGINT');
    await once(trace, 'exit');
    const calls = readFileSync(output, 'utf8').split('\n');
    for (const id of sent) {
      const came = calls.findIndex((call) => /\b(read|recvfrom)\(/.test(call) && call.includes(id));
      const answered = calls.findIndex(
        (call, at) => at > came && /\b(write|writev|sendto)\(.*HTTP\/1\.1 200/.test(call),
      );
      expect(came).toBeGreaterThan(-1);
      expect(answered).toBeGreaterThan(came);
      expect(calls.slice(came, answered).filter((call) => /\bf(data)?sync\(/.test(call)).length).toBeGreaterThan(0);
    }
  } finally {
    trace.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

/** Whether it came to looking; it says so on stderr. */
const attached = (trace: ChildProcess) =>
  new Promise<boolean>((resolve) => {
    trace.once('error', () => resolve(false));
    trace.once('exit', () => resolve(false));
    trace.stderr?.on('data', (text) => /attached/.test(String(text)) && resolve(true));
  });
