import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket as Wire } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { agentSocketPath } from '../../protocol/agentLive';
import { socketPath } from '../../protocol/live';
import { startTestServer, type TestServer } from '../testServer';

/**
 * Ten thousand frames that nobody should send, on the wire itself: WebSocket's own framing broken, engine.io's and socket.io's
 * packets broken, and polling bodies. A connection that ends is followed by another.
 */
const frames = 10_000;
const perConnection = 25;

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = (await server.session()).body.token;
});
afterAll(() => server.stop());

/** The same in each run. */
let seed = 11;
const random = (below: number) => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
};
const one = <T>(of: readonly T[]): T => of[random(of.length)] as T;
const noise = (most: number) => Buffer.from(Array.from({ length: random(most) }, () => random(256)));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

/** A WebSocket frame, masked as a client's has to be unless told otherwise. */
function frame(payload: Buffer, { opcode = 1, end = true, masked = true, length = payload.length } = {}): Buffer {
  const head =
    length < 126
      ? Buffer.from([0, length])
      : length < 65_536
        ? Buffer.from([0, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([0, 127, 0, 0, 0, 0]), uint32(length)]);
  head[0] = (end ? 0x80 : 0) | opcode;
  if (!masked) return Buffer.concat([head, payload]);
  head[1] = (head[1] ?? 0) | 0x80;
  return Buffer.concat([head, Buffer.alloc(4), payload]); // A mask of zeros leaves the payload as it is.
}
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const text = (content: string) => frame(Buffer.from(content));

const deep = (open: string, close: string) => `${open.repeat(15_000)}1${close.repeat(15_000)}`;
const kinds: Record<string, () => Buffer> = {
  'bytes that are no frame': () => noise(200),
  'a frame with an opcode that does not exist': () => frame(noise(50), { opcode: one([3, 7, 11, 15]) }),
  'a frame without a mask': () => frame(Buffer.from('42["head",{}]'), { masked: false }),
  'a frame that announces gigabytes': () => frame(noise(50), { length: 0xffff_fff0 }),
  'a fragment that is never finished': () => frame(Buffer.from('42["head",'), { end: false }),
  'a control frame that is too long': () => frame(Buffer.alloc(200), { opcode: 9 }),
  'text that is not UTF-8': () => frame(Buffer.from([0x34, 0xff, 0xfe, 0xc0])),
  'an engine.io packet of a type that does not exist': () =>
    text(`${one(['7', '9', 'x', '-1', 'b'])}${noise(20).toString('latin1')}`),
  'an upgrade or an end in the middle': () => text(one(['5', '0{"sid":"x"}', '6', '2probe', '3probe'])),
  'a binary message that nobody announced': () => frame(noise(500), { opcode: 2 }),
  'attachments that never come': () => text(`45${one(['1', '3', '10'])}-["send",{"_placeholder":true,"num":0}]`),
  'attachments without end': () => text('4599999999-["send",{"_placeholder":true,"num":99999998}]'),
  'a socket.io packet of a type that does not exist': () =>
    text(`4${one(['7', '8', '9', 'x'])}${one(['', '[]', '{}'])}`),
  'an event that is no list': () =>
    text(`42${one(['', '{}', '"send"', '5', 'null', '[', '[]', '[1]', '[null]', '[{}]', '[["send"]]'])}`),
  'an event of a reserved name': () =>
    text(`42["${one(['connect', 'disconnect', 'connect_error', 'newListener'])}",{}]`),
  'an acknowledgement of nothing': () => text(`43${one(['', '7', '99999999'])}${one(['[]', '{}', '[1'])}`),
  'another namespace': () => text(`4${one(['0/agents,', '2/nowhere,["send",{}]', '0/__proto__,{}', '1/nowhere,'])}`),
  'a second handshake': () => text(`40${one(['{}', '{"token":5}', '[1]', 'null', '{"token":{"$ne":1}}'])}`),
  'nesting as deep as a frame allows': () =>
    text(`42${random(99)}["${one(['send', 'head', 'nonsense'])}",${one([deep('[', ']'), deep('{"a":', '}')])}]`),
  'names and fields of Object': () =>
    text(`42${random(99)}["${one(['__proto__', 'constructor', 'toString'])}",{"__proto__":{"polluted":1}}]`),
  'a message over the limit': () => text(`42["send","${'x'.repeat(66_000)}"]`),
};

/** A connection that speaks WebSocket as far as the handshake, and socket.io's when `joins`. */
async function dial(path: string, joins: boolean): Promise<Wire> {
  const wire = connect(server.port, '127.0.0.1');
  wire.on('error', () => {}); // The server is free to end it.
  const heard: Promise<unknown> = once(wire, 'data').catch(() => {});
  wire.write(
    `GET ${path}/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  await heard;
  wire.resume();
  if (joins) wire.write(text(`40${JSON.stringify({ token, cursors: {} })}`));
  return wire;
}
const closed = (wire: Wire) => (wire.destroyed ? undefined : once(wire, 'close').catch(() => {}));

test('ten thousand malformed frames crash nothing, store nothing, and leave nothing in memory', {
  timeout: 120_000,
}, async () => {
  const { customer } = await server.conversation();
  const counted = async () => (await server.world.store.db.selectFrom('events').select('id').execute()).length;
  const stored = await counted();
  const names = Object.keys(kinds);
  const sent = new Map<string, number>();
  let sentBytes = 0;
  const flood = async (count: number) => {
    for (let left = count; left > 0; left -= perConnection) {
      const wire = await dial(one([socketPath, socketPath, agentSocketPath]), random(3) > 0);
      for (let at = 0; at < perConnection; at += 1) {
        const name = names[(left + at) % names.length] as string;
        sent.set(name, (sent.get(name) ?? 0) + 1);
        const bytes = kinds[name]?.() ?? Buffer.alloc(0);
        sentBytes += bytes.length;
        wire.write(bytes);
      }
      wire.end();
      await closed(wire);
    }
  };

  await flood(1_000); // What is loaded and cached once is so now.
  const before = heap();
  await flood(frames - 1_000);

  expect([...sent.values()].reduce((sum, each) => sum + each, 0)).toBe(frames);
  expect(sent.size).toBe(names.length);
  expect(sentBytes).toBeGreaterThan(60_000_000);
  // What the last connections left is let go of when their ends have been noticed.
  await vi.waitFor(() => expect(heap() - before).toBeLessThan(sentBytes / 2), { timeout: 30_000, interval: 500 });
  expect(await counted()).toBe(stored);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(customer.socket.connected).toBe(true);
  await customer.send('still there');
});

test('polling bodies of anything are refused and cost nothing', { timeout: 60_000 }, async () => {
  const poll = async (query: string, body?: string | Uint8Array<ArrayBuffer>) => {
    const answer = await fetch(`${server.origin}${socketPath}/?EIO=4&transport=polling${query}`, {
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const bodies = [
    ...Object.values(kinds).map((make) => new Uint8Array(make())),
    '',
    '\u001e'.repeat(60_000),
    '42["head"]\u001e'.repeat(400),
    'b'.repeat(60_000),
    'bAAAA\u001e'.repeat(5_000),
    `4${deep('[', ']')}`,
  ];

  for (const body of bodies) {
    const { sid } = JSON.parse((await poll('')).text.slice(1)) as { sid: string };
    await poll(`&sid=${sid}`, `40${JSON.stringify({ token, cursors: {} })}`);
    const { status } = await poll(`&sid=${sid}`, body);
    expect([200, 400, 413]).toContain(status);
  }

  const { customer } = await server.conversation('still there');
  expect(customer.socket.connected).toBe(true);
});
