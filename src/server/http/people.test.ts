import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Message } from '../../protocol/message';
import type { Conversation } from '../../protocol/rest/conversations';
import type { Agent, Group } from '../../protocol/rest/people';
import { scopes } from '../../protocol/rest/route';
import { conversationPath, newClientId, readConversation, says, startTestServer, type TestServer } from '../testServer';

/** Agents, bots and groups, and what becomes of their work when they go. */
let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  ({ token } = await server.token());
});
afterAll(() => server.stop());

const send = <T>(method: string, path: string, body?: unknown, by = token) =>
  server.call<T & ErrorBody>(method, path, { token: by, ...(body === undefined ? {} : { body }) });
const addAgent = async (more: object = {}) =>
  (await send<Agent>('POST', '/v2/agents', { first_name: 'Grace', ...more })).body;
const addGroup = async (agents: string[] = []) =>
  (await send<Group>('POST', '/v2/groups', { name: 'Cards', agents })).body;
const assign = (id: string, body: object) => send<Conversation>('PUT', conversationPath(id), body);

describe('an agent', () => {
  test('has the fields of v2, with honest values', async () => {
    const email = `${newClientId()}@bank.example`;
    const made = await send<Agent>('POST', '/v2/agents', {
      first_name: ' Grace ',
      last_name: 'Hopper',
      email,
      role_id: 'ADMIN',
      timezone: null,
    });

    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: made.body.id,
      created_time: expect.stringMatching(/Z$/),
      first_name: 'Grace',
      last_name: 'Hopper',
      email,
      groups: [],
      is_deactivated: false,
      availability_status: 'AVAILABLE',
      agent_status: { id: 'available', name: 'Available' },
      routing_type: 'DISABLED',
      locale: 'en',
      timezone: 'UTC',
      actor_type: 'agent',
    });
    expect((await send<Agent>('GET', `/v2/agents/${made.body.id}`)).body).toEqual(made.body);
  });

  test('is changed field by field, and says either way whether it is there', async () => {
    const { id } = await addAgent({ last_name: 'Hopper', phone: '1' });
    const patch = async (body: object) => (await send<Agent>('PATCH', `/v2/agents/${id}`, body)).body;

    expect(await patch({ last_name: 'H', avatar: { url: 'https://bank.example/g.png' } })).toMatchObject({
      first_name: 'Grace',
      last_name: 'H',
      phone: '1',
      avatar: { url: 'https://bank.example/g.png' },
    });
    expect(await patch({ availability_status: 'UNAVAILABLE' })).toMatchObject({ agent_status: { id: 'unavailable' } });
    expect(await patch({ agent_status: { id: 'available' } })).toMatchObject({ availability_status: 'AVAILABLE' });
    expect(await patch({ first_name: ' ' })).toMatchObject({ status: 'INVALID_VALUE' });
    expect(await patch({ agent_status: { id: 'lunch' } })).toMatchObject({ status: 'INVALID_VALUE' });
  });

  test('speaks under the name that it has then', async () => {
    const { id: conversation } = await server.conversation();
    const { id } = await addAgent({ last_name: 'Hopper' });
    const say = () =>
      send<Message>('POST', conversationPath(conversation, '/messages'), {
        ...says('Hello'),
        actor_type: 'agent',
        actor_id: id,
      });

    expect((await say()).body.actor_name).toBe('Grace Hopper');
    await send('PATCH', `/v2/agents/${id}`, { first_name: 'Amazing' });
    expect((await say()).body.actor_name).toBe('Amazing Hopper');
  });

  test('shares an e-mail address with nobody who is there', async () => {
    const email = `${newClientId()}@bank.example`;
    const { id } = await addAgent({ email });
    const other = await addAgent();

    expect((await send('POST', '/v2/agents', { first_name: 'X', email })).body).toMatchObject({
      code: 409,
      status: 'ALREADY_EXISTS',
    });
    expect((await send('PATCH', `/v2/agents/${other.id}`, { email })).status).toBe(409);
    expect((await send('PATCH', `/v2/agents/${id}`, { email })).status).toBe(200);
    await send('DELETE', `/v2/agents/${id}`);
    expect((await send('PATCH', `/v2/agents/${other.id}`, { email })).status).toBe(200);
  });

  test('that is deactivated is still read, and everything else ends at once', async () => {
    const grace = await server.token(undefined, { agent: true });
    const group = await addGroup([grace.agentId]);
    const { id: conversation } = await server.conversation();
    const path = conversationPath(conversation, '/messages');
    const own = await send<Message>('POST', path, { ...says('Mine'), actor_type: 'agent' }, grace.token);
    await assign(conversation, { assigned_agent_id: grace.agentId });

    const { status, body } = await send('DELETE', `/v2/agents/${grace.agentId}`);

    expect({ status, message: body.message }).toEqual({ status: 202, message: 'Agent deletion request accepted' });
    expect((await send<Agent>('GET', `/v2/agents/${grace.agentId}`)).body).toMatchObject({
      is_deactivated: true,
      availability_status: 'UNAVAILABLE',
      groups: [],
    });
    expect((await send<Group>('GET', `/v2/groups/${group.id}`)).body.agents).toEqual([]);
    expect((await send('GET', '/v2/agents', undefined, grace.token)).status).toBe(401);
    const list = await send<{ messages: Message[] }>('GET', path);
    expect(list.body.messages[0]).toMatchObject({ id: own.body.id, actor_name: 'Freddy' });
    const after = await readConversation(server, conversation);
    expect(after).toMatchObject({ status: 'new', agents: [] });
    expect(after).not.toHaveProperty('assigned_agent_id');

    const gone = { code: 409, status: 'AGENT_DEACTIVATED' };
    const by = { actor_type: 'agent', actor_id: grace.agentId };
    expect((await send('POST', path, { ...says('More'), ...by })).body).toMatchObject(gone);
    expect((await send('POST', conversationPath(conversation, '/typing'), by)).body).toMatchObject(gone);
    expect((await assign(conversation, { assigned_agent_id: grace.agentId })).body).toMatchObject(gone);
    expect((await send('PATCH', `/v2/agents/${grace.agentId}`, { phone: '1' })).body).toMatchObject(gone);
    expect((await send('POST', '/v2/groups', { name: 'X', agents: [grace.agentId] })).body).toMatchObject(gone);
    expect(
      (await send('POST', '/v2/tokens', { name: 'X', scopes: ['account:read'], agent_id: grace.agentId })).body,
    ).toMatchObject(gone);
    expect((await send('DELETE', `/v2/agents/${grace.agentId}`)).status).toBe(202);
  });

  test('gives back more conversations than fit in one go, and keeps those that are resolved', async () => {
    const { id: agent } = await addAgent();
    const { userId } = await server.conversation();
    const begin = async (status: string) => {
      const { body } = await send<Conversation>('POST', '/v2/conversations', { users: [{ id: userId }] });
      await assign(body.conversation_id, { assigned_agent_id: agent, status });
      return body.conversation_id;
    };
    const resolved = await begin('resolved');
    for (let at = 0; at < 101; at += 1) await begin('assigned');

    await send('DELETE', `/v2/agents/${agent}`);

    const left = await send<{ conversations: Conversation[] }>('GET', `/v2/conversations?assigned_agent_id=${agent}`);
    expect(left.body.conversations.map(({ conversation_id }) => conversation_id)).toEqual([resolved]);
  });

  test('of the list that comes first is a person who is there', async () => {
    const other = await startTestServer();
    const { token: by } = await other.token(undefined, { bot: true });
    const call = <T>(method: string, path: string, body?: object) =>
      other.call<T>(method, path, { token: by, ...(body ? { body } : {}) });
    const gone = (await call<Agent>('POST', '/v2/agents', { first_name: 'Gone' })).body;
    await call('DELETE', `/v2/agents/${gone.id}`);
    await call('POST', '/v2/agents', { first_name: 'Here' });

    const { body } = await call<{ agents: Agent[] }>('GET', '/v2/agents');

    expect(body.agents.map(({ first_name }) => first_name)).toEqual(['Here', 'Freddy', 'Gone']);
    await other.stop();
  });
});

describe('a token', () => {
  test('is bound to an agent that exists, or to a new one, not to both', async () => {
    const { id } = await addAgent();
    const make = (more: object) =>
      send<{ token: string; agent_id: string }>('POST', '/v2/tokens', {
        name: 'Desk',
        scopes: ['messages:write'],
        ...more,
      });

    const { body } = await make({ agent_id: id });

    expect(body.agent_id).toBe(id);
    const { id: conversation } = await server.conversation();
    const said = await send<Message>(
      'POST',
      conversationPath(conversation, '/messages'),
      { ...says('Hello'), actor_type: 'agent' },
      body.token,
    );
    expect(said.body).toMatchObject({ actor_id: id, actor_name: 'Grace' });
    expect((await make({ agent_id: 'nobody' })).body).toMatchObject({ status: 'AGENT_NOT_FOUND' });
    expect((await make({ agent_id: id, actor: 'bot' })).body).toMatchObject({ status: 'INVALID_VALUE' });
  });

  test('that is bound to nobody gets a bot of its own name with the first message by a bot', async () => {
    const { id } = await server.conversation();
    const unbound = await server.token(['messages:write']);
    const say = () => send<Message>('POST', conversationPath(id, '/messages'), says('Hello'), unbound.token);

    const [first, second] = await Promise.all([say(), say()]);

    expect(first.body).toMatchObject({ actor_type: 'bot', actor_name: 'Freddy' });
    expect(second.body.actor_id).toBe(first.body.actor_id);
    expect((await send<Agent>('GET', `/v2/agents/${first.body.actor_id}`)).body).toMatchObject({ actor_type: 'bot' });
  });

  test('leaves no bot behind by a message that is refused', async () => {
    const { id } = await server.conversation();
    const unbound = await server.token(['messages:write', 'agents:read']);
    const count = async () =>
      (await send<{ pagination: { total_items: number } }>('GET', '/v2/agents')).body.pagination.total_items;
    const before = await count();

    const refused = await send(
      'POST',
      conversationPath(id, '/messages'),
      { actor_type: 'bot', message_parts: [{ text: { content: '<script>alert(1)</script>' } }] },
      unbound.token,
    );

    expect(refused.status).toBe(400);
    expect(await count()).toBe(before);
  });
});

describe('a group', () => {
  test('has agents, whole as v2 nests them, and they know it', async () => {
    const grace = await addAgent();
    const ada = await addAgent();

    const made = await send<Group>('POST', '/v2/groups', {
      name: 'Cards',
      description: 'All about cards',
      agents: [grace.id, { ...ada }, grace.id],
    });

    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'Cards', description: 'All about cards', routing_type: 'DISABLED' });
    expect(made.body.agents.map(({ id }) => id).sort()).toEqual([grace.id, ada.id].sort());
    expect((await send<Agent>('GET', `/v2/agents/${grace.id}`)).body.groups).toEqual([made.body.id]);
    const list = await send<{ groups: Group[] }>('GET', '/v2/groups?items_per_page=100');
    expect(list.body.groups).toContainEqual((await send<Group>('GET', `/v2/groups/${made.body.id}`)).body);
  });

  test('is changed field by field; members are replaced as a whole, or not at all', async () => {
    const grace = await addAgent();
    const { id } = await addGroup([grace.id]);
    const put = async (body: object) => (await send<Group>('PUT', `/v2/groups/${id}`, body)).body;

    expect(await put({ name: 'Loans' })).toMatchObject({ name: 'Loans', agents: [{ id: grace.id }] });
    expect(await put({ agents: [grace.id, 'nobody'] })).toMatchObject({ status: 'AGENT_NOT_FOUND' });
    expect((await send<Group>('GET', `/v2/groups/${id}`)).body.agents).toHaveLength(1);
    expect(await put({ agents: [] })).toMatchObject({ name: 'Loans', agents: [] });
  });

  test('gets a conversation only if it exists, and gives it back when it is removed', async () => {
    const group = await addGroup();
    const { id } = await server.conversation();

    expect((await assign(id, { assigned_group_id: 'nothing' })).body).toMatchObject({ status: 'GROUP_NOT_FOUND' });
    expect((await assign(id, { assigned_group_id: group.id })).body.assigned_group_id).toBe(group.id);
    expect((await send('DELETE', `/v2/groups/${group.id}`)).status).toBe(204);

    expect(await readConversation(server, id)).not.toHaveProperty('assigned_group_id');
    expect((await send('GET', `/v2/groups/${group.id}`)).body).toMatchObject({ status: 'GROUP_NOT_FOUND' });
  });
});

test('what agents and groups may do to the account needs scopes of their own', async () => {
  const without = await server.token(scopes.filter((scope) => !/^(agents|groups|channels):write$/.test(scope)));
  const { id } = await addAgent();
  const group = await addGroup();
  const { site } = await server.site();
  for (const [method, path] of [
    ['POST', '/v2/agents'],
    ['PATCH', `/v2/agents/${id}`],
    ['DELETE', `/v2/agents/${id}`],
    ['POST', '/v2/groups'],
    ['PUT', `/v2/groups/${group.id}`],
    ['DELETE', `/v2/groups/${group.id}`],
    ['PUT', `/v2/channels/${site.channelId}`],
  ] as const)
    expect((await send(method, path, {}, without.token)).body, `${method} ${path}`).toMatchObject({
      status: 'FORBIDDEN',
    });
});
