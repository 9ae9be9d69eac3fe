import { type Schema, Validator } from '@cfworker/json-schema';
import type { FaultDetail } from '../../protocol/errors';
import { invalid } from '../../protocol/parse';
import { isCheap } from './checkingCost';

/** Steps that one check may take: a list of all that a result has room for is compared within them, and a slow machine is busy for a quarter of a second. */
const mostSteps = 5_000_000;

/**
 * Holds a result against the schema that the button came with.
 *
 * @throws GuichetError INVALID_VALUE with the place of each fault, and what was expected there; never with what came; and for a result that
 *   would take too long
 */
export function checkResult(result: Record<string, unknown>, schema: Record<string, unknown> | undefined): void {
  if (!schema) return;
  if (!isCheap(result, schema, mostSteps)) throw invalid([tooMuch], 'result');
  const { valid, errors } = new Validator(schema as Schema, '2020-12', false).validate(result);
  if (valid) return;
  // A fault is told by each level above it too: the deepest ones say what is wrong.
  const above = new Set<string>();
  for (const { instanceLocation } of errors) {
    for (let at = parentOf(instanceLocation); at && !above.has(at); at = parentOf(at)) above.add(at);
  }
  const leaves = errors.filter(({ instanceLocation }) => !above.has(instanceLocation));
  const details: FaultDetail[] = leaves
    .slice(0, 20)
    .map(({ instanceLocation, error }) => ({ path: pathOf(instanceLocation), expected: error, received: 'another' }));
  throw invalid(details, 'result');
}

const tooMuch: FaultDetail = {
  path: 'result',
  expected: 'fewer items: so many take too long to be held against this schema (uniqueItems, branches)',
  received: 'another',
};

const parentOf = (pointer: string) => pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')));

/** `#/items/0/name` → `result.items[0].name`. */
const pathOf = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : `${path}.${key}`), 'result');
