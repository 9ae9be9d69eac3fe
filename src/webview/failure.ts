/** What the SDK throws and rejects with: an Error with a `code`. */
export const failure = (code: string, message: string) => Object.assign(new Error(message), { code });

/** Wrong use, told before anything has left the page. */
export const wrong = (what: string, expected: string, got: unknown) =>
  failure('invalid', `${what}: expected ${expected}, got ${nameOf(got)}`);

const nameOf = (value: unknown) => {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  return typeof value === 'object' && value ? (Array.isArray(value) ? 'an array' : 'an object') : String(value);
};
