/**
 * Reads what came through a door of the browser's side into a type of `src/protocol`.
 *
 * The schemas there are the contract, and a test holds these readings against them. They aren't used here themselves because
 * what the customer waits for must be small: with the schema library it would be 5 kB more than these few lines.
 * Unknown fields are left out, as there.
 */
export type Shape<T> = (input: unknown) => T;

function fail(expected: string, input: unknown): never {
  throw new TypeError(`expected ${expected}, got ${input === null ? 'null' : typeof input}`);
}
const isObject = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

export const text: Shape<string> = (input) => (typeof input === 'string' ? input : fail('text', input));
export const flag: Shape<boolean> = (input) => (typeof input === 'boolean' ? input : fail('true or false', input));
export const number: Shape<number> = (input) => (Number.isFinite(input) ? (input as number) : fail('a number', input));
export const count: Shape<number> = (input) =>
  Number.isSafeInteger(input) && (input as number) >= 0 ? (input as number) : fail('a count', input);
export const record: Shape<Record<string, unknown>> = (input) => (isObject(input) ? input : fail('an object', input));
export const oneOf =
  <const T extends string>(...values: T[]): Shape<T> =>
  (input) =>
    values.includes(input as T) ? (input as T) : fail(values.join(' or '), input);
export const maybe =
  <T>(of: Shape<T>): Shape<T | undefined> =>
  (input) =>
    input === undefined ? undefined : of(input);
export const list =
  <T>(of: Shape<T>): Shape<T[]> =>
  (input) =>
    Array.isArray(input) ? input.map((each) => of(each)) : fail('a list', input);
export const object =
  <T extends object>(fields: { [K in keyof Required<T>]: Shape<T[K & keyof T]> }): Shape<T> =>
  (input) => {
    const from = record(input);
    const read: Record<string, unknown> = {};
    for (const key in fields) {
      const value = fields[key as keyof typeof fields](from[key]);
      if (value !== undefined) read[key] = value;
    }
    return read as T;
  };

/** An absolute http(s) URL without user-info, as the URL parser writes it: nothing else may become a link, a picture or a frame. */
export const httpUrl: Shape<string> = (input) => {
  const url = safeUrl(text(input));
  return url ? url.href : fail('an http or https URL', input);
};
export function safeUrl(input: string): URL | undefined {
  if (input.length > 2_048 || !URL.canParse(input)) return undefined;
  const url = new URL(input);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url : undefined;
}

/** The value, or undefined when it has another shape. */
export function attempt<T>(shape: Shape<T>, input: unknown): T | undefined {
  try {
    return shape(input);
  } catch {
    return undefined;
  }
}
/** The same of JSON text, such as what storage holds. */
export function attemptJson<T>(shape: Shape<T>, json: string | null): T | undefined {
  return attempt((input) => shape(JSON.parse(String(input))), json);
}
