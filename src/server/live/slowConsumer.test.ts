import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { io, Manager, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GuichetError } from '../../protocol/errors';
import type { Event } from '../../protocol/event';
import { socketPath } from '../../protocol/live';
import { createLimiter } from '../http/limiter';
import { openInstallation } from '../installation';
import { eventually } from '../testServer';
import type { World } from '../world';
import { openSocketDoor } from './socket';

const mostWaiting = 256_000;
const logged: string[] = [];
let world: World;
let origin: string;
let close: () => Promise<void>;

beforeEach(async () => {
  logged.length = 0;
  ({ world } = await openInstallation({ dataDir: ':memory:', origin: 'http://chat.localhost' }));
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const session = { id: 's', siteId: 'x', userId: 'ada', sub: undefined, stale: false };
  const door = openSocketDoor(world, http, {
    sessions: {
      check: async (token: string) => {
        if (token !== 'x') throw new GuichetError('SESSION_INVALID', 'No session.');
        return session;
      },
      issue: () => '',
      revoke: async () => {},
    },
    perCustomer: createLimiter(1_000),
    admission: { guard: () => {} },
    socketsPerCustomer: 10,
    mostWaiting,
    log: pino({}, { write: (line: string) => void logged.push(line) }),
    grace: 0,
  });
  close = async () => {
    await door.close();
    http.close();
    await world.store.close();
  };
});
afterEach(() => close());

/** A tab of Ada's, what it heard, and its wire. */
async function tab() {
  const auth = { token: 'x', cursors: {} };
  const socket = io(origin, { path: socketPath, transports: ['websocket'], auth, reconnection: false, forceNew: true });
  const seqs: number[] = [];
  socket.on('events', (events: Event[]) => seqs.push(...events.map(({ seq }) => seq)));
  await once(socket as never, 'connect');
  return { socket, seqs, wire: wireOf(socket) };
}
const wireOf = (socket: Socket) => {
  const { engine } = socket.io as unknown as {
    engine: { transport: { ws: { _socket: { pause(): void; resume(): void } } } };
  };
  return engine.transport.ws._socket;
};

/** A message of nine kilobytes for Ada, as the log tells it. */
function tell(seq: number): void {
  const event = { id: `e${seq}`, conversation_id: 'c', seq, type: 'void', data: { filling: 'x'.repeat(9_000) } };
  world.hub.publish({ type: 'event', userId: 'ada', event: event as unknown as Event });
}
const closings = () => logged.filter((line) => line.includes('did not take what it was told')).length;

test('who does not read is put off once so much waits; other tabs of the same customer hear everything', async () => {
  const reader = await tab();
  const sleeper = await tab();
  sleeper.wire.pause();

  let seq = 0;
  while (closings() === 0 && seq < 10_000) {
    for (let burst = 0; burst < 5; burst += 1) tell(++seq);
    await eventually(() => reader.seqs.length === seq);
  }

  expect(closings()).toBe(1);
  expect(seq * 9_000).toBeGreaterThan(mostWaiting);
  expect(reader.seqs).toEqual(Array.from({ length: seq }, (_, at) => at + 1));
  expect(reader.socket.connected).toBe(true);
  sleeper.wire.resume();
  await eventually(() => !sleeper.socket.connected);
  expect(sleeper.seqs).toEqual(Array.from({ length: sleeper.seqs.length }, (_, at) => at + 1)); // In order up to the end.
  reader.socket.disconnect();
});

test('who reads, however much it is, stays', async () => {
  const reader = await tab();

  for (let seq = 1; seq <= 1_000; seq += 1) {
    tell(seq);
    if (seq % 10 === 0) await eventually(() => reader.seqs.length === seq);
  }

  expect(closings()).toBe(0);
  expect(reader.socket.connected).toBe(true);
  reader.socket.disconnect();
});

describe('a connection that never logged in', () => {
  /** A stranger's wire, and how often it was refused. */
  async function stranger() {
    const manager = new Manager(origin, { path: socketPath, transports: ['websocket'], reconnection: false });
    const { engine } = manager as unknown as { engine: { readyState: string; write(packet: string): void } };
    await once(manager as never, 'open');
    let refused = 0;
    (manager as unknown as { on(name: 'packet', hear: () => void): void }).on('packet', () => {
      refused += 1;
    });
    return {
      isOpen: () => engine.readyState === 'open',
      logIn: () => engine.write('0{"token":"stolen","cursors":{}}'),
      refused: () => refused,
    };
  }

  test('may try a few times', async () => {
    const { logIn, refused, isOpen } = await stranger();

    for (let tries = 0; tries < 5; tries += 1) logIn();

    await eventually(() => refused() === 5);
    expect(isOpen()).toBe(true);
  });

  test('is ended when it goes on', async () => {
    const { logIn, refused, isOpen } = await stranger();

    for (let tries = 0; tries < 1_000; tries += 1) logIn();

    await eventually(() => !isOpen(), 3_000);
    expect(refused()).toBeLessThanOrEqual(20);
  });
});
