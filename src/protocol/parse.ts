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
type PathItem = v.IssuePathItem;
/** A fault with its whole path: inside a union valibot counts from the union. */
type Fault = { path: readonly PathItem[]; issue: AnyIssue; keys?: string };

/** Of a union's branches, the one that the sender most likely meant is the one whose faults lie deepest. */
export function faults(issues: readonly AnyIssue[], most = 20): FaultDetail[] {
  return issues
    .flatMap((issue) => deepest(issue, []))
    .slice(0, most)
    .map(describe);
}

function deepest(issue: AnyIssue, at: readonly PathItem[]): Fault[] {
  const path = [...at, ...(issue.path ?? [])];
  if (!issue.issues?.length) return [{ path, issue }];
  const inner = issue.issues.flatMap((each) => deepest(each, path));
  const depth = Math.max(...inner.map((each) => each.path.length));
  if (depth <= path.length) return [{ path, issue }];
  const wanted = inner.filter((each) => each.path.length === depth);
  if (depth > path.length + 1 || !wanted.every(isAboutKey)) return wanted;
  // No branch knows this object: say which keys there are rather than what each branch misses.
  const keys = new Set(wanted.filter((each) => each.issue.received === 'undefined').map(lastKey));
  return [{ path, issue, keys: [...keys].join(', ') }];
}

const lastKey = (fault: Fault) => String(fault.path.at(-1)?.key);
const isAboutKey = ({ issue }: Fault) => issue.received === 'undefined' || issue.expected === 'never';

function describe({ path: items, issue, keys }: Fault): FaultDetail {
  const path = items
    .map(({ key }, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`))
    .join('');
  const custom = issue.type === 'check' || issue.type === 'raw_check' || issue.type === 'custom';
  if (keys) return { path, expected: `an object with one of ${keys}`, received: clip(keysOf(issue.input)) };
  return {
    path,
    expected: clip(custom ? issue.message : (issue.expected ?? issue.message)),
    received: clip(issue.received),
  };
}

const keysOf = (input: unknown) =>
  typeof input === 'object' && input !== null ? `one with ${Object.keys(input).join(', ') || 'nothing'}` : typeof input;

const clip = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
