import * as v from 'valibot';
import { type FaultDetail, GuichetError } from './errors';

/**
 * Parses what came through a door. Throws `GuichetError('INVALID_VALUE')` with the path of each fault.
 *
 * @param what names the thing for the developer, e.g. `body`
 */
export function parse<S extends v.GenericSchema>(schema: S, input: unknown, what = 'body'): v.InferOutput<S> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const details = faults(result.issues);
  const first = details[0];
  const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
  throw new GuichetError(
    'INVALID_VALUE',
    `${what}: ${first?.path || 'the value'} should be ${first?.expected}, got ${first?.received}${more}`,
    details,
  );
}

type AnyIssue = v.GenericIssue;

/** Of a union's branches, the one that the sender most likely meant is the one whose faults lie deepest. */
export function faults(issues: readonly AnyIssue[], most = 20): FaultDetail[] {
  return issues.flatMap(deepest).slice(0, most).map(describe);
}

function deepest(issue: AnyIssue): AnyIssue[] {
  if (!issue.issues?.length) return [issue];
  const inner = issue.issues.flatMap(deepest);
  const depth = Math.max(...inner.map(depthOf));
  if (depth <= depthOf(issue)) return [issue];
  return inner.filter((each) => depthOf(each) === depth);
}

const depthOf = (issue: AnyIssue) => issue.path?.length ?? 0;

function describe(issue: AnyIssue): FaultDetail {
  const path = (issue.path ?? [])
    .map(({ key }, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`))
    .join('');
  const custom = issue.type === 'check' || issue.type === 'raw_check' || issue.type === 'custom';
  return {
    path,
    expected: clip(custom ? issue.message : (issue.expected ?? issue.message)),
    received: clip(issue.received),
  };
}

const clip = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
