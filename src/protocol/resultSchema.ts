import * as v from 'valibot';
import { limits } from './limits';

/**
 * What a web view's result has to be, as JSON Schema (2020-12). Only keywords that need no other document and whose time can be told
 * beforehand, so that the server refuses what would take too long: a `pattern` could keep it busy for as long as its writer likes. A
 * keyword that isn't known here is a fault, so that no typo makes a schema that lets everything through.
 */
const schemas = ['items', 'additionalProperties', 'not', 'contains', 'propertyNames'];
const lists = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const maps = ['properties'];
const plain = [
  ...['$schema', 'title', 'description', 'examples', 'default', 'type', 'enum', 'const', 'required'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'minContains', 'maxContains'],
];
const types = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);
const counts = /^(?:min|max)(?:Length|Items|Properties|Contains)$/;
const numbers = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']);

type Fault = { at: (string | number)[]; expected: string };
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first fault of a schema, with the keys that lead to it; undefined for a good one. */
export function faultOfSchema(schema: unknown, at: Fault['at'] = []): Fault | undefined {
  if (typeof schema === 'boolean') return undefined;
  if (!isObject(schema)) return { at, expected: 'a JSON Schema: an object, true or false' };
  for (const [key, value] of Object.entries(schema)) {
    const fault = faultOfKeyword(key, value, [...at, key]);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfKeyword(key: string, value: unknown, at: Fault['at']): Fault | undefined {
  if (schemas.includes(key)) return faultOfSchema(value, at);
  if (lists.includes(key)) {
    if (!Array.isArray(value)) return { at, expected: 'a list' };
    return firstFault(
      value.map((each, index) => [each, index]),
      at,
    );
  }
  if (maps.includes(key)) {
    if (!isObject(value)) return { at, expected: 'an object' };
    return firstFault(
      Object.entries(value).map(([name, each]) => [each, name]),
      at,
    );
  }
  const expected = plain.includes(key)
    ? wrongValue(key, value)
    : 'a keyword of docs/web-views.md; patterns and references are not taken';
  return expected === undefined ? undefined : { at, expected };
}

function firstFault(inner: [unknown, string | number][], at: Fault['at']): Fault | undefined {
  for (const [schema, key] of inner) {
    const fault = faultOfSchema(schema, [...at, key]);
    if (fault) return fault;
  }
  return undefined;
}

function wrongValue(key: string, value: unknown): string | undefined {
  const texts = (list: unknown) => Array.isArray(list) && list.every((each) => typeof each === 'string');
  if (key === 'type') {
    const named = Array.isArray(value) ? value : [value];
    return named.length > 0 && named.every((each) => types.has(each)) ? undefined : [...types].join(', ');
  }
  if (key === 'required') return texts(value) ? undefined : 'a list of names';
  if (key === 'enum') return Array.isArray(value) && value.length > 0 ? undefined : 'a list that is not empty';
  if (key === 'uniqueItems') return typeof value === 'boolean' ? undefined : 'true or false';
  if (counts.test(key)) return Number.isInteger(value) && (value as number) >= 0 ? undefined : 'a whole number from 0';
  if (numbers.has(key)) return Number.isFinite(value) ? undefined : 'a number';
  if (key === 'multipleOf') return Number.isFinite(value) && (value as number) > 0 ? undefined : 'a number above 0';
  return undefined;
}

const pathItem = (key: string | number): v.IssuePathItem => ({
  type: 'unknown',
  origin: 'value',
  input: undefined,
  key,
  value: undefined,
});

export const ResultSchema = v.pipe(
  v.record(v.string(), v.unknown()),
  v.check(
    (schema) => JSON.stringify(schema).length <= limits.resultSchema,
    `at most ${limits.resultSchema} characters of JSON`,
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? faultOfSchema(dataset.value) : undefined;
    const [first, ...rest] = fault?.at.map(pathItem) ?? [];
    if (fault && first) addIssue({ message: fault.expected, expected: fault.expected, path: [first, ...rest] });
  }),
);
