import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressReader, blockOf } from './address';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2::1', '2001:db8:1:2/64'],
  ['2001:db8:1:2:ffff::9', '2001:db8:1:2/64'],
  ['unknown', 'unknown'],
])('limits by address count %s as %s', (address, block) => {
  expect(blockOf(address)).toBe(block);
});

/** Whom a limit counts for a request that came through a proxy which wrote this. */
const countedFor = (forwarded: string, trustProxy = true) =>
  addressReader({ trustProxy })({
    headers: { 'x-forwarded-for': forwarded },
    socket: { remoteAddress: '127.0.0.1' },
  } as unknown as IncomingMessage);

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:50123', '203.0.113.7'],
  ['2001:db8:1:2::7', '2001:db8:1:2/64'],
  ['[2001:db8:1:2::7]', '2001:db8:1:2/64'],
  ['[2001:db8:1:2::7]:50123', '2001:db8:1:2/64'],
  ['[::ffff:203.0.113.7]:50123', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7:1', '203.0.113.7'],
  ['', '127.0.0.1'],
])('behind a proxy that writes %j the caller is %s', (forwarded, caller) => {
  expect(countedFor(forwarded)).toBe(caller);
});

test('what is forwarded counts for nothing where no proxy is trusted', () => {
  expect(countedFor('203.0.113.7', false)).toBe('127.0.0.1');
});
