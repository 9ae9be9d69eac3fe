import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testServer';
import { frontServer } from './front';

let front: Server;
const seen: string[] = [];
beforeAll(async () => {
  const app = createServer((asked, answer) => {
    asked.resume();
    asked.on('end', () => answer.end('app'));
  });
  app.on('upgrade', (_, socket) => {
    seen.push('upgrade');
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  const files = {
    host: 'files.localhost:1',
    door: (_: unknown, answer: { end(text: string): void }) => answer.end('files'),
  };
  front = frontServer(app, files, { request: 150, silence: 150, upload: 60_000, farewell: 100 });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
});
afterAll(() => front.close());

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  request({ host: '127.0.0.1', port: (front.address() as AddressInfo).port, path, method, headers });
const answerOf = (asked: ReturnType<typeof ask>) =>
  new Promise<string>((resolve) => {
    asked.on('error', () => resolve('dropped'));
    asked.on('response', async (answer) => {
      let text = '';
      for await (const piece of answer) text += piece;
      resolve(text);
    });
  });

test.each([
  ['files.localhost:1', 'files'],
  ['FILES.localhost:1', 'files'],
  ['localhost:1', 'app'],
  ['files.localhost', 'app'],
  ['evil.files.localhost:1', 'app'],
])('a request for the host %s goes to the door of the %s', async (host, text) => {
  const asked = ask('/v2/users', { host });
  asked.end();

  expect(await answerOf(asked)).toBe(text);
});

test('a socket is opened by the app alone', async () => {
  const upgrade = (host: string) => {
    const asked = ask('/widget/v1/socket/', { host, connection: 'upgrade', upgrade: 'websocket' });
    asked.on('upgrade', (_, socket) => socket.destroy());
    asked.on('error', () => seen.push('refused'));
    asked.end();
  };

  upgrade('files.localhost:1');
  await eventually(() => seen.length === 1);
  upgrade('localhost:1');
  await eventually(() => seen.length === 2);

  expect(seen).toEqual(['refused', 'upgrade']);
});

const upgradeTo = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost:1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
const dial = () => connect((front.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
const connections = () => new Promise<number>((resolve) => front.getConnections((_, count) => resolve(count)));

test('an upgrade at any other path is dropped', async () => {
  const before = seen.length;
  const connection = dial();
  const dropped = new Promise((resolve) => connection.once('close', resolve));
  connection.write(upgradeTo('/nothing'));

  await dropped;
  expect(seen).toHaveLength(before);
});

test('whoever resets a connection that became none takes nobody along', async () => {
  for (let at = 0; at < 60; at += 1) {
    const connection = dial();
    connection.write(upgradeTo('/widget/v1/socket/'));
    await new Promise((resolve) => setTimeout(resolve, at % 4));
    connection.resetAndDestroy();
  }

  await expect.poll(connections).toBe(0);
});

test('whoever goes on sending after a refusal is not kept', async () => {
  const connection = connect({ port: (front.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  connection.on('error', () => {});
  connection.write(upgradeTo('/widget/v1/socket/') + 'x'.repeat(200_000));

  await expect.poll(connections).toBe(0);
});

test.each(['/v2/users', '/widget/v1/files', '/v2/images/upload', '/v2//files/upload/'])(
  'whoever falls silent in the middle of a body to %s is dropped',
  async (path) => {
    const asked = ask(path, { 'content-length': '1000' }, 'POST');
    asked.write('x');

    expect(await answerOf(asked)).toBe('dropped');
  },
);

test('an upload may take its time as long as something comes, anything else may not', async () => {
  const slowly = async (path: string) => {
    const asked = ask(path, { 'content-length': '10' }, 'POST');
    const answer = answerOf(asked);
    for (let at = 0; at < 10 && !asked.destroyed; at += 1) {
      asked.write('x');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    asked.end();
    return answer;
  };

  expect(await slowly('/widget/v1/files')).toBe('app');
  expect(await slowly('/widget/v1/messages')).toBe('dropped');
});
