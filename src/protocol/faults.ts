import type * as v from 'valibot';
import type { FaultDetail } from './errors';

type AnyIssue = v.GenericIssue;
type PathItem = v.IssuePathItem;
/** A fault with its whole path: inside a union valibot counts from the union. */
type Fault = { path: readonly PathItem[]; issue: AnyIssue; keys?: string };

/** The first of some faults in a line, and how many more there are. */
export function faultLine(details: readonly FaultDetail[]): string {
  const [first] = details;
  const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
  return `${first?.path || 'the value'} should be ${first?.expected}, got ${first?.received}${more}`;
}

/** Each fault in what came, at most `most`. Of a union's branches only the one that the sender meant has its say. */
export function faults(issues: readonly AnyIssue[], most = 20): FaultDetail[] {
  return issues
    .flatMap((issue) => meant(issue, []))
    .slice(0, most)
    .map(describe);
}

/**
 * A union's issue holds what each of its branches misses. Our unions are of objects that are told by their key: the branch
 * whose key is there, and which has faults inside it, is the one that was meant.
 */
function meant(issue: AnyIssue, at: readonly PathItem[]): Fault[] {
  const path = [...at, ...(issue.path ?? [])];
  const inner = issue.issues ?? [];
  if (inner.length === 0 || !isObject(issue.input)) return [{ path, issue }];
  const keyOf = (each: AnyIssue) => String(each.path?.[0]?.key);
  const inBranches = inner.filter((each) => each.path && each.expected !== 'never');
  const begun = inBranches.filter((each) => Object.hasOwn(issue.input as object, keyOf(each)));
  if (new Set(begun.map(keyOf)).size === 1) return begun.flatMap((each) => meant(each, path));
  return [{ path, issue, keys: [...new Set(inBranches.map(keyOf))].join(', ') }];
}

function describe({ path: items, issue, keys }: Fault): FaultDetail {
  const path = pathText(items.map(({ key }) => key as string | number));
  if (keys !== undefined) {
    const isOurs = !issue.message.startsWith('Invalid type');
    return { path, expected: isOurs ? issue.message : `an object with one of ${keys}`, received: keysOf(issue.input) };
  }
  return { path, expected: clip(expectationOf(issue)), received: clip(issue.received) };
}

/** As a program would write it: `message_parts[0].text.content`. */
export const pathText = (keys: readonly (string | number)[]) =>
  keys.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? key : `.${key}`)).join('');

function expectationOf(issue: AnyIssue): string {
  const unit = (count: unknown) => (typeof issue.input === 'string' ? `${count} characters` : `${count} in the list`);
  switch (issue.type) {
    case 'check':
    case 'raw_check':
    case 'custom':
      return issue.message;
    case 'max_length':
      return `at most ${unit(issue.requirement)}`;
    case 'min_length':
      return `at least ${unit(issue.requirement)}`;
    case 'length':
      return `exactly ${unit(issue.requirement)}`;
    default:
      return issue.expected ?? issue.message;
  }
}

const isObject = (input: unknown): input is object => typeof input === 'object' && input !== null;
const keysOf = (input: unknown) => clip(`one with ${Object.keys(input as object).join(', ') || 'nothing'}`);
const clip = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
