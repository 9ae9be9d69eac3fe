import fc from 'fast-check';
import type * as v from 'valibot';

/**
 * For tests: bodies that a schema half describes. Most of each is right, so that what is wrong lies deep inside, where a
 * careless door looks last.
 */
export function arbitraryBody(schema: v.GenericSchema): fc.Arbitrary<unknown> {
  return withFaults(right(schema as unknown as Described));
}

/** What is read of a valibot schema; the rest of its kinds comes out as any JSON. */
type Described = {
  type: string;
  entries?: Record<string, Described>;
  wrapped?: Described;
  item?: Described;
  options?: readonly (Described | string)[];
  literal?: unknown;
  getter?: (input: unknown) => Described;
  pipe?: readonly { type: string; requirement?: unknown }[];
};

const optional = new Set(['optional', 'nullish', 'nullable']);

function right(schema: Described, depth = 0): fc.Arbitrary<unknown> {
  const inner = (each: Described) => right(each, depth + 1);
  if (depth > 40) return fc.constant(null); // A schema that holds itself.
  switch (schema.type) {
    case 'object':
    case 'strict_object': {
      const entries = Object.entries(schema.entries ?? {});
      const requiredKeys = entries.filter(([, each]) => !optional.has(each.type)).map(([key]) => key);
      const fields = Object.fromEntries(entries.map(([key, each]) => [key, withFaults(inner(each))]));
      return fc.record(fields, { requiredKeys });
    }
    case 'optional':
    case 'nullish':
    case 'nullable':
      return inner(schema.wrapped as Described);
    case 'lazy':
      return fc.constant(null).chain(() => inner(schema.getter?.(undefined) as Described));
    case 'array':
      return fc.array(withFaults(inner(schema.item as Described)), { minLength: 1, maxLength: mostOf(schema) });
    case 'union':
    case 'variant':
      return fc.oneof(...(schema.options as Described[]).map(inner));
    case 'picklist':
      return fc.constantFrom(...(schema.options as string[]));
    case 'literal':
      return fc.constant(schema.literal);
    case 'string':
      // What is parsed further is a URL.
      return schema.pipe?.some(({ type }) => type === 'raw_transform') ? fc.oneof(url, text) : text;
    case 'number':
      return fc.oneof(fc.nat(1_000), fc.double(), fc.integer());
    case 'boolean':
      return fc.boolean();
    case 'record':
      return fc.dictionary(fc.oneof(fc.string(), hostileKeys), fc.jsonValue({ maxDepth: 3 }));
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

/** A template's section holds exactly one part. */
const mostOf = ({ pipe }: Described) =>
  pipe?.some(({ type, requirement }) => type === 'length' && requirement === 1) ? 1 : 3;

const hostileKeys = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '');

/** Words that other layers trip over. */
export const hostileTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\u202e\u2066',
  '\ufeff',
  '\u2028\u2029',
  '👩‍👩‍👧‍👦'.repeat(50),
  'e\u0301'.repeat(100),
  'x'.repeat(3_000),
  "'; DROP TABLE events; --",
  '" OR ""="',
  '%00%2e%2e%2f',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '1e999',
  'NaN',
  'null',
  'undefined',
  '[object Object]',
  '-1',
];
const url = fc.constantFrom(
  'https://cards.bank.example/x',
  'https://bank.example/a.png',
  'https://user@bank.example/',
  'javascript:alert(1)',
  'https://xn--bcher-kva.example/%00?#',
);
const text = fc.oneof(
  fc.constantFrom('Yes', 'Statement', '<b>Pick</b>', '<img src=x>', '<a href="javascript:x">x</a>'),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...hostileTexts, 'https://cards.bank.example/x', 'https://bank.example/a.png', 'bot', 'user'),
);

const withFaults = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 14, arbitrary: good },
    { weight: 1, arbitrary: fc.constantFrom(null, '', 0, -1, 1e308, true, [], {}, [[]], ...hostileTexts) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    {
      weight: 1,
      arbitrary: good.map((value) => (typeof value === 'object' && value ? { ...value, extra: 1 } : value)),
    },
  );
