import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tooLarge } from './size';

const bytes = (data: unknown) => new TextEncoder().encode(JSON.stringify(data)).length;

describe('tooLarge', () => {
  it('agrees to the byte with JSON in UTF-8', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (data) => {
        const exact = bytes(data);

        expect(tooLarge(data, exact)).toBeUndefined();
        expect(tooLarge(data, exact - 1)).toBe(`expected at most ${exact - 1} bytes of JSON`);
      }),
    );
  });

  it.each([['é'], ['€'], ['😀'], ['\ud800'], ['\udc00x'], ['"\\\n\u0001'], ['\u2028']])(
    'counts %j as JSON does',
    (text) => {
      expect(tooLarge(text, bytes(text))).toBeUndefined();
      expect(tooLarge(text, bytes(text) - 1)).toBeDefined();
    },
  );

  it('leaves out what JSON leaves out', () => {
    expect(tooLarge({ a: 1, b: undefined }, bytes({ a: 1 }))).toBeUndefined();
    expect(tooLarge(undefined, 0)).toBeUndefined();
  });

  it.each([
    ['a Map', new Map([['a', 'x'.repeat(1_000_000)]])],
    ['a Date', new Date(0)],
    ['bytes', new Uint8Array(8)],
    ['a buffer', new ArrayBuffer(1_000_000)],
    ['a bigint', 1n],
  ])('takes no %s', (_, data) => {
    expect(tooLarge({ data }, 1_000)).toMatch(/^expected plain data/);
  });

  it('stops early on what is endless', () => {
    const sparse: unknown[] = [];
    sparse.length = 4_000_000_000;
    const circle: unknown[] = [];
    circle.push(circle, circle);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];

    expect(tooLarge(sparse, 65_536)).toBeDefined();
    expect(tooLarge(circle, 65_536)).toBeDefined();
    expect(tooLarge(deep, 1_000_000)).toBe('expected data nested at most 64 deep');
  });
});
