import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Message } from '../../protocol/message';
import type { Conversation } from '../../protocol/rest/conversations';
import {
  assertGapless,
  customerLog,
  messagesOf,
  newClientId,
  readConversation,
  startReceiver,
  startTestServer,
  type TestServer,
} from '../testServer';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(() => setChannel({ welcome_message: greeting, tags: ['other', 'settings'] }));

const greeting = {
  message_parts: [{ text: { content: 'Welcome to <b>AG Bank</b>' } }],
  reply_parts: [{ collection: { sub_parts: [{ quick_reply_button: { label: 'Statement', payload: 'statement' } }] } }],
};
async function setChannel(settings: unknown) {
  const { site } = await server.site();
  await server.world.store.db
    .updateTable('channels')
    .set({ settings_json: JSON.stringify(settings) })
    .where('id', '=', site.channelId)
    .execute();
}
const texts = (messages: Message[]) => messages.map(({ message_parts }) => message_parts[0]);

test('the welcome stands before the customer’s first message, by the site’s name', async () => {
  const { customer, token, id } = await server.conversation('Hello');

  const log = await customerLog(server, token, id);

  assertGapless(log, 3);
  expect(log.map(({ type }) => type)).toEqual(['conversation_create', 'message_create', 'message_create']);
  const [welcome, own] = messagesOf(log);
  expect(welcome).toMatchObject({
    actor_type: 'system',
    actor_name: 'AG Bank',
    message_source: 'system',
    message_type: 'normal',
    message_parts: greeting.message_parts,
    reply_parts: [{ collection: { sub_parts: [{ quick_reply_button: { label: 'Statement' } }] } }],
  });
  expect(own).toMatchObject({ actor_type: 'user', message_parts: [{ text: { content: 'Hello' } }] });
  await customer.until(({ events }) => events.length === 3);
});

test('it is unread until the customer reads it, and can be answered like any question', async () => {
  const { customer, token, id } = await server.conversation('Hello');
  const welcome = messagesOf(await customerLog(server, token, id))[0] as Message;
  const { body } = await server.session({ resume: token });
  expect(body.conversations[0]).toMatchObject({ seq: 3, customer_read: 0 });

  await customer.ask('read', { conversation_id: id, up_to: 3 });
  const answer = await customer.ask('send', {
    client_id: newClientId(),
    content: { answer: { message_id: welcome.id, option: 0 } },
  });

  expect(answer.ok).toBe(true);
  expect((await server.session({ resume: token })).body.conversations[0]).toMatchObject({ customer_read: 3 });
});

test('it comes once, however often and however parallel the first message is sent', async () => {
  const { body } = await server.session();
  const send = (text: string, client_id = newClientId()) =>
    server.call<{ conversation_id: string }>('POST', '/widget/v1/messages', {
      token: body.token,
      body: { client_id, content: { text } },
    });
  const same = newClientId();

  const answers = await Promise.all([
    ...Array.from({ length: 10 }, () => send('same', same)),
    ...Array.from({ length: 5 }, (_, at) => send(`other ${at}`)),
  ]);
  await send('same', same);
  await send('later');

  const id = answers[0]?.body.conversation_id as string;
  expect(new Set(answers.map(({ body: each }) => each.conversation_id)).size).toBe(1);
  const messages = messagesOf(await customerLog(server, body.token, id));
  expect(messages.map(({ actor_type }) => actor_type)).toEqual(['system', ...Array(7).fill('user')]);
});

test('a conversation that the business begins has no welcome', async () => {
  const { userId } = await server.conversation();
  const { token } = await server.token(undefined, { bot: true });

  const { body } = await server.call<Conversation>('POST', '/v2/conversations', {
    token,
    body: { users: [{ id: userId }], messages: [{ actor_type: 'bot', message_parts: [{ text: { content: 'Hi' } }] }] },
  });

  expect((await readConversation(server, body.conversation_id)).seq).toBe(2);
});

test('bots are told of it as of any message, before the customer’s', async () => {
  const receiver = await startReceiver();
  await server.webhook(receiver.url, ['message_create']);
  await server.conversation('Hello');
  await receiver.until((received) => received.length >= 2);
  await receiver.stop();

  expect(receiver.received.map(({ body }) => body.data.message?.actor_type)).toEqual(['system', 'user']);
  expect(receiver.received[0]?.body.data.message?.reply_parts).toEqual(greeting.reply_parts);
});

test.each<[string, unknown]>([
  ['no welcome', {}],
  ['null', { welcome_message: null }],
  ['one without parts', { welcome_message: { message_parts: [] } }],
  ['one of another shape', { welcome_message: 'Welcome' }],
  ['a part that this version doesn’t know', { welcome_message: { message_parts: [{ hologram: {} }] } }],
  ['settings that are no object', 5],
])('a channel with %s keeps nobody from writing', async (_, settings) => {
  await setChannel(settings);

  const { token, id } = await server.conversation('Hello');

  expect(texts(messagesOf(await customerLog(server, token, id)))).toEqual([{ text: { content: 'Hello' } }]);
});

test('a welcome without reply parts, or with a web view, comes as it is', async () => {
  const button = { label: 'Card', url: 'https://cards.bank.example/x', target: '_self' };
  await setChannel({ welcome_message: { message_parts: [{ url_button: button }] } });
  const { customer, token, id } = await server.conversation('Hello');
  const welcome = messagesOf(await customerLog(server, token, id))[0] as Message;

  const opened = await customer.ask('web_view_open', {
    conversation_id: id,
    message_id: welcome.id,
    button: 0,
    owner: newClientId(),
  });

  expect(welcome.reply_parts).toEqual([]);
  expect(opened.ok).toBe(true);
});
