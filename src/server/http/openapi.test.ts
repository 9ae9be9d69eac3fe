import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../protocol/rest';
import { webhookActions } from '../../protocol/webhook';
import { describeApi } from './openapi';
import { schemaChecks } from './schemaCheck';

type Media = { 'application/json'?: { schema: object; example?: unknown } };
type Operation = {
  operationId: string;
  security: { token: string[] }[];
  requestBody?: { content: Media & { 'multipart/form-data'?: object } };
  responses: Record<string, { content?: Media }>;
};
type Description = {
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, { post: Operation }>;
  components: { schemas: Record<string, object> };
};
let api: Description;
beforeAll(() => {
  api = describeApi('https://chat.example', '1.2.3') as Description;
});
const operations = () => Object.values(api.paths).flatMap((each) => Object.values(each));

describe('the description of the API', () => {
  test('passes the linter with every recommended rule', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guichet-openapi-'));
    const file = join(folder, 'openapi.json');
    const rules = { 'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true } };
    writeFileSync(file, JSON.stringify(api));
    writeFileSync(join(folder, 'redocly.yaml'), JSON.stringify({ extends: ['recommended'], rules }));
    const linter = fileURLToPath(new URL('../../../node_modules/@redocly/cli/bin/cli.js', import.meta.url));
    const env = { PATH: process.env.PATH, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const said = await new Promise<string>((resolve) => {
      const words = [linter, 'lint', file, '--format=json', '--config', join(folder, 'redocly.yaml')];
      execFile(process.execPath, words, { env, cwd: folder }, (_, stdout) => resolve(stdout));
    });
    rmSync(folder, { recursive: true });

    const { totals, problems } = JSON.parse(said) as { totals: object; problems: { ruleId: string }[] };
    expect(problems.map(({ ruleId, ...rest }) => `${ruleId} ${JSON.stringify(rest).slice(0, 300)}`)).toEqual([]);
    expect(totals).toMatchObject({ errors: 0, warnings: 0 });
  });

  test('has an example of each body and each answer, and each is what its schema says', () => {
    const checkOf = schemaChecks(api.components);
    const check = (what: string, media: Media | undefined) => {
      const json = media?.['application/json'];
      if (!json) return;
      expect(json, what).toHaveProperty('example');
      expect({ what, faults: checkOf(json.schema)(json.example) }).toEqual({ what, faults: undefined });
    };
    let answers = 0;
    for (const { operationId, requestBody, responses } of operations()) {
      check(`${operationId} body`, requestBody?.content);
      for (const [status, { content }] of Object.entries(responses)) {
        if (!status.startsWith('2')) continue;
        check(`${operationId} ${status}`, content);
        if (content) answers += 1;
      }
    }
    for (const action of webhookActions) check(action, api.webhooks[action]?.post.requestBody?.content);

    expect(answers).toBe(Object.values(routes).filter(({ answer }) => answer !== null).length);
    expect(checkOf(api.components.schemas.Message as object)({ id: 'x' })).toMatch(/must/); // The check can fail.
  });

  test('has names of its own for each operation, and the scope that each asks for', () => {
    const names = operations().map(({ operationId }) => operationId);

    expect(new Set(names).size).toBe(names.length);
    for (const { operationId, security } of operations())
      expect(security, operationId).toEqual([{ token: [routes[operationId as keyof typeof routes].scope] }]);
  });

  test('says each shape once, by the name that it has in the protocol', () => {
    const { schemas } = api.components;
    for (const name of ['Message', 'MessagePart', 'TextPart', 'Conversation', 'User', 'Agent', 'Webhook', 'Delivery'])
      expect(schemas, name).toHaveProperty(name);

    expect(Object.keys(schemas).filter((name) => /[^A-Za-z]/.test(name))).toEqual([]);
    expect(JSON.stringify(api.paths).match(/"in_reply_to"/g)?.length ?? 0).toBeLessThan(20); // In examples only.
    expect(JSON.stringify(api).length).toBeLessThan(400_000);
  });
});
