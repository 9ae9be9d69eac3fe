type Schema = Record<string, unknown>;

/** What it costs to hold one value against one schema, in comparisons of two values: about a microsecond. */
const look = 20;

/**
 * Whether holding a value against a result schema (protocol/resultSchema) takes at most so many steps. The validator compares each item of
 * a `uniqueItems` with each other one, and does all of it again for each branch: eight kilobytes could keep the server busy for seconds.
 */
export function isCheap(value: unknown, schema: unknown, most: number): boolean {
  let left = most;
  /** Gives up as soon as it is too much. */
  function walk(of: unknown, by: unknown): void {
    left -= look;
    if (left < 0 || !isObject(by)) return;
    if (by.uniqueItems === true && Array.isArray(of)) left -= of.length * sizeOf(of);
    for (const key of ['allOf', 'anyOf', 'oneOf']) for (const branch of listOf(by[key])) walk(of, branch);
    if ('not' in by) walk(of, by.not);
    if (Array.isArray(of)) walkItems(of, by);
    else if (isObject(of)) walkFields(of, by);
  }
  function walkItems(of: unknown[], by: Schema): void {
    for (const [at, first] of listOf(by.prefixItems).entries()) if (at < of.length) walk(of[at], first);
    for (const key of ['items', 'contains']) if (key in by) for (const item of of) walk(item, by[key]);
  }
  function walkFields(of: Schema, by: Schema): void {
    const known = isObject(by.properties) ? by.properties : {};
    for (const [name, field] of Object.entries(of)) {
      if (Object.hasOwn(known, name)) walk(field, known[name]);
      else if ('additionalProperties' in by) walk(field, by.additionalProperties);
      if ('propertyNames' in by) walk(name, by.propertyNames);
    }
  }
  walk(value, schema);
  return left >= 0;
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** How many values there are in it, itself included. */
function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, each) => sum + sizeOf(each), 1);
}
