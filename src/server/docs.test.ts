import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTable } from '../protocol/errors';
import { limits } from '../protocol/limits';
import { routes } from '../protocol/rest';
import { retrySchedule } from '../protocol/webhook';
import { environment } from './config';

/** Tables that are written from the code. `npx vitest run src/server/docs.test.ts -u` writes them anew. */
const page = (name: string) => new URL(`../../docs/${name}`, import.meta.url).pathname;
const source = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('docs/errors.md lists every error code', async () => {
  const rows = Object.entries(errorTable).map(
    ([code, [status, meaning]]) => `| ${status} | \`${code}\` | ${meaning} |`,
  );

  const text = `# Error codes

Every answer that isn't 2xx has this body; \`details\` is there when single values are wrong:

\`\`\`json
{ "code": 400, "status": "INVALID_VALUE", "message": "body: message_parts[0].text.content should be text that is not blank, got \\"\\"",
  "details": [{ "path": "message_parts[0].text.content", "expected": "text that is not blank", "received": "\\"\\"" }] }
\`\`\`

| HTTP | status | means |
|---|---|---|
${rows.join('\n')}
`;

  await expect(text).toMatchFileSnapshot(page('errors.md'));
});

test('docs/limits.md lists every limit', async () => {
  const table = source('../protocol/limitTable.ts').matchAll(/\/\*\* (.+?) \*\/\nexport const (\w+)/g);
  const notes = new Map(Array.from(table, ([, note, name]) => [name, note]));
  // In the table's order: that of a namespace is the alphabet's.
  const names = new Set([...notes.keys(), ...Object.keys(limits)]) as Set<keyof typeof limits>;
  const rows = Array.from(names, (name) => `| \`${name}\` | ${limits[name]} | ${notes.get(name) ?? ''} |`);

  const text = `# Limits

Characters are UTF-16 units unless said. What is over a limit is refused with \`400 INVALID_VALUE\` (or \`413\`) and nothing is stored.

| limit | value | what |
|---|---|---|
${rows.join('\n')}
`;

  await expect(text).toMatchFileSnapshot(page('limits.md'));
});

test('docs/configuration.md lists every setting of the server', async () => {
  const config = source('./config.ts');
  const rows = Object.entries(environment.entries).map(([name, schema]) => {
    const note = new RegExp(`/\\*\\* ([^*]+) \\*/\\s+${name}:`).exec(config)?.[1]?.trim() ?? '';
    const standard = 'default' in schema && schema.default !== undefined ? `\`${String(schema.default)}\`` : '';
    return `| \`${name}\` | ${standard} | ${note} |`;
  });

  const text = `# Configuration

The server is configured by its environment. A wrong value stops it at the start, with a line that names the variable, what was expected and what came.

| variable | default | what |
|---|---|---|
${rows.join('\n')}
`;

  await expect(text).toMatchFileSnapshot(page('configuration.md'));
});

test('docs/routes.md lists every door of /v2 with its scope', async () => {
  const rows = Object.values(routes).map(
    ({ method, path, scope, summary }) => `| ${method.toUpperCase()} | \`/v2${path}\` | \`${scope}\` | ${summary} |`,
  );

  const text = `# Doors of /v2

The whole description, with every field and examples, is served by the server itself: at \`/docs\` for people, at \`/openapi.json\` for machines (OpenAPI 3.1).

| method | path | scope | what |
|---|---|---|---|
${rows.join('\n')}
`;

  await expect(text).toMatchFileSnapshot(page('routes.md'));
});

test('docs/retries.md tells the schedule of webhook retries', async () => {
  let total = 0;
  const rows = retrySchedule.map((seconds, at) => {
    total += seconds;
    return `| ${at + 2} | ${humanTime(seconds)} | ${humanTime(total)} |`;
  });

  const text = `# When a webhook is tried again

Each wait has a jitter of ±10 %, and is longer where the receiver's \`Retry-After\` asks for more (at most a day). An attempt
that has no answer within 15 s has failed. After the last attempt the delivery is kept as a dead letter.

| attempt | after a wait of | since the first |
|---|---|---|
| 1 | at once | |
${rows.join('\n')}
`;

  await expect(text).toMatchFileSnapshot(page('retries.md'));
});

test("README's bot is the one in demo/bot/tiny.mjs", () => {
  expect(source('../../README.md')).toContain(source('../../demo/bot/tiny.mjs').trim());
});

function humanTime(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${+(seconds / 60).toFixed(1)} min`;
  return `${+(seconds / 3_600).toFixed(1)} h`;
}
