import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../testServer';
import { createAdmission } from './admission';

let close: (() => void) | undefined;
afterEach(() => close?.());

/** A socket server whose callers say by a header from where they come. */
async function guarded(limits: { perMinute: number; atOnce: number }) {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const server = new Server(http);
  createAdmission({ ...limits, addressOf: ({ headers }) => String(headers['x-from']) }).guard(server);
  close = () => {
    server.disconnectSockets(true);
    http.close();
  };
  const connect = (from: string, transport: 'websocket' | 'polling' = 'websocket') => {
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: [transport],
      extraHeaders: { 'x-from': from },
      reconnection: false,
      forceNew: true,
    });
    return new Promise<typeof socket | undefined>((resolve) => {
      socket.once('connect', () => resolve(socket));
      socket.once('connect_error', () => resolve(undefined));
    });
  };
  const ask = (headers: Record<string, string>, transport: string) =>
    new Promise<IncomingMessage & { text: string }>((resolve, reject) => {
      const path = `/socket.io/?EIO=4&transport=${transport}`;
      const sent = request({ port, host: '127.0.0.1', path, headers });
      sent.on('error', reject);
      sent.on('response', async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(Object.assign(response, { text }));
      });
      sent.end();
    });
  return { connect, ask };
}

test('new connections from one address are limited by the minute: 429 with the time to wait, other addresses come in', async () => {
  const { connect, ask } = await guarded({ perMinute: 2, atOnce: 10 });
  await connect('a');
  const polling = await connect('a', 'polling');

  const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  for (const [transport, headers] of [
    ['polling', {}],
    ['websocket', { ...upgrade, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }],
  ] as const) {
    const answer = await ask({ 'x-from': 'a', ...headers }, transport);
    expect(answer.statusCode, transport).toBe(429);
    const body = JSON.parse(answer.text);
    expect(body).toMatchObject({ status: 'RATE_LIMITED' });
    expect(Number(answer.headers['retry-after'])).toBe(body.retry_after);
  }

  expect(await connect('a')).toBeUndefined();
  expect(await connect('b')).toBeDefined();
  // One that is there goes on polling, request after request.
  expect(polling?.connected).toBe(true);
  polling?.io.engine.close();
});

test('connections at once from one address have an end too; one that goes makes room', async () => {
  const { connect } = await guarded({ perMinute: 1_000, atOnce: 2 });
  const first = await connect('a');
  expect(await connect('a', 'polling')).toBeDefined();
  expect(await connect('a')).toBeUndefined();
  expect(await connect('b')).toBeDefined();

  first?.disconnect();

  await eventually(async () => (await connect('a')) !== undefined);
});
