import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentKey, staff } from '../desk/staff';
import type { CommandLine } from './commandLine';
import { type Keys, type TokenName, writeKeys } from './keys';
import type { Addresses } from './ports';

export const siteId = 'ag-bank';

/** What a bank sets on its site: a `WidgetConfig`. */
const look = {
  brand_color: '#0f6b5c',
  greeting: 'How can we help?',
  subtitle: 'Freddy answers at once. People are here Monday to Friday, 8 to 18.',
  status_line: 'Freddy answers at once',
  suggestions: [
    { label: 'Account statement', icon: 'document' },
    { label: 'Block a card', icon: 'card' },
    { label: 'Find a branch', icon: 'pin' },
    { label: 'Talk to a person', icon: 'person' },
  ],
};

/** The least that each program needs: Freddy can't open pages' codes, the card page can't write messages. */
const deskScopes = [
  ...['conversations:read', 'conversations:write', 'messages:read', 'messages:write'],
  ...['users:read', 'agents:read', 'events:read', 'files:write'],
];
const ofAgent = (name: string) => ({ options: ['--name', name, '--agent'], scopes: deskScopes });
const [mira, jonas] = staff;
const tokenOptions: Record<TokenName, { options: string[]; scopes: string[] }> = {
  bot: { options: ['--name', 'Freddy', '--bot'], scopes: ['messages:write', 'conversations:write', 'users:read'] },
  cards: { options: ['--name', 'Card page'], scopes: ['web_views:read', 'web_views:write'] },
  mira: ofAgent(mira.name),
  jonas: ofAgent(jonas.name),
};
const botEvents = [
  ...['message_create', 'conversation_assignment', 'conversation_reopen'],
  ...['web_view_submit', 'web_view_close'],
];
/** Where conversations wait for a person. */
const advisers = 'Advisers';

type ListedToken = { id: string; agent_id?: string; scopes: string[]; revoked_time?: string };
type ListedWebhook = { id: string; url: string; events: string[] };

export type ReadyKeys = Required<Keys> & {
  /** Those of the staff with the agents that they are bound to. */
  tokens: Required<Keys['tokens']> & Record<AgentKey, { agentId: string }>;
  /** Freddy's own id among the agents, and the id of the group of advisers. */
  botAgentId: string;
  advisersId: string;
};

/** Does by the command line what a customer of Guichet does once; a second time it changes only what has to change. */
export async function setUp(guichet: CommandLine, at: Addresses, data: string, keys: Keys): Promise<ReadyKeys> {
  const save = () => writeKeys(data, keys);
  await save();
  keys.identityKey = await site(guichet, at, data, keys);
  await save();

  const { tokens: listed = [] } = (await guichet('token', 'list')) as { tokens?: ListedToken[] };
  const tokenFor = async (name: TokenName) => {
    const { options, scopes } = tokenOptions[name];
    const known = keys.tokens[name];
    const there = listed.find((token) => token.id === known?.id && !token.revoked_time);
    if (known && there && scopes.every((scope) => there.scopes.includes(scope))) {
      return { ...known, agentId: there.agent_id };
    }
    const asked = scopes.flatMap((scope) => ['--scope', scope]);
    const { id, token, agent_id } = (await guichet('token', 'create', ...options, ...asked)) as {
      id: string;
      token: string;
      agent_id?: string;
    };
    keys.tokens[name] = { id, token };
    await save();
    // An earlier version of this demo needed less of it.
    if (there) await guichet('token', 'revoke', there.id);
    return { id, token, agentId: agent_id };
  };
  const { agentId: botAgentId, ...bot } = await tokenFor('bot');
  const { agentId: _none, ...cards } = await tokenFor('cards');
  if (!botAgentId) throw new Error('Guichet gave Freddy’s token no agent of its own.');
  const atDesk = async (name: AgentKey) => {
    const { agentId, ...kept } = await tokenFor(name);
    if (!agentId) throw new Error(`Guichet gave the token of ${name} no agent of its own.`);
    return { ...kept, agentId };
  };
  const desk = { mira: await atDesk('mira'), jonas: await atDesk('jonas') };

  const webhook = await hook(guichet, `${at.bot}/webhook`, keys);
  keys.webhook = webhook;
  await save();
  const advisersId = await group(guichet, advisers);
  return { ...keys, identityKey: keys.identityKey, tokens: { bot, cards, ...desk }, webhook, botAgentId, advisersId };
}

async function group(guichet: CommandLine, name: string): Promise<string> {
  const { groups = [] } = (await guichet('group', 'list')) as { groups?: { id: string; name: string }[] };
  const known = groups.find((each) => each.name === name);
  if (known) return known.id;
  const added = (await guichet('group', 'add', name)) as { group: { id: string } };
  return added.group.id;
}

async function site(
  guichet: CommandLine,
  at: Addresses,
  data: string,
  keys: Keys,
): Promise<{ kid: string; secret: string }> {
  const config = join(data, 'site-config.json');
  await writeFile(config, JSON.stringify(look, null, 2));
  try {
    const options = [
      '--name',
      'AG Bank',
      '--host',
      at.bank,
      '--web-view-origin',
      at.cards,
      // The page for card limits stands in the bank's own, where the bank's sign-in counts.
      '--allow-host-mount',
      '--config',
      config,
      '--replace',
    ];
    const added = (await guichet('site', 'add', siteId, ...options)) as {
      identity_key?: { kid?: string; secret?: string };
    };
    const { kid, secret } = added.identity_key ?? {};
    if (kid && secret) return { kid, secret };
    // The site was there before: its secret is shown once only, so it has to be the one that we kept.
    if (keys.identityKey && (!kid || kid === keys.identityKey.kid)) return keys.identityKey;
    throw new Error(
      `The site ${siteId} is there already, but the secret of its identity key isn't in ${join(data, 'demo.json')}. Remove ${data} to start afresh.`,
    );
  } finally {
    await rm(config, { force: true });
  }
}

async function hook(guichet: CommandLine, url: string, keys: Keys): Promise<NonNullable<Keys['webhook']>> {
  const { webhooks = [] } = (await guichet('webhook', 'list')) as { webhooks?: ListedWebhook[] };
  const known = keys.webhook;
  const fits = ({ id, url: to, events }: ListedWebhook) =>
    id === known?.id && to === url && botEvents.every((name) => events.includes(name));
  const stands = known?.url === url && webhooks.some(fits);
  // Freddy's old addresses would only collect failures. Other people's webhooks stay.
  for (const each of webhooks) {
    const isOurs = each.id === known?.id || each.url === url;
    if (isOurs && !(stands && each.id === known?.id)) await guichet('webhook', 'remove', each.id);
  }
  if (known && stands) return known;
  const events = botEvents.flatMap((name) => ['--event', name]);
  const added = (await guichet('webhook', 'add', url, ...events)) as {
    webhook: { id: string };
    secret: string;
    public_key: string;
  };
  return { id: added.webhook.id, url, secret: added.secret, publicKey: added.public_key };
}
