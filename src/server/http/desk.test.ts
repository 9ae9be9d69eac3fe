import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Channel } from '../../protocol/rest/channels';
import type { Conversation, ListedConversation } from '../../protocol/rest/conversations';
import type { Group } from '../../protocol/rest/people';
import { scopes } from '../../protocol/rest/route';
import type { User } from '../../protocol/rest/users';
import {
  conversationPath,
  customerLog,
  readConversation,
  says,
  startTestServer,
  type TestServer,
  vouch,
} from '../testServer';

/** Conversations as those see them who answer: listed, given to somebody, waiting; and the channels that they come in by. */
let server: TestServer;
let bot: { token: string; agentId: string };
let channelId: string;
beforeAll(async () => {
  server = await startTestServer();
  bot = await server.token(undefined, { bot: true });
  channelId = (await server.site()).site.channelId;
});
afterAll(() => server.stop());

type List = { conversations: ListedConversation[]; pagination: { total_items: number } };
const send = <T>(method: string, path: string, body?: unknown, token = bot.token) =>
  server.call<T & ErrorBody>(method, path, { token, ...(body === undefined ? {} : { body }) });
const list = async (query: Record<string, string> = {}, token = bot.token) =>
  (await send<List>('GET', `/v2/conversations?${new URLSearchParams(query)}`, undefined, token)).body;
const idsOf = ({ conversations }: List) => conversations.map(({ conversation_id }) => conversation_id);
const put = (id: string, body: object) => send<Conversation>('PUT', conversationPath(id), body);
const say = (id: string, text: string) => send('POST', conversationPath(id, '/messages'), says(text));

describe('the list of conversations', () => {
  test('has the one in which something happened last first', async () => {
    const [first, second, third] = [
      await server.conversation(),
      await server.conversation(),
      await server.conversation(),
    ];
    expect(idsOf(await list()).slice(0, 3)).toEqual([third.id, second.id, first.id]);

    await say(first.id, 'You?');
    expect(idsOf(await list()).slice(0, 3)).toEqual([first.id, third.id, second.id]);
    await put(second.id, { properties: { priority: 'High' } });
    expect(idsOf(await list())[0]).toBe(second.id);
    await put(second.id, { status: 'new' }); // It is that already.
    await say(third.id, 'And you?');
    await put(second.id, { status: 'new' });
    expect(idsOf(await list())[0]).toBe(third.id);
  });

  test('tells the last message and how many of the customer’s are unread', async () => {
    const { customer, id } = await server.conversation('One');
    await customer.send('Two', { conversation_id: id });
    await say(id, 'By the bot');
    const entry = async () => (await list()).conversations.find(({ conversation_id }) => conversation_id === id);

    expect(await entry()).toMatchObject({
      unread: 2,
      last_message: { actor_type: 'bot', message_parts: [{ text: { content: 'By the bot' } }] },
    });
    const { seq } = await readConversation(server, id);
    await send('POST', conversationPath(id, '/read'), { up_to: seq });
    expect(await entry()).toMatchObject({ unread: 0, business_read: seq, customer_read: 0 });
    await customer.send('Three', { conversation_id: id });
    expect(await entry()).toMatchObject({
      unread: 1,
      last_message: { message_parts: [{ text: { content: 'Three' } }] },
    });
  });

  test('shows no message to a token that may not read messages', async () => {
    await server.conversation('Secret');
    const reader = await server.token(scopes.filter((scope) => scope !== 'messages:read'));

    const body = await list({}, reader.token);

    expect(body.conversations.length).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toContain('last_message');
    expect(JSON.stringify(body)).not.toContain('Secret');
  });

  test('is narrowed by status, assignee, user, channel and time, and paged', async () => {
    const group = (await send<Group>('POST', '/v2/groups', { name: 'Cards' })).body.id;
    const [a, b, c] = [await server.conversation(), await server.conversation(), await server.conversation()];
    await put(a.id, { assigned_agent_id: bot.agentId });
    await put(b.id, { assigned_group_id: group });
    await put(c.id, { status: 'resolved' });

    expect(idsOf(await list({ assigned_agent_id: bot.agentId }))).toEqual([a.id]);
    expect(idsOf(await list({ assigned_group_id: group }))).toEqual([b.id]);
    expect(idsOf(await list({ user_id: c.userId }))).toEqual([c.id]);
    expect(idsOf(await list({ user_id: c.userId, channel_id: channelId, status: 'resolved' }))).toEqual([c.id]);
    expect(idsOf(await list({ user_id: c.userId, status: 'new, assigned' }))).toEqual([]);
    expect(idsOf(await list({ status: 'resolved,assigned' })).slice(0, 2)).toEqual([c.id, a.id]);
    const nobodys = idsOf(await list({ assigned_agent_id: 'none', assigned_group_id: 'none' }));
    expect(nobodys).toContain(c.id);
    expect(nobodys).not.toContain(a.id);
    expect(nobodys).not.toContain(b.id);
    const { updated_time } = await readConversation(server, b.id);
    expect(idsOf(await list({ updated_from: updated_time }))).toEqual([c.id, b.id]);
    expect(idsOf(await list({ channel_id: 'nothing' }))).toEqual([]);

    const pages = [await list({ items_per_page: '2' }), await list({ items_per_page: '2', page: '2' })];
    expect(pages.flatMap(idsOf)).toEqual(idsOf(await list()).slice(0, 4));
    for (const query of ['status=closed', 'status=', 'updated_from=yesterday', 'page=0'])
      expect((await send('GET', `/v2/conversations?${query}`)).body, query).toMatchObject({ status: 'INVALID_VALUE' });
  });

  test('has the fields of all properties that are in use', async () => {
    const { id } = await server.conversation();
    await put(id, { properties: { cf_amount: 5, cf_gold: true, cf_both: 'x', priority: 'High' } });
    await put((await server.conversation()).id, { properties: { cf_both: 1 } });

    const { body } = await send<{ name: string; type: string }[]>('GET', '/v2/conversations/fields');

    expect(body).toEqual(
      expect.arrayContaining([
        { name: 'cf_amount', label: 'cf_amount', type: 'number' },
        { name: 'cf_gold', label: 'cf_gold', type: 'boolean' },
        { name: 'cf_both', label: 'cf_both', type: 'mixed' },
        { name: 'priority', label: 'priority', type: 'string' },
      ]),
    );
  });
});

describe('a status', () => {
  test('follows the assignment: whoever has it, it is assigned; nobody’s is new again', async () => {
    const { id } = await server.conversation();

    expect((await put(id, { assigned_agent_id: bot.agentId })).body.status).toBe('assigned');
    expect((await put(id, { assigned_agent_id: '' })).body.status).toBe('new');
    await put(id, { status: 'resolved' });
    expect((await put(id, { assigned_agent_id: bot.agentId })).body.status).toBe('resolved');
  });

  test('that waits is the business’s own: the customer is told “assigned”', async () => {
    const { token, id } = await server.conversation();
    for (const status of ['waiting on customer', 'waiting on internal team']) {
      expect((await put(id, { status })).body.status).toBe(status);
      expect(idsOf(await list({ status }))).toContain(id);
      const { body } = await server.session({ resume: token });
      expect(body.conversations[0]?.status).toBe('assigned');
      expect(JSON.stringify(await customerLog(server, token, id))).not.toContain('waiting');
    }
  });

  test('waits on the customer no longer once the customer wrote', async () => {
    const { customer, id } = await server.conversation();
    await put(id, { status: 'waiting on customer' });
    await say(id, 'Anything else?');
    expect((await readConversation(server, id)).status).toBe('waiting on customer');

    await customer.send('Yes', { conversation_id: id });
    expect((await readConversation(server, id)).status).toBe('assigned');

    await put(id, { status: 'waiting on customer' });
    await send('POST', conversationPath(id, '/messages'), { ...says('By a bridge'), actor_type: 'user' });
    expect((await readConversation(server, id)).status).toBe('assigned');

    await put(id, { status: 'waiting on internal team' });
    await customer.send('Hello?', { conversation_id: id });
    expect((await readConversation(server, id)).status).toBe('waiting on internal team');
  });

  test('goes from waiting to resolved and back as from any other', async () => {
    const { token, id } = await server.conversation();
    await put(id, { status: 'waiting on customer' });
    await put(id, { status: 'resolved' });
    await put(id, { status: 'waiting on customer' });

    expect((await customerLog(server, token, id)).map(({ type }) => type).slice(-2)).toEqual([
      'conversation_resolution',
      'conversation_reopen',
    ]);
  });
});

describe('a conversation of a user who belongs to a site', () => {
  test('is on a channel of that site, whoever begins it', async () => {
    const { site: other } = await server.site({ id: 'other-bank', hosts: ['http://other.localhost'] });
    const { userId } = await server.conversation();
    const begin = (channel_id?: string) =>
      send<Conversation>('POST', '/v2/conversations', { users: [{ id: userId }], channel_id });

    const { body, status } = await begin(other.channelId);

    expect({ status, code: body.status }).toEqual({ status: 400, code: 'INVALID_VALUE' });
    expect(body.details).toEqual([
      {
        path: 'channel_id',
        expected: expect.stringContaining('ag-bank'),
        received: expect.stringContaining('other-bank'),
      },
    ]);
    expect((await begin()).body.channel_id).toBe(channelId);
    expect((await begin(channelId)).status).toBe(200);
    expect((await list({ user_id: userId, channel_id: other.channelId })).conversations).toEqual([]);
  });

  test('a user whom the API made belongs to the site of the first conversation, and no other site can claim them', async () => {
    const { site: other, key } = await server.site({ id: 'third-bank', hosts: ['http://third.localhost'] });
    const { site, key: own } = await server.site();
    const reference = 'crm-77';
    const { body: user } = await send<User>('POST', '/v2/users', { first_name: 'Ada', reference_id: reference });
    await send('POST', '/v2/conversations', { users: [{ id: user.id }], channel_id: site.channelId });
    const elsewhere = { users: [{ id: user.id }], channel_id: other.channelId };
    expect((await send('POST', '/v2/conversations', elsewhere)).body).toMatchObject({ status: 'INVALID_VALUE' });

    const stranger = await server.session({ site: other.id, identity: await vouch(key, reference, { aud: other.id }) });
    const ada = await server.session({ identity: await vouch(own, reference) });

    expect(stranger.body.customer.id).not.toBe(user.id);
    expect(stranger.body.conversations).toEqual([]);
    expect(ada.body.customer.id).toBe(user.id);
    expect(ada.body.conversations).toHaveLength(1);
  });
});

describe('a channel', () => {
  const set = (body: object) => send<Channel>('PUT', `/v2/channels/${channelId}`, body);

  test('is changed field by field, and `null` takes away', async () => {
    const welcome = { message_parts: [{ text: { content: 'Hello' } }], message_type: 'normal' };
    const { body } = await set({ name: 'Cards', tags: ['web'], locale: 'de', welcome_message: welcome });

    expect(body).toMatchObject({
      id: channelId,
      name: 'Cards',
      tags: ['web'],
      locale: 'de',
      enabled: true,
      public: true,
      site_id: 'ag-bank',
      welcome_message: { message_parts: welcome.message_parts, reply_parts: [] },
    });
    expect((await set({ public: false })).body).toMatchObject({ name: 'Cards', public: false, tags: ['web'] });
    expect((await set({ welcome_message: null })).body).not.toHaveProperty('welcome_message');
    expect((await send<Channel>('GET', `/v2/channels/${channelId}`)).body).toMatchObject({ name: 'Cards' });
    await set({ name: 'AG Bank', public: true });
  });

  test('refuses a welcome message that could not be shown, with the place of the fault', async () => {
    for (const [message_parts, path] of [
      [[], 'welcome_message.message_parts'],
      [[{ hologram: {} }], 'welcome_message.message_parts[0]'],
      [[{ text: { content: '<script>x</script>' } }], 'welcome_message.message_parts[0].text.content'],
      [
        [{ url_button: { label: 'X', url: 'https://evil.example', target: '_self' } }],
        'welcome_message.message_parts[0].url_button.url',
      ],
    ] as const) {
      const { status, body } = await set({ welcome_message: { message_parts } });
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain(path);
    }
    expect((await send<Channel>('GET', `/v2/channels/${channelId}`)).body).not.toHaveProperty('welcome_message');
  });

  test('gives its group what customers begin there, and not what the business begins', async () => {
    const group = (await send<Group>('POST', '/v2/groups', { name: 'First line' })).body.id;
    expect((await set({ assign_to_group: 'nothing' })).body).toMatchObject({ status: 'GROUP_NOT_FOUND' });
    expect((await set({ assign_to_group: group })).body.assign_to_group).toBe(group);

    const { id, token, userId } = await server.conversation();
    const own = await send<Conversation>('POST', '/v2/conversations', { users: [{ id: userId }] });

    expect((await readConversation(server, id)).assigned_group_id).toBe(group);
    expect((await customerLog(server, token, id)).map(({ type }) => type)).toEqual([
      'conversation_create',
      'conversation_assignment',
      'message_create',
    ]);
    expect(own.body).not.toHaveProperty('assigned_group_id');
    await send('DELETE', `/v2/groups/${group}`);
    expect((await send<Channel>('GET', `/v2/channels/${channelId}`)).body).not.toHaveProperty('assign_to_group');
    expect(await readConversation(server, (await server.conversation()).id)).not.toHaveProperty('assigned_group_id');
  });

  test('that is switched off begins no conversation, and those that are there go on', async () => {
    const { customer, id, userId } = await server.conversation();
    await set({ enabled: false });

    const refused = await send('POST', '/v2/conversations', { users: [{ id: userId }] });
    await expect(server.conversation()).rejects.toThrow(/CHANNEL_DISABLED/);
    await customer.send('Still here', { conversation_id: id });

    expect(refused.body).toMatchObject({ code: 409, status: 'CHANNEL_DISABLED' });
    await set({ enabled: true });
    await server.conversation();
  });
});
