import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Message } from '../../protocol/message';
import type { Conversation } from '../../protocol/rest/conversations';
import type { User } from '../../protocol/rest/users';
import { conversationPath, startReceiver, startTestServer, type TestServer } from '../testServer';

/**
 * Requests as programs made for Freshchat's v2 API send them: their headers, their bodies with all that they put in them,
 * and what they read from the answers.
 */
let server: TestServer;
let token: string;
let agent: { token: string; agentId: string };
let channelId: string;
beforeAll(async () => {
  server = await startTestServer();
  ({ token } = await server.token(undefined, { bot: true }));
  agent = await server.token(undefined, { agent: true });
  channelId = (await server.site()).site.channelId;
});
afterAll(() => server.stop());

const send = <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.call<T & ErrorBody>(method, path, { token, ...(body === undefined ? {} : { body }), headers });

describe("Freshworks' own client", () => {
  const headers = {
    'content-type': 'application/json',
    'x-service': 'advanced_automation',
    'x-automation-rule-alias': 'r',
  };

  test('sends quick replies as a bot without saying which, in a collection', async () => {
    const { id } = await server.conversation();
    const body = {
      actor_id: '',
      actor_type: 'bot',
      message_parts: [{ text: { content: 'How can I help?' } }],
      message_type: 'normal',
      reply_parts: [
        {
          collection: {
            sub_parts: [{ quick_reply_button: { label: 'Statement' } }, { quick_reply_button: { label: 'Cards' } }],
          },
        },
      ],
    };

    const answer = await send<Message>('POST', conversationPath(id, '/messages'), body, headers);

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ ...body, actor_id: expect.stringMatching(/.+/), conversation_id: id });
  });

  test('assigns, resolves and reopens', async () => {
    const { id } = await server.conversation();
    const put = (body: object) => send<Conversation>('PUT', conversationPath(id), body, headers);

    expect((await put({ status: 'assigned', assigned_agent_id: agent.agentId })).body).toMatchObject({
      status: 'assigned',
      assigned_agent_id: agent.agentId,
    });
    const group = (await send<{ id: string }>('POST', '/v2/groups', { name: 'Cards' })).body.id;
    expect((await put({ status: 'assigned', assigned_group_id: group })).body.assigned_group_id).toBe(group);
    expect((await put({ status: 'resolved' })).body.status).toBe('resolved');
    expect((await put({ status: 'new' })).body.status).toBe('new');
  });

  test('reads all messages by following `link` under the API’s origin', async () => {
    const { id } = await server.conversation('0');
    for (let at = 1; at < 4; at += 1)
      await send('POST', conversationPath(id, '/messages'), {
        actor_type: 'bot',
        message_parts: [{ text: { content: String(at) } }],
      });
    const origin = `${server.origin}/v2`.slice(0, -3); // It cuts `/v2` off the base URL that it was given.
    expect(origin).toBe(server.origin);

    const found: Message[] = [];
    let path: string | undefined = `/v2/conversations/${id}/messages?page=1&items_per_page=1`;
    while (path) {
      const page: { body: { messages: Message[]; link?: { href: string } } } = await send(
        'GET',
        path,
        undefined,
        headers,
      );
      found.push(...page.body.messages);
      path = page.body.link?.href;
      if (path) expect(path).toMatch(/^\/v2\/conversations\/.*from_time=/);
    }

    expect(found.map(({ message_parts }) => message_parts)).toEqual(
      ['3', '2', '1', '0'].map((content) => [{ text: { content } }]),
    );
  });

  test('updates a user and gets an empty answer', async () => {
    const { userId } = await server.conversation();

    const answer = await send('PUT', `/v2/users/${userId}`, {
      first_name: 'Ada',
      properties: [{ name: 'a', value: 'b' }],
    });

    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
    expect((await send<User>('GET', `/v2/users/${userId}`)).body).toMatchObject({
      first_name: 'Ada',
      properties: [{ name: 'a', value: 'b' }],
    });
  });
});

test('a bridge in Go starts a conversation as an agent', async () => {
  const { userId } = await server.conversation();

  const { status, body } = await send<Conversation>('POST', '/v2/conversations', {
    messages: [
      {
        message_parts: [{ text: { content: 'Simple message ☺' } }, { image: { url: 'https://foo.bar/image.jpg' } }],
        actor_id: agent.agentId,
        actor_type: 'agent',
      },
    ],
    channel_id: channelId,
    users: [{ id: userId }],
  });

  expect(status).toBe(200);
  expect(body).toMatchObject({
    channel_id: channelId,
    users: [{ id: userId }],
    messages: [{ actor_id: agent.agentId }],
  });
});

describe('a client in Python, which sends null for all that it does not set', () => {
  const person = {
    id: null,
    created_time: null,
    email: 'ada@bank.example',
    first_name: 'Ada',
    last_name: null,
    phone: null,
    avatar: {},
    social_profiles: [],
    properties: [],
  };

  test('makes a user, a conversation by that user, another message, and resolves it', async () => {
    const user = await send<User>('POST', '/v2/users', person);
    expect(user).toMatchObject({ status: 200, body: { first_name: 'Ada', email: 'ada@bank.example' } });
    expect(user.body).not.toHaveProperty('last_name');
    expect(user.body).not.toHaveProperty('avatar');
    const message = {
      created_time: null,
      id: null,
      app_id: 'their-app',
      actor_type: 'user',
      actor_id: user.body.id,
      channel_id: channelId,
      conversation_id: null,
      message_type: 'normal',
      message_parts: [{ text: { content: 'Hello' } }],
    };

    const { status, body } = await send<Conversation>('POST', '/v2/conversations', {
      conversation_id: null,
      app_id: 'their-app',
      channel_id: channelId,
      status: 'new',
      agents: [],
      users: [{ ...person, id: user.body.id }],
      messages: [message],
    });

    expect({ status, body }).toMatchObject({ status: 200, body: { messages: [{ actor_id: user.body.id }] } });
    const id = body.conversation_id;
    const more = { ...message, channel_id: null, conversation_id: id };
    expect((await send('POST', conversationPath(id, '/messages'), more)).status).toBe(200);
    expect((await send<Conversation>('PUT', conversationPath(id), { status: 'resolved' })).body.status).toBe(
      'resolved',
    );
  });
});

describe('an integration in TypeScript', () => {
  test('finds a user by reference or e-mail, or makes one with a picture that may be missing', async () => {
    expect((await send<{ users: User[] }>('GET', '/v2/users?reference_id=bp-1')).body.users[0]).toBeUndefined();
    expect((await send<{ users: User[] }>('GET', '/v2/users?email=bp%40bank.example')).body.users[0]).toBeUndefined();
    const body = { email: 'bp@bank.example', first_name: 'Ada', reference_id: 'bp-1', avatar: { url: undefined } };
    const made = (await send<User>('POST', '/v2/users', body)).body;

    expect((await send<{ users: User[] }>('GET', '/v2/users?reference_id=bp-1')).body.users).toMatchObject([
      { id: made.id },
    ]);
    expect((await send<{ users: User[] }>('GET', '/v2/users?email=bp%40bank.example')).body.users).toMatchObject([
      { id: made.id },
    ]);
  });

  test('starts a conversation with properties, speaks as its user, and as the bot without a name', async () => {
    const { userId } = await server.conversation();
    const started = await send<Conversation>('POST', '/v2/conversations', {
      channel_id: channelId,
      messages: [
        {
          message_parts: [{ text: { content: 'From the bot' } }],
          message_type: 'normal',
          actor_type: 'user',
          actor_id: userId,
        },
      ],
      users: [{ id: userId }],
      properties: { priority: 'High' },
    });
    expect(started.body).toMatchObject({ properties: { priority: 'High' } });
    const path = conversationPath(started.body.conversation_id, '/messages');
    const parts = {
      message_parts: [
        {
          file: {
            url: 'https://bank.example/a.pdf',
            name: 'a.pdf',
            contentType: 'application/pdf',
            fileSource: 'FRESHCHAT',
          },
        },
      ],
      message_type: 'normal',
    };

    const asUser = await send<Message>('POST', path, {
      ...parts,
      user_id: userId,
      actor_type: 'user',
      actor_id: userId,
    });
    const asBot = await send<Message>('POST', path, { ...parts, actor_type: 'bot' });

    expect(asUser.body.id).toBeTruthy();
    expect(asBot.body).toMatchObject({ actor_type: 'bot' });
  });

  test('checks its token and lists all channels at once', async () => {
    expect(
      (await send<{ organisation_id: string }>('GET', '/v2/accounts/configuration')).body.organisation_id,
    ).toBeTruthy();
    const { body } = await send<{ channels: { id: string }[] }>('GET', '/v2/channels?items_per_page=9999');
    expect(body.channels.map(({ id }) => id)).toContain(channelId);
  });
});

test('a workflow tool lists users with a filter that we do not know', async () => {
  const path = `/v2/users?created_to=${encodeURIComponent(new Date().toISOString())}&page=1&items_per_page=100`;

  const { status, body } = await send<{ users: User[]; pagination: object }>('GET', path);

  expect(status).toBe(200);
  expect(body.pagination).toMatchObject({ current_page: 1 });
});

test('a drop-down is taken as v2 nests it, with bold text and line breaks above it, and comes back so', async () => {
  const { id } = await server.conversation();
  const body = {
    actor_type: 'bot',
    message_parts: [{ text: { content: '<b>Pick one</b><br/>or type' } }],
    reply_parts: [
      {
        template_content: {
          type: 'quick_reply_dropdown',
          sections: [{ name: 'options', parts: [{ quick_reply_button: { label: 'Google' } }] }],
        },
      },
    ],
  };

  const answer = await send<Message>('POST', conversationPath(id, '/messages'), body);

  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject(body);
});

test('quick replies are taken in both nestings, and the customer may answer either', async () => {
  const { customer, id } = await server.conversation();
  const option = (label: string) => ({ quick_reply_button: { label } });
  const questions = await Promise.all(
    [[option('A'), option('B')], [{ collection: { sub_parts: [option('A'), option('B')] } }]].map((reply_parts) =>
      send<Message>('POST', conversationPath(id, '/messages'), {
        actor_type: 'bot',
        message_parts: [{ text: { content: 'Which?' } }],
        reply_parts,
      }),
    ),
  );

  for (const [at, question] of questions.entries()) {
    const answer = await customer.ask('send', {
      client_id: `both-nestings-${at}`,
      content: { answer: { message_id: question.body.id, option: 1 } },
    });
    expect(answer.ok).toBe(true);
  }
  const { body } = await send<{ messages: Message[] }>('GET', conversationPath(id, '/messages?items_per_page=2'));
  expect(body.messages.map(({ message_parts }) => message_parts)).toEqual([
    [{ text: { content: 'B' } }],
    [{ text: { content: 'B' } }],
  ]);
});

test('a receiver that reads the 2019 webhook finds each field where it was', async () => {
  const receiver = await startReceiver();
  await server.webhook(receiver.url, ['message_create']);
  const { id, userId } = await server.conversation('Test 2');
  await receiver.until((received) => received.length === 1);
  await receiver.stop();

  const body = receiver.received[0]?.body;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
  expect(body).toMatchObject({
    actor: { actor_type: 'user', actor_id: userId },
    action: 'message_create',
    action_time: expect.stringMatching(time),
    data: {
      message: {
        message_parts: [{ text: { content: 'Test 2' } }],
        app_id: server.world.appId,
        actor_id: userId,
        id: expect.any(String),
        channel_id: channelId,
        conversation_id: id,
        message_type: 'normal',
        actor_type: 'user',
        created_time: expect.stringMatching(time),
      },
    },
  });
});

test('errors have the shape of v2', async () => {
  const { body } = await send('GET', '/v2/agents/nobody');

  expect(body).toEqual({ code: 404, status: 'AGENT_NOT_FOUND', message: expect.any(String) });
});
