import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually, startTestServer, type TestServer } from './testServer';

/** A request whose body is sent on `finish`. */
function slowPost(server: TestServer, path: string, body: string, headers: Record<string, string> = {}) {
  let answered: (answer: { status: number; text: string }) => void;
  let failed: (error: Error) => void;
  const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
    answered = resolve;
    failed = reject;
  });
  answer.catch(() => {});
  const sent = request(
    {
      port: server.port,
      host: '127.0.0.1',
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...headers },
    },
    (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => answered({ status: response.statusCode ?? 0, text }));
    },
  );
  sent.on('error', (error) => failed(error));
  sent.write(body.slice(0, 5));
  return { answer, finish: () => sent.end(body.slice(5)) };
}

describe('stopping', () => {
  test('lets answers under way finish, closes sockets, and is done promptly', async () => {
    const server = await startTestServer();
    const { customer, token } = await server.conversation();
    const body = JSON.stringify({ client_id: 'client-id-1', content: { text: 'on its way' } });
    const slow = slowPost(server, '/widget/v1/messages', body, { authorization: `Bearer ${token}` });
    await new Promise((resolve) => setTimeout(resolve, 100)); // It has begun.

    const started = performance.now();
    const stopped = server.stop();
    setTimeout(slow.finish, 200);
    const answer = await slow.answer;
    await stopped;

    expect(answer.status, answer.text).toBe(200);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(customer.socket.connected).toBe(false);
  });

  test('does not wait for whoever only keeps a connection open', async () => {
    const server = await startTestServer();
    await server.session(); // leaves one alive
    const stuck = slowPost(server, '/widget/v1/session', '{"site":"ag-bank"}');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();

    await server.stop();

    expect(performance.now() - started).toBeLessThan(4_500);
    await expect(stuck.answer).rejects.toThrow();
  });

  test('does not wait for a WebSocket whose end does not answer', async () => {
    const server = await startTestServer();
    const connection = connect(server.port, '127.0.0.1');
    let answer = '';
    connection.on('data', (chunk) => {
      answer += chunk;
    });
    const ended = new Promise((resolve) => connection.once('close', resolve));
    connection.write(
      `${[
        'GET /widget/v1/socket/?EIO=4&transport=websocket HTTP/1.1',
        'Host: chat.localhost',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ].join('\r\n')}\r\n\r\n`,
    );
    await eventually(() => answer.includes('101 Switching Protocols') && answer.includes('"sid"'));
    const started = performance.now();

    await server.stop();
    await ended;

    expect(performance.now() - started).toBeLessThan(4_500);
  });

  test('leaves nothing behind but the database and the files, and the next start finds all', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'guichet-serve-'));
    const first = await startTestServer({ dataDir });
    const { token, id } = await first.conversation('kept');
    await first.stop();
    expect(readdirSync(dataDir).filter((file) => !file.startsWith('guichet.db'))).toEqual(['files']);

    const second = await startTestServer({ dataDir });
    const again = await second.session({ resume: token });
    await second.stop();
    rmSync(dataDir, { recursive: true });

    expect(again.body.conversations).toMatchObject([{ id, seq: 2 }]);
    expect(JSON.stringify(again.body.events)).toContain('kept');
  });
});

describe('starting', () => {
  test('on a port that is taken fails with its reason and lets the data go', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'guichet-serve-'));
    const taken = createServer().listen(0, '127.0.0.1');
    await eventually(() => taken.listening);
    const { port } = taken.address() as { port: number };

    await expect(startTestServer({ dataDir, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });

    taken.close();
    const server = await startTestServer({ dataDir });
    await server.stop();
    rmSync(dataDir, { recursive: true });
  });
});
