import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { FileAnswer, SendAnswer } from '../../protocol/live';
import type { Message } from '../../protocol/message';
import type { FileUpload, ImageUpload } from '../../protocol/rest/files';
import {
  type Answer,
  conversationPath,
  customerLog,
  formWith,
  messagesOf,
  newClientId,
  startTestServer,
  type TestServer,
  tinyPng,
  vouch,
} from '../testServer';

let server: TestServer;
let bot: string;
beforeAll(async () => {
  server = await startTestServer();
  bot = (await server.token(undefined, { bot: true })).token;
});
afterAll(() => server.stop());

const filesHost = 'files.chat.localhost:4400';
type Got = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };
/** A request to this server by another host name, as a browser makes it there. */
function ask(url: string, options: { method?: string; host?: string; headers?: Record<string, string> } = {}) {
  const { pathname, search } = new URL(url, 'http://x');
  return new Promise<Got>((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: server.port,
        path: pathname + search,
        method: options.method ?? 'GET',
        headers: { host: options.host ?? filesHost, ...options.headers },
      },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece) => pieces.push(piece));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) }),
        );
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

const upload = <T = FileAnswer>(token: string, body: Uint8Array, name: string, type = 'application/octet-stream') =>
  server.call<T>('POST', '/widget/v1/files', {
    token,
    body,
    headers: { 'content-type': type, 'x-file-name': encodeURIComponent(name) },
  });
const sendFile = (token: string, id: string, client_id = newClientId()) =>
  server.call<SendAnswer>('POST', '/widget/v1/messages', { token, body: { client_id, content: { file: { id } } } });

describe('a picture by a program', () => {
  test('is answered with its size and served by its URL, as what it is', async () => {
    const { status, body } = await server.call<ImageUpload>('POST', '/v2/images/upload', {
      token: bot,
      body: formWith('image', tinyPng, 'cat.exe', 'text/html'),
    });

    expect({ status, body }).toMatchObject({ status: 200, body: { content_type: 'image/png', width: 1, height: 1 } });
    expect(body.url).toMatch(/^http:\/\/files\.chat\.localhost:4400\/f\/[\w-]{43}\/cat\.exe\.png$/);
    const got = await ask(body.url);
    expect(got.status).toBe(200);
    expect(got.body.equals(tinyPng)).toBe(true);
    expect(got.headers).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': "inline; filename*=UTF-8''cat.exe.png",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(got.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox$/);
    expect(got.headers['cache-control']).toMatch(/^private,/);
    expect(got.headers['set-cookie']).toBeUndefined();
  });

  test('that is none is refused at the door for pictures', async () => {
    const answer = await server.call('POST', '/v2/images/upload', {
      token: bot,
      body: formWith('image', Buffer.from('%PDF-1.7 …'), 'cat.png', 'image/png'),
    });

    expect(answer).toMatchObject({ status: 400, body: { status: 'FILE_REFUSED' } });
  });
});

describe('a file by a program', () => {
  test('is answered with the fields of v2, and a part may name it by its hash', async () => {
    const { body: file } = await server.call<FileUpload>('POST', '/v2/files/upload', {
      token: bot,
      body: formWith('file', Buffer.from('%PDF-1.7\n%%EOF\n'), 'Statement März.pdf'),
    });
    const { id, token } = await server.conversation();

    const { body, status } = await server.call<Message>('POST', conversationPath(id, '/messages'), {
      token: bot,
      body: {
        actor_type: 'bot',
        message_parts: [{ file: { fileHash: file.file_hash, fileSource: 'FRESHCHAT', contentType: 'text/html' } }],
      },
    });

    expect(file).toMatchObject({
      file_name: 'Statement März.pdf',
      file_size: 15,
      file_content_type: 'application/pdf',
      file_extension_type: 'pdf',
    });
    const part = {
      file: { name: 'Statement März.pdf', url: file.url, content_type: 'application/pdf', file_size_in_bytes: 15 },
    };
    expect({ status, parts: body.message_parts }).toEqual({ status: 200, parts: [part] });
    expect(messagesOf(await customerLog(server, token, id)).at(-1)?.message_parts).toEqual([part]);
    const got = await ask(file.url);
    expect(got.headers['content-disposition']).toBe("attachment; filename*=UTF-8''Statement%20M%C3%A4rz.pdf");
  });

  test('that nobody has uploaded is named by its path', async () => {
    const { id } = await server.conversation();

    const answer = await server.call<ErrorBody>('POST', conversationPath(id, '/messages'), {
      token: bot,
      body: {
        actor_type: 'bot',
        message_parts: [
          { text: { content: 'Look' } },
          { collection: { sub_parts: [{ file: { name: 'a.pdf', file_hash: 'x'.repeat(43) } }] } },
        ],
      },
    });

    expect(answer).toMatchObject({
      status: 400,
      body: {
        status: 'INVALID_VALUE',
        details: [{ path: 'message_parts[1].collection.sub_parts[0].file.file_hash' }],
      },
    });
  });

  test('sent again under one Idempotency-Key is one file, and another file under it is refused', async () => {
    const post = (bytes: string): Promise<Answer<FileUpload>> =>
      server.call('POST', '/v2/files/upload', {
        token: bot,
        body: formWith('file', Buffer.from(bytes), 'a.txt'),
        headers: { 'idempotency-key': 'once' },
      });

    const first = await post('one');
    const second = await post('one');
    const other = await post('two');

    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(other).toMatchObject({ status: 409, body: { status: 'IDEMPOTENCY_KEY_REUSED' } });
  });
});

describe("a customer's file", () => {
  test('becomes the part that fits it, once for each client id, and nobody else can send it', async () => {
    const { token, id } = await server.conversation();
    const stranger = (await server.session()).body.token;
    const { body: file, status } = await upload(token, tinyPng, 'Ich & Du.png', 'image/png');
    expect({ status, file }).toMatchObject({
      status: 200,
      file: { name: 'Ich & Du.png', content_type: 'image/png', size: tinyPng.length, width: 1, height: 1 },
    });

    const clientId = newClientId();
    const first = await sendFile(token, file.id, clientId);
    const again = await sendFile(token, file.id, clientId);
    const stolen = await sendFile(stranger, file.id);

    expect(again.body).toEqual(first.body);
    expect(stolen).toMatchObject({ status: 404, body: { status: 'FILE_NOT_FOUND' } });
    const messages = messagesOf(await customerLog(server, token, id));
    expect(messages.map(({ message_parts }) => message_parts)).toEqual([
      [{ text: { content: 'Hello' } }],
      [{ image: { url: file.url, alt_text: 'Ich & Du.png', content_type: 'image/png', width: 1, height: 1 } }],
    ]);
  });

  test('stays theirs when they turn out to be a known user', async () => {
    const { key } = await server.site();
    const known = await server.session({ identity: await vouch(key, 'ana') });
    await server.call('POST', '/widget/v1/messages', {
      token: known.body.token,
      body: { client_id: newClientId(), content: { text: 'Hello' } },
    });
    const anonymous = await server.session();
    const { body: file } = await upload(anonymous.body.token, tinyPng, 'a.png');

    const merged = await server.session({ identity: await vouch(key, 'ana'), resume: anonymous.body.token });

    expect(merged.body.customer.id).toBe(known.body.customer.id);
    expect((await sendFile(merged.body.token, file.id)).status).toBe(200);
  });

  test('is refused where the site takes none', async () => {
    await server.site({ id: 'no-files', config: { features: { attachments: false } } });
    const { body } = await server.session({ site: 'no-files' });

    const answer = await upload<ErrorBody>(body.token, tinyPng, 'a.png');

    expect(answer).toMatchObject({ status: 403, body: { status: 'FORBIDDEN' } });
    expect(answer.body.message).toContain('features.attachments');
  });
});

describe('the two origins', () => {
  test('on that of the files there is nothing but files, and on that of the chat there are none', async () => {
    const { body } = await server.call<ImageUpload>('POST', '/v2/images/upload', {
      token: bot,
      body: formWith('image', tinyPng, 'a.png'),
    });
    const { pathname } = new URL(body.url);

    for (const path of ['/', '/guichet.js', '/widget/?site=ag-bank', '/v2/users', '/openapi.json', '/health', '/f/x'])
      expect((await ask(path)).status, path).toBe(404);
    expect((await ask('/widget/v1/socket/?EIO=4&transport=polling')).status).toBe(404);
    expect((await ask('/widget/v1/session', { method: 'POST' })).status).toBe(405);
    for (const host of ['chat.localhost:4400', '127.0.0.1', 'files.chat.localhost', 'files.chat.localhost:44000'])
      expect((await ask(pathname, { host })).status, host).toBe(404);
    expect((await ask(pathname)).status).toBe(200);
  });
});

describe('a file is served', () => {
  let url: string;
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, at) => at % 256));
  const mp3 = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), bytes.subarray(4)]);
  beforeAll(async () => {
    const form = formWith('file', mp3, 'note.mp3');
    ({ url } = (await server.call<FileUpload>('POST', '/v2/files/upload', { token: bot, body: form })).body);
  });

  test('whole, or without its bytes to HEAD', async () => {
    const whole = await ask(url);
    const head = await ask(url, { method: 'HEAD' });

    expect(whole).toMatchObject({ status: 200, headers: { 'content-length': '1000', 'accept-ranges': 'bytes' } });
    expect(whole.body.equals(mp3)).toBe(true);
    expect({ ...head.headers, date: '' }).toEqual({ ...whole.headers, date: '' });
    expect(head.body).toHaveLength(0);
  });

  test.each([
    ['bytes=0-99', 'bytes 0-99/1000', 0, 100],
    ['bytes=990-', 'bytes 990-999/1000', 990, 1_000],
    ['bytes=-10', 'bytes 990-999/1000', 990, 1_000],
    ['bytes=999-5000', 'bytes 999-999/1000', 999, 1_000],
  ])('in the part that is asked for: %s', async (range, answered, from, to) => {
    const got = await ask(url, { headers: { range } });

    expect(got).toMatchObject({
      status: 206,
      headers: { 'content-range': answered, 'content-length': String(to - from), 'content-type': 'audio/mpeg' },
    });
    expect(got.body.equals(mp3.subarray(from, to))).toBe(true);
  });

  test('whole where what is asked for means nothing or several parts, and not at all where nothing is', async () => {
    for (const range of ['bytes=9-1', 'bytes=0-1,5-6', 'pages=1-2', 'bytes=x'])
      expect((await ask(url, { headers: { range } })).status, range).toBe(200);
    expect(await ask(url, { headers: { range: 'bytes=1000-' } })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */1000' },
    });
  });

  test('once: a browser that has it is told so, and gets the rest of what it has a part of', async () => {
    const { etag } = (await ask(url)).headers as { etag: string };

    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*'])
      expect(await ask(url, { headers: { 'if-none-match': known } })).toMatchObject({
        status: 304,
        body: Buffer.alloc(0),
      });
    expect((await ask(url, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    expect((await ask(url, { headers: { range: 'bytes=5-', 'if-range': etag } })).status).toBe(206);
    expect((await ask(url, { headers: { range: 'bytes=5-', 'if-range': '"x"' } })).status).toBe(200);
  });

  test('under any name, by its secret alone', async () => {
    const { pathname } = new URL(url);
    const secret = pathname.split('/')[2] as string;

    for (const path of [`/f/${secret}`, `/f/${secret}/`, `/f/${secret}/other.html`, `${pathname}?download=1`])
      expect((await ask(path)).headers['content-type'], path).toBe('audio/mpeg');
    for (const path of [
      `/f/${secret.slice(0, -1)}`,
      `/f/${secret}x`,
      `/f/${secret}/a/b`,
      `/f/../f/${secret}x`,
      `/F/${secret}`,
      '/f/%2e%2e%2fguichet.db',
      `/f/${'A'.repeat(43)}`,
    ])
      expect((await ask(path)).status, path).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect(await ask(url, { method }), method).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  test('to as many at once as ask, and one who goes away in the middle harms nobody', async () => {
    const { pathname } = new URL(url);
    const left = request({ host: '127.0.0.1', port: server.port, path: pathname, headers: { host: filesHost } });
    left.on('response', () => left.destroy());
    left.on('error', () => undefined);
    left.end();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(url)));

    expect(answers.every(({ status, body }) => status === 200 && body.equals(mp3))).toBe(true);
  });

  test('unless its bytes are gone, which is a fault and not an empty file', async () => {
    const form = formWith('file', mp3, 'gone.mp3');
    const { body } = await server.call<FileUpload>('POST', '/v2/files/upload', { token: bot, body: form });
    await server.world.uploads?.folder.remove(body.id);

    const got = await ask(body.url).catch(() => undefined);

    expect(got?.status ?? 500).toBe(500);
  });
});

describe('a form', () => {
  const upload = (body: string, type: string) =>
    server.call('POST', '/v2/files/upload', { token: bot, body, headers: { 'content-type': type } });

  test('as programs of other makers write it is taken', async () => {
    const body = [
      '--0a1b2c3d',
      'Content-Disposition: form-data; name="file"; filename="report"',
      'Content-Type: application/octet-stream',
      '',
      '%PDF-1.4',
      '--0a1b2c3d--',
      '',
    ].join('\r\n');

    expect(await upload(body, 'multipart/form-data; boundary=0a1b2c3d')).toMatchObject({
      status: 200,
      body: { file_name: 'report.pdf', file_content_type: 'application/pdf', file_extension_type: 'pdf' },
    });
  });

  test('that is none is refused with what was expected', async () => {
    expect(await upload('{}', 'application/json')).toMatchObject({ status: 415 });
    expect(await upload('', 'multipart/form-data')).toMatchObject({ status: 400, body: { status: 'INVALID_VALUE' } });
    expect(await upload('nothing', 'multipart/form-data; boundary=x')).toMatchObject({ status: 400 });
    const wrong = await server.call('POST', '/v2/files/upload', {
      token: bot,
      body: formWith('image', tinyPng, 'a.png'),
    });
    expect(wrong).toMatchObject({ status: 400, body: { message: expect.stringContaining('a field called "file"') } });
  });
});

test('a message may name a file by either spelling of its hash, and keeps a URL that it brings itself', async () => {
  const form = formWith('file', Buffer.from('a;b'), 'a.csv');
  const { body: file } = await server.call<FileUpload>('POST', '/v2/files/upload', { token: bot, body: form });
  const { userId } = await server.conversation();
  const url = 'https://bank.example/a.pdf';

  const { body, status } = await server.call<{ messages: Message[] }>('POST', '/v2/conversations', {
    token: bot,
    body: {
      users: [{ id: userId }],
      messages: [
        {
          actor_type: 'bot',
          message_parts: [
            { file: { name: 'mine.csv', file_hash: file.file_hash, content_type: 'text/html', file_size_in_bytes: 9 } },
            { file: { name: 'theirs.pdf', url, contentType: 'application/pdf', fileHash: 'whatever' } },
          ],
        },
      ],
    },
  });

  expect({ status, parts: body.messages[0]?.message_parts }).toEqual({
    status: 200,
    parts: [
      { file: { name: 'mine.csv', url: file.url, content_type: 'text/csv; charset=utf-8', file_size_in_bytes: 3 } },
      { file: { name: 'theirs.pdf', url, content_type: 'application/pdf' } },
    ],
  });
});

test.each<[string, object]>([
  ['hash: 5', { hash: 5 }],
  ['file_hash that is no text', { file_hash: { $gt: '' }, name: 'a' }],
  ['an empty hash', { file_hash: '', name: 'a' }],
  ['a hash of SQL', { file_hash: "' OR 1=1 --", name: 'a' }],
  ['a hash of a million characters', { file_hash: 'x'.repeat(60_000), name: 'a' }],
])('%s is refused, and nothing is stored', async (_, file) => {
  const { id, token } = await server.conversation();
  const before = (await customerLog(server, token, id)).length;

  const answer = await server.call('POST', conversationPath(id, '/messages'), {
    token: bot,
    body: { actor_type: 'bot', message_parts: [{ file }] },
  });

  expect(answer).toMatchObject({ status: 400, body: { status: 'INVALID_VALUE' } });
  expect(answer.text.length).toBeLessThan(1_000);
  expect(await customerLog(server, token, id)).toHaveLength(before);
});
