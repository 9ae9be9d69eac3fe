import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import type { FileAnswer } from '../../protocol/live';
import type { FileUpload } from '../../protocol/rest/files';
import { eventually, formWith, newClientId, startTestServer, type TestServer, tinyPng } from '../testServer';
import type { Draft } from './folder';
import * as samples from './samples';
import { sweepFiles, unsentFor } from './sweep';

let dataDir: string;
let now: number;
let server: TestServer;
let bot: string;
let customer: string;

async function start(options: Parameters<typeof startTestServer>[0] = {}) {
  server = await startTestServer({ dataDir, now: () => now, ...options });
  bot = (await server.token()).token;
  customer = (await server.session()).body.token;
}
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'guichet-uploads-'));
});
beforeEach(async () => {
  now = Date.now();
});
afterEach(() => server.stop());
afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }));

const upload = <T = FileAnswer>(body: Uint8Array, name = 'a', headers: Record<string, string> = {}, token = customer) =>
  server.call<T>('POST', '/widget/v1/files', { token, body, headers: { 'x-file-name': name, ...headers } });
const incoming = () => readdirSync(join(dataDir, 'files/incoming'));
const kept = () =>
  readdirSync(join(dataDir, 'files'), { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).length;
const rows = async () => (await server.world.store.db.selectFrom('files').select('id').execute()).length;

/** Sends a head and then what it is told to, piece by piece. */
function slowly(headers: Record<string, string>) {
  const sent = request({
    host: '127.0.0.1',
    port: server.port,
    method: 'POST',
    path: '/widget/v1/files',
    headers: { authorization: `Bearer ${customer}`, ...headers },
  });
  const answer = new Promise<number>((resolve, reject) => {
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
  });
  answer.catch(() => undefined);
  return { sent, answer };
}

describe('a file that is too large', () => {
  beforeEach(() => start());

  test('is refused by what it announces, before it comes', async () => {
    const { sent, answer } = slowly({ 'content-length': String(limits.fileBytes * 2) });
    sent.flushHeaders();

    expect(await answer).toBe(413);
    sent.destroy();
    expect(incoming()).toEqual([]);
  });

  test.each([
    ['a file', samples.pdf(), limits.fileBytes],
    ['a picture', samples.png(1, 1), limits.imageBytes],
  ])('is refused as it comes where it announces nothing: %s', async (_, head, most) => {
    const before = kept();
    const { sent, answer } = slowly({ 'transfer-encoding': 'chunked' });
    sent.write(head);
    const piece = Buffer.alloc(1_048_576);
    let written = head.length;
    let isOver = false;
    answer
      .finally(() => {
        isOver = true;
      })
      .catch(() => undefined);
    while (!isOver && written < most * 3) {
      written += piece.length;
      if (!sent.write(piece)) await Promise.race([new Promise((go) => sent.once('drain', go)), answer.catch(() => 0)]);
    }

    expect(await answer).toBe(413);
    expect(written).toBeLessThan(most + 20 * piece.length);
    sent.destroy();
    await eventually(() => incoming().length === 0);
    expect(kept()).toBe(before);
  });

  test('is taken at the limit, and refused a byte above', async () => {
    const whole = Buffer.concat([samples.pdf(), Buffer.alloc(limits.fileBytes - samples.pdf().length)]);

    const taken = await upload(whole);
    const refused = await upload<ErrorBody>(Buffer.concat([whole, Buffer.alloc(1)]));
    const byForm = await server.call<FileUpload>('POST', '/v2/files/upload', {
      token: bot,
      body: formWith('file', whole, 'a'),
    });

    expect(taken).toMatchObject({ status: 200, body: { size: limits.fileBytes } });
    expect(refused).toMatchObject({ status: 413, body: { status: 'PAYLOAD_TOO_LARGE' } });
    expect(byForm).toMatchObject({ status: 200, body: { file_size: limits.fileBytes } });
  });
});

describe('nothing is left of an upload', () => {
  beforeEach(() => start());

  test('that is broken off', async () => {
    const before = { rows: await rows(), kept: kept() };
    const { sent } = slowly({ 'content-length': '1000000' });
    sent.write(samples.pdf());
    await eventually(() => incoming().length === 1);

    sent.destroy();

    await eventually(() => incoming().length === 0);
    expect({ rows: await rows(), kept: kept() }).toEqual(before);
  });

  test('whose form is broken behind the file', async () => {
    const before = { rows: await rows(), kept: kept() };
    const body = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\ntext\r\n--b\r\n`;

    const answer = await server.call('POST', '/v2/files/upload', {
      token: bot,
      body,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    });

    expect(answer).toMatchObject({ status: 400, body: { status: 'INVALID_VALUE' } });
    expect(incoming()).toEqual([]);
    expect({ rows: await rows(), kept: kept() }).toEqual(before);
  });

  test('that is refused for what it is', async () => {
    const before = kept();

    for (const bytes of ['', '<svg/>', '<html>', 'MZ\0'])
      expect(await upload(Buffer.from(bytes), 'cat.png', { 'content-type': 'image/png' })).toMatchObject({
        status: 400,
        body: { status: 'FILE_REFUSED' },
      });

    expect(incoming()).toEqual([]);
    expect(kept()).toBe(before);
  });

  test.each(['write', 'keep'] as const)('when the disk is full at its %s', async (step) => {
    const before = { rows: await rows(), kept: kept() };
    const folder = server.world.uploads?.folder;
    if (!folder) throw new Error('no folder');
    const { begin } = folder;
    folder.begin = async () => {
      const draft = await begin();
      const failing: Draft = Object.create(draft, {
        [step]: { value: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })) },
      });
      return failing;
    };

    const answer = await upload(samples.pdf());

    expect(answer).toMatchObject({ status: 507, body: { status: 'STORAGE_FULL' } });
    expect(incoming()).toEqual([]);
    expect({ rows: await rows(), kept: kept() }).toEqual(before);
  });

  test('when the disk is nearly full, which the database needs itself', async () => {
    const folder = server.world.uploads?.folder;
    if (!folder) throw new Error('no folder');
    folder.room = async () => 100_000_000;

    expect(await upload(samples.pdf())).toMatchObject({ status: 507, body: { status: 'STORAGE_FULL' } });
  });

  test('whose session ends while it comes', async () => {
    const before = await rows();
    const { sent, answer } = slowly({ 'content-length': String(samples.pdf().length) });
    sent.write(samples.pdf().subarray(0, 10));
    await eventually(() => incoming().length === 1);

    await server.call('POST', '/widget/v1/logout', { token: customer });
    sent.end(samples.pdf().subarray(10));

    expect(await answer).toBe(401);
    await eventually(() => incoming().length === 0);
    expect(await rows()).toBe(before);
  });
});

describe('how much may come in', () => {
  test('so many files at a time, from one customer and from one address', async () => {
    await start({ limits: { uploads: 1, uploadsOfAddress: 2 } });
    const others = [(await server.session()).body.token, (await server.session()).body.token];
    const held = slowly({ 'content-length': '1000' });
    held.sent.write('%PDF-');
    await eventually(() => incoming().length === 1);

    const second = await upload<ErrorBody>(samples.pdf());
    expect(second).toMatchObject({ status: 429, body: { status: 'RATE_LIMITED' } });
    expect(second.headers.get('retry-after')).toBe('5');
    expect((await upload(samples.pdf(), 'a', {}, others[0])).status).toBe(200);

    held.sent.destroy();
    await eventually(() => incoming().length === 0);
    await eventually(async () => (await upload(samples.pdf())).status === 200);
  });

  test('so many bytes an hour', async () => {
    await start({ limits: { uploadMegabytes: 1 } });
    expect((await upload(Buffer.concat([samples.pdf(), Buffer.alloc(1_200_000)]))).status).toBe(200);

    const answer = await upload(samples.pdf());

    expect(answer).toMatchObject({ status: 429, body: { status: 'RATE_LIMITED' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(3_000);
    expect((await upload(samples.pdf(), 'a', {}, (await server.session()).body.token)).status).toBe(200);
  });

  test('so many bytes that are not sent', async () => {
    await start();
    const { body: file } = await upload(samples.pdf());
    await server.world.store.db
      .updateTable('files')
      .set({ size: limits.unsentBytes })
      .where('id', '=', file.id)
      .execute();

    expect(await upload(samples.pdf())).toMatchObject({ status: 429, body: { status: 'RATE_LIMITED' } });

    const sent = { client_id: newClientId(), content: { file: { id: file.id } } };
    expect((await server.call('POST', '/widget/v1/messages', { token: customer, body: sent })).status).toBe(200);
    expect((await upload(samples.pdf())).status).toBe(200);
  });
});

test('a server without an origin for files takes none, and says so', async () => {
  await start({ filesOrigin: null });

  const answers = [
    await upload<ErrorBody>(tinyPng),
    await server.call('POST', '/v2/images/upload', { token: bot, body: formWith('image', tinyPng, 'a.png') }),
    await server.call('POST', '/v2/files/upload', { token: bot, body: formWith('file', tinyPng, 'a.png') }),
  ];

  for (const answer of answers) expect(answer).toMatchObject({ status: 501, body: { status: 'UPLOADS_OFF' } });
  expect((await server.session()).body.site.uploads).toBe(false);
});

test('a header that is no percent-encoded UTF-8 is named', async () => {
  await start();

  expect(await upload(tinyPng, '%E0%A4%A')).toMatchObject({ status: 400, body: { status: 'INVALID_VALUE' } });
});

describe('clearing away', () => {
  const urlPath = (file: FileAnswer) => new URL(file.url).pathname;
  const served = (path: string) =>
    new Promise<number>((resolve, reject) => {
      const asked = request({
        host: '127.0.0.1',
        port: server.port,
        path,
        headers: { host: 'files.chat.localhost:4400' },
      });
      asked.on('response', (response) => resolve(response.resume().statusCode ?? 0));
      asked.on('error', reject).end();
    });

  test('what was not sent goes after a day; what was sent, and what a program uploaded, stays', async () => {
    await start();
    const unsent = (await upload(tinyPng)).body;
    const sent = (await upload(tinyPng)).body;
    await server.call('POST', '/widget/v1/messages', {
      token: customer,
      body: { client_id: newClientId(), content: { file: { id: sent.id } } },
    });
    const { body: ours } = await server.call<FileAnswer>('POST', '/v2/images/upload', {
      token: bot,
      body: formWith('image', tinyPng, 'a.png'),
    });

    now += unsentFor - 1_000;
    await sweepFiles(server.world, 0);
    expect(await served(urlPath(unsent))).toBe(200);
    now += 2_000;
    await sweepFiles(server.world, 0);

    expect(await served(urlPath(unsent))).toBe(404);
    expect(existsSync(server.world.uploads?.folder.pathOf(unsent.id) ?? '')).toBe(false);
    expect(await served(urlPath(sent))).toBe(200);
    expect(await served(urlPath(ours))).toBe(200);
    const late = { client_id: newClientId(), content: { file: { id: unsent.id } } };
    expect(await server.call('POST', '/widget/v1/messages', { token: customer, body: late })).toMatchObject({
      status: 404,
      body: { status: 'FILE_NOT_FOUND' },
    });
  });

  test('what a crash left without a row goes, and nothing else', async () => {
    await start();
    const known = (await upload(tinyPng)).body;
    const orphan = (await upload(tinyPng)).body;
    const young = (await upload(tinyPng)).body;
    const folder = server.world.uploads?.folder;
    if (!folder) throw new Error('no folder');
    await server.world.store.db.deleteFrom('files').where('id', 'in', [orphan.id, young.id]).execute();
    const { idsIn } = folder;
    folder.idsIn = async (shard, before) => (await idsIn(shard, before + 4_000_000)).filter((id) => id !== young.id); // All but that one are old.

    for (let shard = 0; shard < 256; shard += 1) await sweepFiles(server.world, shard);

    expect(existsSync(folder.pathOf(orphan.id))).toBe(false);
    expect(existsSync(folder.pathOf(young.id))).toBe(true);
    expect(existsSync(folder.pathOf(known.id))).toBe(true);
    await utimes(folder.pathOf(young.id), 0, 0);
    const shard = Number.parseInt(young.id.slice(-2), 16);
    expect(await idsIn(shard, Date.now() - 3_600_000)).not.toContain(young.id); // No clock of a sender's counts.
  });

  test('what was coming in when the server went down is gone at its next start', async () => {
    await start();
    const { sent, answer } = slowly({ 'content-length': '1000' });
    sent.write('%PDF-');
    await eventually(() => incoming().length === 1);
    sent.destroy();
    await answer.catch(() => undefined);
    await eventually(() => incoming().length === 0);
    const draft = await server.world.uploads?.folder.begin();
    await draft?.write(Buffer.from('half'));
    expect(incoming()).toHaveLength(1);
    await server.stop();

    await start();

    expect(incoming()).toEqual([]);
    await draft?.discard();
  });
});

test('twenty files of 20 MB at once take little memory', { timeout: 60_000 }, async () => {
  await start();
  const head = samples.pdf();
  const piece = Buffer.alloc(65_536);
  const one = () =>
    new Promise<number>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(
        `POST /widget/v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${customer}\r\nX-File-Name: a.pdf\r\nConnection: close\r\nContent-Length: ${limits.fileBytes}\r\n\r\n`,
      );
      socket.write(head);
      let left = limits.fileBytes - head.length;
      const more = () => {
        while (left > 0) {
          const length = Math.min(left, piece.length);
          left -= length;
          if (!socket.write(piece.subarray(0, length))) {
            socket.once('drain', more);
            return;
          }
        }
      };
      more();
      let answer = '';
      socket.on('data', (text) => {
        answer += text;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(Number(answer.slice(9, 12))));
    });
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 10);

  const answers = await Promise.all(Array.from({ length: 20 }, one));
  clearInterval(watch);

  expect(answers.filter((status) => status === 200).length).toBe(20);
  expect(most - before).toBeLessThan(200_000_000);
});
