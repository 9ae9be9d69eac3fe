import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import { startTestServer, type TestServer } from '../testServer';
import { guardedAgent, isPublic } from './guard';

/** What stands on this machine and must not be reached. */
let hits = 0;
const canary = createServer((_, response) => {
  hits += 1;
  response.end('secret');
});
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen(0, '::', resolve));
  port = (canary.address() as AddressInfo).port;
});
afterAll(() => canary.close());

type Resolve = NonNullable<Parameters<typeof guardedAgent>[1]>;
/** A resolver that says what the test wants, synchronously or later, and changes its mind when there are several answers. */
function resolver(answers: string[][], { later = true } = {}): { resolve: Resolve; asked: () => number } {
  let asked = 0;
  const resolve = ((_name: string, _options: object, callback: (error: Error | null, found: object[]) => void) => {
    const found = (answers[Math.min(asked, answers.length - 1)] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    asked += 1;
    if (later) setImmediate(() => callback(null, found));
    else callback(null, found);
  }) as unknown as Resolve;
  return { resolve, asked: () => asked };
}
async function reach(agent: Agent, url: string): Promise<string> {
  try {
    const { statusCode, body } = await request(url, { dispatcher: agent, signal: AbortSignal.timeout(3_000) });
    await body.dump();
    return String(statusCode);
  } catch (error) {
    return (error as Error).name;
  } finally {
    await agent.destroy();
  }
}

/** Spellings of this machine, as the URL parser takes them. */
const loopback = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '①②⑦.0.0.1',
  '127。0。0。1',
  '0',
  '0.0.0.0',
  '127.255.255.254',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fe80::1]',
  'localhost',
  'localhost.',
  'LOCALHOST',
  'bank.localhost',
  'bank.localhost.',
];

describe('with private networks off', () => {
  test.each(loopback)('http://%s is not reached, before any byte is sent', async (host) => {
    const before = hits;

    const outcome = await reach(guardedAgent(false), `http://${host}:${port}/`);

    expect(outcome).toBe('PrivateAddress');
    expect(hits).toBe(before);
  });

  test.each([
    ['the loopback', ['127.0.0.1']],
    ['the loopback of IPv6', ['::1']],
    ['an IPv4 address inside an IPv6 one', ['::ffff:127.0.0.1']],
    ['a public and a private address', ['93.184.216.34', '127.0.0.1']],
    ['a private and a public address', ['10.0.0.1', '93.184.216.34']],
    ['the cloud’s metadata', ['169.254.169.254']],
    ['nothing', []],
  ])('a name that resolves to %s is not reached', async (_, addresses) => {
    for (const later of [true, false]) {
      const before = hits;

      const outcome = await reach(
        guardedAgent(false, resolver([addresses], { later }).resolve),
        `http://name.example:${port}/`,
      );

      expect(outcome).not.toMatch(/^\d+$/);
      expect(hits).toBe(before);
    }
  });

  test('a name that changes its mind is asked once for each connection, and connected to what was checked', async () => {
    const { resolve, asked } = resolver([['203.0.113.1'], ['127.0.0.1']]);

    const outcome = await reach(guardedAgent(false, resolve), `http://name.example:${port}/`);

    expect(outcome).toBe('PrivateAddress'); // 203.0.113/24 is for documentation.
    expect(asked()).toBe(1);
    expect(hits).toBe(0);
  });
});

test('with private networks on, localhost and its names are reached', async () => {
  for (const host of ['127.0.0.1', 'localhost', 'bank.localhost'])
    expect(await reach(guardedAgent(true), `http://${host}:${port}/`), host).toBe('200');
});

describe('an address is', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '169.254.169.254',
    // Where clouds tell machines of themselves: Azure, Alibaba, Oracle, AWS and Google by IPv6.
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fe80::a9fe:a9fe',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:a00:1::',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '4000::1',
    'not an address',
    '',
  ])('not public: %s', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  test.each([
    '1.1.1.1',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '192.1.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '::ffff:1.1.1.1',
  ])('public: %s', (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

describe('subscribing', () => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await startTestServer({ allowPrivateNetwork: false });
    ({ token } = await server.token());
  });
  afterAll(() => server.stop());
  const subscribe = (url: unknown, events?: unknown) =>
    server.call<ErrorBody & { webhook: object; secret: string }>('POST', '/v2/webhooks', {
      token,
      body: { url, events },
    });

  test.each(loopback.map((host) => `https://${host}/hook`))('%s is refused', async (url) => {
    expect((await subscribe(url)).body).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
  });

  test('only to https, and to events that there are', async () => {
    for (const url of [
      'http://bot.example/',
      'ftp://bot.example/',
      'bot.example',
      '',
      null,
      'https://u:p@bot.example/',
      `https://bot.example/${'x'.repeat(2_048)}`,
    ])
      expect((await subscribe(url)).body, String(url)).toMatchObject({ status: 'INVALID_VALUE' });
    for (const events of [[], ['nothing'], 'message_create', [null]])
      expect((await subscribe('https://bot.example/', events)).body).toMatchObject({ status: 'INVALID_VALUE' });
    expect((await server.call<{ webhooks: [] }>('GET', '/v2/webhooks', { token })).body.webhooks).toEqual([]);

    const { status, body } = await subscribe('https://bot.example/hook');

    expect(status).toBe(201);
    expect(body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await server.call('GET', '/v2/webhooks', { token })).text).not.toContain(body.secret);
  });
});
