import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Message } from '../../protocol/message';
import type { Channel } from '../../protocol/rest/channels';
import type { Conversation } from '../../protocol/rest/conversations';
import type { Agent, Group } from '../../protocol/rest/people';
import type { User } from '../../protocol/rest/users';
import { conversationPath, startTestServer, type TestServer } from '../testServer';

/**
 * Whole dialogues of programs made for Freshchat's v2 API, request by request as they send them, and what they do with the
 * answers. `./compatibility.test.ts` has single requests, `./compatibilityHabits.test.ts` what is common to many.
 */
let server: TestServer;
let token: string;
let channelId: string;
beforeAll(async () => {
  server = await startTestServer();
  ({ token } = await server.token()); // One token for the whole account, bound to nobody, as v2 has it.
  channelId = (await server.site()).site.channelId;
  await server.call('POST', '/v2/agents', { token, body: { first_name: 'Grace', last_name: 'Hopper' } });
});
afterAll(() => server.stop());

const send = <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.call<T & ErrorBody>(method, path, { token, ...(body === undefined ? {} : { body }), headers });

describe('a bridge to an office chat, in JavaScript', () => {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/plain, */*' };

  test('looks a user up, makes one, begins a conversation as that user, and goes on by the ids of the answers', async () => {
    const reference = 'bridge-user-1';
    // It tries a door that v2 does not document, and takes any error for “not there”.
    expect((await send('GET', `/v2/users/lookup?reference_id=${reference}`)).status).toBe(404);
    const user = await send<User>(
      'POST',
      '/v2/users',
      {
        reference_id: reference,
        first_name: 'Ada',
        email: undefined,
        properties: [
          { name: 'source', value: 'Office' },
          { name: 'office_department', value: 'Loans' },
        ],
      },
      headers,
    );
    expect(user.status).toBe(200);

    const begun = await send<Conversation>(
      'POST',
      '/v2/conversations',
      {
        channel_id: channelId,
        messages: [{ message_parts: [{ text: { content: 'Hello' } }], actor_type: 'user', actor_id: user.body.id }],
        users: [{ id: user.body.id }],
      },
      headers,
    );

    expect(begun.body.conversation_id).toBeTruthy();
    const list = await send<{ conversations: { id: string }[] }>('GET', `/v2/users/${user.body.id}/conversations`);
    expect(list.body.conversations.map(({ id }) => id)).toEqual([begun.body.conversation_id]);
  });

  test('adds to a user’s properties, which it reads and writes as a whole', async () => {
    const { body: user } = await send<User>('POST', '/v2/users', { properties: [{ name: 'source', value: 'Office' }] });
    const known = (await send<User>('GET', `/v2/users/${user.id}`)).body.properties ?? [];

    await send('PUT', `/v2/users/${user.id}`, {
      properties: [...known, { name: 'office_conversation_id', value: '19:x' }],
    });
    await send('PUT', `/v2/users/${user.id}`, { properties: [{ name: 'source', value: 'Chat' }] });

    expect((await send<User>('GET', `/v2/users/${user.id}`)).body.properties).toEqual([
      { name: 'source', value: 'Chat' },
      { name: 'office_conversation_id', value: '19:x' },
    ]);
  });

  test('keeps its own ids in a conversation’s properties, as a list, and reads them in either shape', async () => {
    const { id } = await server.conversation();
    const properties = [
      { name: 'office_conversation_id', value: '19:x' },
      { name: 'office_reference', value: '{"a":1}' },
    ];

    expect((await send('PUT', conversationPath(id), { properties })).status).toBe(200);

    expect((await send<Conversation>('GET', conversationPath(id))).body.properties).toEqual({
      office_conversation_id: '19:x',
      office_reference: '{"a":1}',
    });
  });

  test('finds the message that it has just sent by the time of the message', async () => {
    const { id, userId } = await server.conversation();
    const sent = await send<Message>('POST', conversationPath(id, '/messages'), {
      message_parts: [
        { image: { url: 'https://bank.example/a.png', contentType: 'image/png', content_type: 'image/png' } },
      ],
      actor_type: 'user',
      actor_id: userId,
    });
    const query = new URLSearchParams({ items_per_page: '30', from_time: sent.body.created_time });

    const { body } = await send<{ messages: Message[] }>('GET', conversationPath(id, `/messages?${query}`));

    expect(body.messages.find((each) => each.id === sent.body.id)?.message_parts[0]).toMatchObject({
      image: { url: 'https://bank.example/a.png' },
    });
  });

  test('writes as its user into a conversation that was resolved, which goes on', async () => {
    const { id, userId } = await server.conversation();
    await send('PUT', conversationPath(id), { status: 'resolved' });

    const sent = await send<Message>('POST', conversationPath(id, '/messages'), {
      message_parts: [{ text: { content: 'One more thing' } }],
      actor_type: 'user',
      actor_id: userId,
    });

    expect({ status: sent.status, in: sent.body.conversation_id }).toEqual({ status: 200, in: id });
    expect((await send<Conversation>('GET', conversationPath(id))).body.status).toBe('reopened');
  });

  test('shows the newest users first', async () => {
    const { body: made } = await send<User>('POST', '/v2/users', { first_name: 'Newest' });

    const { body } = await send<{ users: User[] }>('GET', '/v2/users?page=1&items_per_page=10&sort_order=desc');

    expect(body.users[0]?.id).toBe(made.id);
  });
});

describe('a ticketing service, in Go', () => {
  // Its structs refuse a field of another kind than they have, and leave out what is empty.
  test('makes a user, takes the first channel, and begins a conversation', async () => {
    const user = await send<User>('POST', '/v2/users', {
      first_name: 'Ada',
      phone: '15550100',
      properties: [{ name: 'external_id', value: '8d0c5e4f' }],
    });
    const channels = await send<{ channels: Channel[] }>('GET', '/v2/channels');
    expect(channels.body.channels[0]).toMatchObject({
      id: expect.any(String),
      name: expect.any(String),
      updated_time: expect.any(String),
      enabled: true,
      public: true,
      tags: expect.any(Array),
      locale: expect.any(String),
    });

    const { body } = await send<Conversation>('POST', '/v2/conversations', {
      status: 'new',
      channel_id: channels.body.channels[0]?.id,
      messages: [
        {
          message_parts: [{ text: { content: 'Hello' } }],
          actor_type: 'user',
          actor_id: user.body.id,
          message_type: 'normal',
        },
      ],
      users: [{ id: user.body.id }],
    });

    expect(body.conversation_id).toBeTruthy();
    expect(body.messages).toHaveLength(1);
    // It has a list of records there; an absent field is nothing to it.
    expect(body).not.toHaveProperty('properties');
  });

  test('gives properties as a list of records', async () => {
    const { userId } = await server.conversation();

    const { body } = await send<Conversation>('POST', '/v2/conversations', {
      channel_id: channelId,
      users: [{ id: userId }],
      properties: [{ priority: 'High', cf_type: 'Card' }, { cf_amount: 5 }],
    });

    expect(body.properties).toEqual({ priority: 'High', cf_type: 'Card', cf_amount: 5 });
  });

  test('finds a user by its own id, and checks that it is the one', async () => {
    await send('POST', '/v2/users', { reference_id: 'go-7' });

    const { body } = await send<{ users: User[] }>('GET', '/v2/users?reference_id=go-7');

    expect(body.users[0]?.reference_id).toBe('go-7');
  });

  test('assigns by the other spelling', async () => {
    const { id } = await server.conversation();
    const agent = (await send<Agent>('POST', '/v2/agents', { first_name: 'Ada' })).body.id;
    const group = (await send<Group>('POST', '/v2/groups', { name: 'Cards' })).body.id;

    const { body } = await send<Conversation>('PUT', conversationPath(id), {
      conversation_id: id,
      status: 'assigned',
      assigned_org_agent_id: agent,
      assigned_org_group_id: group,
    });

    expect(body).toMatchObject({ assigned_agent_id: agent, assigned_group_id: group });
    const both = { assigned_agent_id: '', assigned_org_agent_id: agent };
    expect((await send<Conversation>('PUT', conversationPath(id), both)).body).not.toHaveProperty('assigned_agent_id');
  });
});

describe('a workflow tool', () => {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  /** As it reads all pages of a list: by `pagination`, until there are no more. */
  async function allOf<T>(path: string, key: string): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1, more = true; more; page += 1) {
      type Answer = Record<string, T[]> & { pagination?: { total_pages: number } };
      const { body } = await send<Answer>('GET', `${path}?page=${page}&items_per_page=50`, undefined, headers);
      found.push(...((body as Answer)[key] ?? []));
      more = (body.pagination?.total_pages ?? 0) > page;
    }
    return found;
  }

  test('lists users made until now, agents, groups and channels', async () => {
    const query = new URLSearchParams({ page: '1', created_to: new Date(Date.now() + 1_000).toISOString() });
    const { body } = await send<{ users: User[] }>('GET', `/v2/users?${query}`, undefined, headers);

    expect(body.users.length).toBeGreaterThan(0);
    expect((await allOf<Agent>('/v2/agents', 'agents'))[0]).toMatchObject({ email: expect.any(String) });
    expect((await allOf<Group>('/v2/groups', 'groups')).every(({ name }) => typeof name === 'string')).toBe(true);
    expect((await allOf<Channel>('/v2/channels', 'channels')).map(({ id }) => id)).toContain(channelId);
  });

  test('lists a user’s conversations page by page, and all conversation properties as a plain list', async () => {
    const { userId } = await server.conversation();
    for (let at = 0; at < 3; at += 1) await send('POST', '/v2/conversations', { users: [{ id: userId }] });
    const path = `/v2/users/${userId}/conversations`;

    expect(await allOf(path, 'conversations')).toHaveLength(4);
    expect((await send<{ conversations: object[] }>('GET', `${path}?page=2`)).body.conversations).toEqual([]);
    const fields = await send<object[]>('GET', '/v2/conversations/fields');
    expect(Array.isArray(fields.body)).toBe(true);
  });

  test('takes an assignment back by a blank', async () => {
    const { id } = await server.conversation();
    const agent = (await send<Agent>('POST', '/v2/agents', { first_name: 'Ada' })).body.id;
    const group = (await send<Group>('POST', '/v2/groups', { name: 'Cards' })).body.id;
    const assigned = { status: 'assigned', assigned_agent_id: agent, assigned_group_id: group };
    const put = async (body: object) => (await send<Conversation>('PUT', conversationPath(id), body, headers)).body;
    for (const nobody of [' ', '', null]) {
      expect(await put(assigned)).toMatchObject(assigned);

      const body = await put({ assigned_agent_id: nobody, assigned_group_id: nobody });

      expect(body).not.toHaveProperty('assigned_agent_id');
      expect(body).not.toHaveProperty('assigned_group_id');
      expect(body.agents).toEqual([]);
    }
  });

  test('sends a message as a user', async () => {
    const { id, userId } = await server.conversation();

    const { status } = await send(
      'POST',
      conversationPath(id, '/messages'),
      { message_parts: [{ text: { content: 'Hi' } }], actor_type: 'user', actor_id: userId, user_id: userId },
      headers,
    );

    expect(status).toBe(200);
  });
});

describe('a forwarder to a team chat, in Python', () => {
  test('reads all agents at the start, and maps them by their e-mail addresses, which all have to have', async () => {
    const { body } = await send<{ agents: Agent[]; pagination: { total_items: number } }>('GET', '/v2/agents');

    expect(body.pagination.total_items).toBe(body.agents.length);
    for (const agent of body.agents) {
      expect(typeof agent.email).toBe('string');
      expect([typeof agent.first_name, typeof agent.last_name]).toEqual(['string', 'string']);
    }
  });

  test('asks who wrote, whoever it was, and answers as an agent', async () => {
    const { id, userId } = await server.conversation();
    const [agent] = (await send<{ agents: Agent[] }>('GET', '/v2/agents')).body.agents;
    expect((await send<User>('GET', `/v2/users/${userId}`)).status).toBe(200);

    const { body } = await send<Message>('POST', conversationPath(id, '/messages'), {
      message_parts: [{ text: { content: 'An answer' } }],
      app_id: 'their-app',
      message_type: 'normal',
      actor_type: 'agent',
      actor_id: agent?.id,
    });

    expect((await send<Agent>('GET', `/v2/agents/${body.actor_id}`)).body.first_name).toBe(agent?.first_name);
  });
});

describe("Freshworks' own client", () => {
  test('writes a private note as the first agent of the list', async () => {
    const { id } = await server.conversation();
    const [owner] = (await send<{ agents: Agent[] }>('GET', '/v2/agents?items_per_page=1')).body.agents;

    const note = await send<Message>('POST', conversationPath(id, '/messages'), {
      actor_id: owner?.id,
      actor_type: 'agent',
      message_parts: [{ text: { content: 'Called back' } }],
      message_type: 'private',
    });

    expect(note.body).toMatchObject({ message_type: 'private', actor_id: owner?.id });
  });

  test('makes a transcript: all messages, the agents in them by id, and the user', async () => {
    const { id, userId } = await server.conversation();
    const [owner] = (await send<{ agents: Agent[] }>('GET', '/v2/agents?items_per_page=1')).body.agents;
    const say = (actor_type: string, actor_id?: string) =>
      send('POST', conversationPath(id, '/messages'), {
        actor_id,
        actor_type,
        message_parts: [{ text: { content: 'Hello' } }],
        message_type: 'normal',
      });
    await say('agent', owner?.id);
    await say('bot'); // It doesn't say which.

    const { body } = await send<{ messages: Message[] }>(
      'GET',
      conversationPath(id, '/messages?page=1&items_per_page=50'),
    );

    for (const { actor_type, actor_id } of body.messages) {
      if (actor_type === 'user') expect(actor_id).toBe(userId);
      else expect((await send<Agent>('GET', `/v2/agents/${actor_id}`)).status).toBe(200);
    }
    const names = body.messages.map(({ actor_id }) => send<User>('GET', `/v2/users/${actor_id}?system_user=true`));
    expect((await Promise.all(names)).map((each) => each.body.first_name)).toEqual(['Freddy', 'Grace', undefined]);
    expect((await send<User>('GET', '/v2/users/system?system_user=true')).body).toMatchObject({ first_name: 'System' });
    expect((await send('GET', '/v2/users/system')).status).toBe(404);
  });

  test('sets the two statuses that wait', async () => {
    const { id } = await server.conversation();
    for (const status of ['waiting on customer', 'waiting on internal team', 'resolved', 'new'])
      expect((await send<Conversation>('PUT', conversationPath(id), { status })).body.status).toBe(status);
  });
});
