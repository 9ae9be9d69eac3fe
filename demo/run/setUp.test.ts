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
  const tokens: { id: string; agent_id?: string; scopes: string[]; revoked_time?: string }[] = [];
  const webhooks: { id: string; url: string; events: string[] }[] = [];
  const groups: { id: string; name: string }[] = [];
  const said: string[] = [];
  const guichet: CommandLine = async (noun, verb, ...rest) => {
    said.push(`${noun} ${verb}`);
    const id = `${noun}-${said.length}`;
    if (noun === 'site') {
      const answer = site ? { kid: 'k1' } : { kid: 'k1', secret: 'shown once' };
      site = true;
      return { site: {}, identity_key: answer };
    }
    const all = (flag: string) => rest.filter((_, index) => rest[index - 1] === flag);
    if (verb === 'list') return { tokens, webhooks, groups };
    if (noun === 'group') {
      groups.push({ id, name: rest[0] ?? '' });
      return { group: { id } };
    }
    if (verb === 'revoke') {
      Object.assign(tokens.find((each) => each.id === rest[0]) ?? {}, { revoked_time: 'now' });
      return {};
    }
    if (noun === 'token') {
      const made = {
        id,
        scopes: all('--scope'),
        ...(rest.includes('--bot') || rest.includes('--agent') ? { agent_id: `agent of ${id}` } : {}),
      };
      tokens.push(made);
      return { ...made, token: `secret of ${id}` };
    }
    if (verb === 'remove') {
      webhooks.splice(
        webhooks.findIndex((each) => each.id === rest[0]),
        1,
      );
      return {};
    }
    webhooks.push({ id, url: rest[0] ?? '', events: all('--event') });
    return { webhook: { id }, secret: 'whsec_x', public_key: 'PEM' };
  };
  return {
    guichet,
    said,
    tokens,
    webhooks,
    groups,
    loseDatabase() {
      tokens.length = 0;
      webhooks.length = 0;
      groups.length = 0;
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
  expect(place.said).toEqual(['site add', 'token list', 'webhook list', 'group list']);
});

it('moves the webhook with the bot’s address, and leaves other people’s alone', async () => {
  const place = installation();
  await run(place);
  place.webhooks.push({ id: 'theirs', url: 'http://crm.example/hook', events: [] });
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

it('gives Freddy what he needs today when he was set up by an earlier version, and takes the old token back', async () => {
  const place = installation();
  const first = await run(place);
  for (const token of place.tokens) token.scopes = token.scopes.filter((scope) => scope !== 'conversations:write');
  for (const webhook of place.webhooks) webhook.events = ['message_create'];
  const second = await run(place);

  expect(second.tokens.bot.id).not.toBe(first.tokens.bot.id);
  expect(second.tokens.cards).toEqual(first.tokens.cards);
  expect(second.botAgentId).toBe(`agent of ${second.tokens.bot.id}`);
  expect(place.tokens.find(({ id }) => id === first.tokens.bot.id)?.revoked_time).toBe('now');
  expect(place.webhooks.map(({ events }) => events.includes('conversation_assignment'))).toEqual([true]);
  expect(place.groups).toEqual([{ id: second.advisersId, name: 'Advisers' }]);
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
