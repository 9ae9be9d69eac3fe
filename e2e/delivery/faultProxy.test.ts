import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { numbersFrom } from '../support/seededNumbers';
import { type FaultKind, faultKinds, type PlanOptions, planFaults } from './faultPlan';
import { type FaultProxy, openFaultProxy } from './faultProxy';

/** A server that gives back what it gets, behind a proxy. */
let echo: Server;
let proxy: FaultProxy;
/** What reached the server, in all. */
let arrived: string;
beforeEach(async () => {
  arrived = '';
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      arrived += data;
      socket.write(data);
    });
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await openFaultProxy((echo.address() as AddressInfo).port, numbersFrom(1));
});
afterEach(async () => {
  await proxy.stop();
  echo.close();
});

class Client {
  pieces: string[] = [];
  ended: 'reset' | 'closed' | undefined;
  readonly socket: Socket = connect(proxy.port, '127.0.0.1');
  constructor() {
    this.socket.setEncoding('latin1').on('data', (piece: string) => this.pieces.push(piece));
    this.socket.on('error', () => {
      this.ended = 'reset';
    });
    this.socket.on('close', () => {
      this.ended ??= 'closed';
    });
  }
  get heard() {
    return this.pieces.join('');
  }
  say(text: string) {
    this.socket.write(text);
  }
  hears = (text: string) => expect.poll(() => this.heard, { timeout: 10_000 }).toBe(text);
  isReset = () => expect.poll(() => this.ended, { timeout: 10_000 }).toBe('reset');
}
/** What came in before this comes in: by then, what was said before it was swallowed, and not just slow. */
async function afterAnother(): Promise<void> {
  const other = new Client();
  other.say('another');
  await other.hears('another');
}

test('a fair network passes everything on, and the end of it', async () => {
  const client = new Client();

  client.say('hello');
  await client.hears('hello');
  client.socket.end();

  await expect.poll(() => client.ended).toBe('closed');
});

test('delayed data is late and in order', async () => {
  proxy.change({ delay: [60, 200] });
  const client = new Client();
  await once(client.socket, 'connect');
  const start = performance.now();

  for (const word of ['one ', 'two ', 'three ']) client.say(word);
  await client.hears('one two three ');

  expect(performance.now() - start).toBeGreaterThan(110); // There and back.
});

test('a stalled network holds everything, and then lets it through', async () => {
  const client = new Client();
  client.say('before ');
  await client.hears('before ');

  proxy.change({ isStalled: true });
  client.say('during');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(arrived).toBe('before ');
  proxy.clear('isStalled');

  await client.hears('before during');
});

test('split data comes in small pieces, and whole', async () => {
  proxy.change({ isSplit: true });
  const client = new Client();
  const text = 'x'.repeat(400);

  client.say(text);
  await client.hears(text);

  expect(client.pieces.length).toBeGreaterThan(3);
});

test('a black hole swallows what its connections say, and new ones work', async () => {
  const client = new Client();
  client.say('hello');
  await client.hears('hello');

  proxy.blackHole();
  client.say('is anybody there?');
  await afterAnother();

  expect(arrived).toBe('helloanother');
  expect(client.heard).toBe('hello');
  expect(client.ended).toBeUndefined();
});

test.each([
  ['up', ''],
  ['down', 'hello'],
] as const)(
  'a cut one way (%s) swallows that way alone, and a connection that lost something stays cut',
  async (way, there) => {
    proxy.change({ swallows: [way] });
    const client = new Client();

    client.say('hello');
    if (way === 'down') await expect.poll(() => arrived).toBe('hello');
    else await expect.poll(() => proxy.counts.swallowed).toBe(5);
    proxy.clear();
    client.say(' again');
    await afterAnother();

    expect(arrived.replace('another', '')).toBe(way === 'up' ? there : 'hello again');
    expect(client.heard).toBe('');
  },
);

test('connections are reset at once, or after so many bytes', async () => {
  const [one, other] = [new Client(), new Client()];
  one.say('hello');
  await one.hears('hello');
  proxy.reset();
  await one.isReset();
  await other.isReset();

  proxy.change({ resetAfter: 3 });
  const third = new Client();
  third.say('hello');
  await expect.poll(() => third.ended, { timeout: 10_000 }).toBeDefined(); // Where the last bytes come first, it looks like an end.

  expect('hel'.startsWith(third.heard)).toBe(true); // Or the reset overtakes them.
});

test('a network that refuses takes no new connections', async () => {
  proxy.change({ refuses: true });

  await new Client().isReset();

  expect(proxy.counts.connections).toBe(0);
});

const upgrade = 'GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
test('WebSockets are answered by 403 or not at all, and other requests pass', async () => {
  proxy.change({ upgrades: 'block' });
  const blocked = new Client();
  blocked.say(upgrade);
  await expect.poll(() => blocked.heard).toContain('403 Forbidden');

  proxy.change({ upgrades: 'swallow' });
  const swallowed = new Client();
  swallowed.say(upgrade);
  await afterAnother();

  expect(swallowed.heard).toBe('');
  expect(arrived).toBe('another');
});

test('a plan follows from its seed, and deals every kind before any comes again', () => {
  const names = ['one', 'two'];
  const options: PlanOptions = {
    seed: 7,
    ms: 5_000,
    faults: 40,
    targets: { network: names, tab: names, browser: names, hook: names, receiver: names, server: names },
  };
  const kinds = Object.keys(faultKinds) as FaultKind[];

  const plan = planFaults(options);

  expect(planFaults(options)).toEqual(plan);
  expect(planFaults({ ...options, seed: 8 })).not.toEqual(plan);
  expect(new Set(plan.slice(0, kinds.length).map(({ kind }) => kind)).size).toBe(kinds.length);
  for (const { at, ms } of plan) expect(at + ms).toBeLessThanOrEqual(options.ms + 1);
});
