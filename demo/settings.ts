/** Reads one setting of a demo program from its environment. Throws an Error that says what to set. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. The demo's programs are started by \`npm start\`, which sets it.`);
  return value;
}

/** An origin such as `http://bank.localhost:4181`. */
export function originSetting(name: string): string {
  const value = setting(name);
  if (!URL.canParse(value) || new URL(value).origin !== value) {
    throw new Error(
      `${name} has to be an origin such as http://bank.localhost:4181, without a path; it is "${value}".`,
    );
  }
  return value;
}
