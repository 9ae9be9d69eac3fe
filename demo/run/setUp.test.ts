import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CommandLine } from './commandLine';
import { readKeys } from './keys';
import { addressesAt } from './ports';
import { setUp } from './setUp';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'demo-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

/** The command line of an installation, in memory. */
function installation() {
  let site = false;
  const tokens: { id: string }[] = [];
  const webhooks: { id: string; url: string }[] = [];
  const said: string[] = [];
  const guichet: CommandLine = async (noun, verb, ...rest) => {
    said.push(`${noun} ${verb}`);
    const id = `${noun}-${said.length}`;
    if (noun === 'site') {
      const answer = site ? { kid: 'k1' } : { kid: 'k1', secret: 'shown once' };
      site = true;
      return { site: {}, identity_key: answer };
    }
    if (verb === 'list') return { tokens, webhooks };
    if (noun === 'token') {
      tokens.push({ id });
      return { id, token: `secret of ${id}` };
    }
    if (verb === 'remove') {
      webhooks.splice(
        webhooks.findIndex((each) => each.id === rest[0]),
        1,
      );
      return {};
    }
    webhooks.push({ id, url: rest[0] ?? '' });
    return { webhook: { id }, secret: 'whsec_x', public_key: 'PEM' };
  };
  return {
    guichet,
    said,
    tokens,
    webhooks,
    loseDatabase() {
      tokens.length = 0;
      webhooks.length = 0;
      site = false;
    },
  };
}
const run = async (it: ReturnType<typeof installation>, base = 4380) =>
  setUp(it.guichet, addressesAt(base), data, await readKeys(data));

it('makes everything once, and nothing a second time', async () => {
  const place = installation();
  const first = await run(place);
  place.said.length = 0;
  const second = await run(place);

  expect(second).toEqual(first);
  expect(place.said).toEqual(['site add', 'token list', 'webhook list']);
});

it('moves the webhook with the bot’s address, and leaves other people’s alone', async () => {
  const place = installation();
  await run(place);
  place.webhooks.push({ id: 'theirs', url: 'http://crm.example/hook' });
  await run(place, 4390);

  expect(place.webhooks.map(({ url }) => url)).toEqual([
    'http://crm.example/hook',
    'http://bot.localhost:4393/webhook',
  ]);
});

it('starts anew when the database was removed', async () => {
  const place = installation();
  const first = await run(place);
  place.loseDatabase();
  const second = await run(place);

  expect(second.tokens.bot.id).not.toBe(first.tokens.bot.id);
  expect(place.webhooks).toHaveLength(1);
});

it('says what to do when the site’s secret is lost', async () => {
  const place = installation();
  await run(place);
  await rm(join(data, 'demo.json'));

  await expect(run(place)).rejects.toThrow(/Remove .* to start afresh/);
});

it('keeps its secrets for the owner’s eyes', async () => {
  await run(installation());

  expect((await stat(join(data, 'demo.json'))).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(join(data, 'demo.json'), 'utf8')).webhook.secret).toBe('whsec_x');
});
