import { describe, expect, test } from 'vitest';
import { faultOfSchema } from '../../protocol/resultSchema';
import { isCheap } from './checkingCost';
import { checkResult } from './resultSchema';

const times = <T>(count: number, of: (at: number) => T) => Array.from({ length: count }, (_, at) => of(at));
const unique = { uniqueItems: true };

/** What a result comes to under a schema, and how long that takes. */
function check(items: unknown[], schema: object): { refused: string | undefined; milliseconds: number } {
  const whole = { properties: { items: schema } };
  expect(faultOfSchema(whole)).toBeUndefined();
  expect(JSON.stringify(whole).length).toBeLessThanOrEqual(4_096);
  expect(JSON.stringify({ items }).length).toBeLessThanOrEqual(8_192);
  const started = performance.now();
  let refused: string | undefined;
  try {
    checkResult({ items }, whole);
  } catch (error) {
    refused = (error as Error).message;
  }
  return { refused, milliseconds: performance.now() - started };
}

describe('a result of eight kilobytes', () => {
  const objects = times(800, (at) => ({ a: at }));
  const ones = times(4_000, () => 1);

  test.each<[string, unknown[], object]>([
    ['uniqueItems in many branches', objects, { anyOf: times(190, () => unique) }],
    ['uniqueItems in many negated branches', objects, { allOf: times(100, () => ({ not: { not: unique } })) }],
    ['uniqueItems on lists in a list', [objects], { items: { allOf: times(190, () => unique) } }],
    ['many branches on each item', ones, { items: { oneOf: times(1_000, () => ({})) } }],
    ['many branches that fail on each item', ones, { contains: { allOf: times(200, () => ({ type: 'null' })) } }],
  ])('under %s is refused at once, and told why', (_, items, schema) => {
    const { refused, milliseconds } = check(items, schema);

    expect(refused).toContain('take too long');
    expect(milliseconds).toBeLessThan(500);
  });

  test.each<[string, unknown[], object]>([
    ['numbers that all differ', times(1_700, (at) => at), { items: { type: 'integer' }, uniqueItems: true }],
    ['objects that all differ', objects, { items: { properties: { a: { type: 'integer' } } }, uniqueItems: true }],
    ['lists that all differ, under two branches', times(500, (at) => [at, 'x']), { allOf: [unique, unique] }],
    ['equal ones where they may be', ones, { items: { type: 'integer' } }],
  ])('of %s is taken', (_, items, schema) => {
    expect(check(items, schema).refused).toBeUndefined();
  });

  test('with two equal items among many is refused for that', () => {
    const { refused } = check([...times(1_000, (at) => at), 0], unique);

    expect(refused).toContain('Duplicate items');
  });
});

const list = times(100, (at) => at);

test.each<[string, unknown, unknown]>([
  ['properties', { a: list }, { properties: { a: unique } }],
  ['additionalProperties', { other: list }, { properties: { a: true }, additionalProperties: unique }],
  ['items', [list], { items: unique }],
  ['prefixItems', [list], { prefixItems: [unique] }],
  ['contains', [list], { contains: unique }],
  ['allOf', list, { allOf: [unique] }],
  ['anyOf', list, { anyOf: [unique] }],
  ['oneOf', list, { oneOf: [unique] }],
  ['not', list, { not: unique }],
])('what stands under %s is counted', (_, value, schema) => {
  expect(isCheap(value, schema, 10_000)).toBe(false);
  expect(isCheap(value, schema, 11_000)).toBe(true);
});

test.each<[string, unknown, unknown]>([
  ['a field that is not there', { b: list }, { properties: { a: unique } }],
  ['what is no list', { a: 1 }, { properties: { a: unique } }],
  ['uniqueItems: false', list, { uniqueItems: false }],
])('%s costs nothing', (_, value, schema) => {
  expect(isCheap(value, schema, 100)).toBe(true);
});
