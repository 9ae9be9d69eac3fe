import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rangeOf } from './range';

test.each<[header: string | undefined, range: ReturnType<typeof rangeOf>]>([
  [undefined, 'all'],
  ['bytes=0-', { first: 0, last: 99 }],
  ['bytes=10-19', { first: 10, last: 19 }],
  ['bytes=99-', { first: 99, last: 99 }],
  ['bytes=90-1000', { first: 90, last: 99 }],
  ['bytes=-10', { first: 90, last: 99 }],
  ['bytes=-1000', { first: 0, last: 99 }],
  ['Bytes= 1 - 2 ', { first: 1, last: 2 }],
  ['bytes=100-', 'none'],
  ['bytes=999999999999999-', 'none'],
  ['bytes=-0', 'none'],
  ['bytes=5-2', 'all'],
  ['bytes=-', 'all'],
  ['bytes=', 'all'],
  ['bytes=a-b', 'all'],
  ['bytes=0-1,5-6', 'all'],
  ['bytes=0x1-2', 'all'],
  ['bytes=9999999999999999-', 'all'],
  ['lines=1-2', 'all'],
  ['bytes=1--2', 'all'],
])('%j of 100 bytes is %j', (header, range) => {
  expect(rangeOf(header, 100)).toEqual(range);
});

test('whatever is asked for lies within the file', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(), fc.nat(), (size, from, to) => {
      for (const header of [`bytes=${from}-${to}`, `bytes=${from}-`, `bytes=-${to}`]) {
        const range = rangeOf(header, size);
        if (typeof range === 'string') continue;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(size);
      }
    }),
  );
});
