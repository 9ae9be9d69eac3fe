/**
 * The server is killed with SIGKILL while files come in. What was acknowledged is served, byte for byte; what has a row is whole
 * on disk; what was coming in leaves nothing.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FileUpload } from '../../src/protocol/rest/files';
import { fetchLoopback } from '../support/loopback';
import { type BuiltServer, startServer } from '../support/server';

const kills = Number(process.env.GUICHET_KILLS ?? 3);

let server: BuiltServer;
let token: string;
beforeAll(async () => {
  server = await startServer({ GUICHET_LIMIT_TOKEN: '1000000', GUICHET_LIMIT_UPLOAD_MEGABYTES_ADDRESS: '100000' });
  await server.addSite();
  ({ token } = await server.createToken({ scopes: ['files:write'] }));
});
afterAll(() => server.stop());

type Kept = { file: FileUpload; sha256: string };

/** One attempt; nothing when the server went away under it. */
async function attempt(bytes: Buffer<ArrayBuffer>): Promise<FileUpload | undefined> {
  const body = new FormData();
  body.append('file', new Blob([bytes]), 'a.pdf');
  const headers = { authorization: `Bearer ${token}` };
  const url = `http://127.0.0.1:${server.port}/v2/files/upload`;
  const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
  if (!answer || answer.status === 503) return undefined;
  const text = await answer.text().catch(() => undefined);
  if (text === undefined) return undefined;
  if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text) as FileUpload;
}

test(`no kill of ${kills} leaves a file that is not whole`, { timeout: 60_000 + kills * 10_000 }, async () => {
  const kept: Kept[] = [];
  let goOn = true;
  const uploader = async () => {
    while (goOn) {
      const bytes = Buffer.concat([
        Buffer.from('%PDF-1.7\n'),
        randomBytes(200_000 + Math.floor(Math.random() * 800_000)),
      ]);
      const file = await attempt(bytes);
      if (file) kept.push({ file, sha256: createHash('sha256').update(bytes).digest('hex') });
      else await pause(20);
    }
  };
  const uploaders = [uploader(), uploader(), uploader()];
  for (let at = 0; at < kills; at += 1) {
    const before = kept.length;
    while (kept.length < before + 3) await pause(5);
    await pause(Math.random() * 200);
    await server.kill('SIGKILL');
    await server.start();
  }
  goOn = false;
  await Promise.all(uploaders);

  expect(kept.length).toBeGreaterThan(kills * 3);
  for (const { file, sha256 } of kept) {
    const answer = await fetchLoopback(file.url);
    expect(answer.status).toBe(200);
    expect(
      createHash('sha256')
        .update(Buffer.from(await answer.arrayBuffer()))
        .digest('hex'),
    ).toBe(sha256);
  }
  await server.kill('SIGTERM');
  expect(readdirSync(join(server.data, 'files/incoming'))).toEqual([]);
  const database = new Database(join(server.data, 'guichet.db'));
  const rows = database.prepare('SELECT id, size, sha256 FROM files').all() as {
    id: string;
    size: number;
    sha256: string;
  }[];
  database.close();
  expect(rows.length).toBeGreaterThanOrEqual(kept.length);
  for (const { id, sha256 } of rows) {
    const bytes = readFileSync(join(server.data, 'files', id.slice(-2), id));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  }
  await server.start();
});
