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
