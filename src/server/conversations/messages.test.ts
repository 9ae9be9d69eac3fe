import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Event } from '../../protocol/event';
import type { Message } from '../../protocol/message';
import type { Conversation } from '../../protocol/rest/conversations';
import {
  assertGapless,
  conversationPath,
  customerLog,
  inTurns,
  messagesOf,
  newClientId,
  readConversation,
  rewrite,
  says,
  startTestServer,
  type TestCustomer,
  type TestServer,
} from '../testServer';

let server: TestServer;
let bot: { token: string; agentId: string };
let clock: () => number = Date.now;
beforeAll(async () => {
  server = await startTestServer({ now: () => clock() });
  bot = await server.token(undefined, { bot: true });
});
afterAll(() => server.stop());

const post = (id: string, body: object, headers: Record<string, string> = {}) =>
  server.call<Message & ErrorBody>('POST', conversationPath(id, '/messages'), { token: bot.token, body, headers });
const count = async (table: 'events' | 'messages' | 'deliveries' | 'conversations') =>
  (
    await server.world.store.db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll().as('n'))
      .execute()
  )[0]?.n;
const asks = (labels: string[], more: object = {}) => ({
  ...says('Which?'),
  reply_parts: [
    {
      collection: {
        sub_parts: labels.map((label) => ({ quick_reply_button: { label, payload: `payload of ${label}` } })),
      },
    },
  ],
  ...more,
});
const answer = (customer: TestCustomer, message_id: string, option: number, client_id = newClientId()) =>
  customer.ask('send', { client_id, content: { answer: { message_id, option } } });

describe('order', () => {
  test('100 messages at once over the socket and HTTP get one gapless order, the same for everybody', async () => {
    const { customer, token, id } = await server.conversation('first');
    const second = await server.connect(token, { [id]: 0 });

    await Promise.all(
      Array.from({ length: 100 }, (_, at) => {
        if (at % 3 === 0) return customer.send(`socket ${at}`);
        if (at % 3 === 1) return post(id, says(`api ${at}`));
        return server.call('POST', '/widget/v1/messages', {
          token,
          body: { client_id: newClientId(), content: { text: `http ${at}` } },
        });
      }),
    );
    await Promise.all([customer, second].map((each) => each.until(({ events }) => events.length >= 102)));

    const log = await customerLog(server, token, id);
    assertGapless(log, 102); // conversation_create, the first message, and the hundred
    const texts = messagesOf(log).map((message) => JSON.stringify(message.message_parts));
    expect(new Set(texts).size).toBe(101);
    expect(customer.events).toEqual(log);
    expect(second.events).toEqual(log);
    expect((await readConversation(server, id)).seq).toBe(102);
  });

  test('times rise strictly, also when the clock goes back', async () => {
    const { customer, token, id } = await server.conversation();
    const start = Date.now();
    try {
      clock = () => start - 3_600_000;
      await customer.send('an hour ago, says the clock');
      await Promise.all([1, 2, 3].map((n) => customer.send(`at once ${n}`)));
      await post(id, says('still'));
    } finally {
      clock = Date.now;
    }
    await customer.send('and right again');

    const times = (await customerLog(server, token, id)).map(({ time }) => time);
    expect(times).toEqual([...new Set(times)].sort());
  });
});

describe('the same client id', () => {
  test('a hundred times at once is one message, one event and one delivery, and the same answer', async () => {
    const { customer, token, id } = await server.conversation();
    await server.webhook('http://127.0.0.1:1/nobody');
    const before = { events: await count('events'), deliveries: await count('deliveries') };
    const client_id = newClientId();
    const body = { client_id, conversation_id: id, content: { text: 'once' } };

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        at % 2 === 0
          ? customer.ask('send', body).then((ack) => (ack.ok ? ack.value : ack.error))
          : server.call('POST', '/widget/v1/messages', { token, body }).then((each) => each.body),
      ),
    );

    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(answers[0]).toMatchObject({ conversation_id: id, seq: 3 });
    expect(await count('events')).toBe(Number(before.events) + 1);
    expect(await count('deliveries')).toBe(Number(before.deliveries) + 1);
  });

  test('through the API as well', async () => {
    const { id } = await server.conversation();
    const client_id = newClientId();

    const answers = await Promise.all(Array.from({ length: 20 }, () => post(id, { ...says('once'), client_id })));

    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 200, body: { client_id } });
  });

  test('with other content is refused with 409 and stores nothing', async () => {
    const { customer, id } = await server.conversation();
    const client_id = newClientId();
    await customer.send('one thing', { client_id });
    const before = await count('events');

    const again = await customer.ask('send', { client_id, content: { text: 'another thing' } });

    expect(again).toMatchObject({ ok: false, error: { code: 409, status: 'CLIENT_ID_REUSED' } });
    await post(id, { ...says('a'), client_id }); // Another author may have the same id.
    expect((await post(id, { ...says('b'), client_id })).body).toMatchObject({ code: 409 });
    expect(await count('events')).toBe(Number(before) + 1);
  });

  test('gives the same answer when a newer conversation came in between', async () => {
    const { customer, id, userId } = await server.conversation();
    const client_id = newClientId();
    const first = await customer.send('before', { client_id });
    const other = await server.call<Conversation>('POST', '/v2/conversations', {
      token: bot.token,
      body: { users: [{ id: userId }] },
    });
    expect(other.body.conversation_id).not.toBe(id);

    expect(await customer.send('before', { client_id })).toEqual(first);
  });

  test('in parallel as the very first message makes one conversation', async () => {
    const { body } = await server.session();
    const before = await count('conversations');
    const send = { client_id: newClientId(), content: { text: 'hello' } };

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.call('POST', '/widget/v1/messages', { token: body.token, body: send })),
    );

    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await count('conversations')).toBe(Number(before) + 1);
  });
});

describe('Idempotency-Key', () => {
  test('replays the answer and does nothing again', async () => {
    const { id } = await server.conversation();
    const key = { 'idempotency-key': newClientId() };

    const answers = await Promise.all(Array.from({ length: 10 }, () => post(id, says('pay'), key)));

    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(9);
    expect((await readConversation(server, id)).seq).toBe(3);
  });

  test('with another body or another door is refused with 409', async () => {
    const { id } = await server.conversation();
    const key = { 'idempotency-key': newClientId() };
    await post(id, says('one'), key);

    expect((await post(id, says('two'), key)).body).toMatchObject({ code: 409, status: 'IDEMPOTENCY_KEY_REUSED' });
    const door = await server.call('POST', conversationPath(id, '/typing'), {
      token: bot.token,
      body: says('one'),
      headers: key,
    });
    expect(door.status).toBe(409);
    expect((await readConversation(server, id)).seq).toBe(3);
  });

  test('of another token is another key', async () => {
    const { id } = await server.conversation();
    const other = await server.token(undefined, { bot: true });
    const key = { 'idempotency-key': newClientId() };
    await post(id, says('one'), key);

    const theirs = await server.call('POST', conversationPath(id, '/messages'), {
      token: other.token,
      body: says('one'),
      headers: key,
    });

    expect(theirs.status).toBe(200);
    expect((await readConversation(server, id)).seq).toBe(4);
  });

  test('of a request that failed may be used again', async () => {
    const { id } = await server.conversation();
    const key = { 'idempotency-key': newClientId() };

    expect((await post(id, { ...says('x'), actor_id: 'nobody' }, key)).status).toBe(404);

    expect((await post(id, says('x'), key)).status).toBe(200);
  });

  test('that is too long is refused', async () => {
    const { id } = await server.conversation();

    expect((await post(id, says('x'), { 'idempotency-key': 'k'.repeat(256) })).body).toMatchObject({
      status: 'INVALID_VALUE',
    });
  });
});

describe('answers', () => {
  test('an answer is filled in from what was offered: the payload reaches the API and never a customer', async () => {
    const { customer, token, id } = await server.conversation();
    const question = (await post(id, asks(['Statement', 'Cards']))).body;

    const sent = await answer(customer, question.id, 1);

    expect(sent.ok).toBe(true);
    const { body } = await server.call<{ messages: Message[] }>('GET', conversationPath(id, '/messages'), bot);
    expect(body.messages[0]).toMatchObject({
      actor_type: 'user',
      message_parts: [{ text: { content: 'Cards' } }],
      in_reply_to: {
        message_id: question.id,
        part: { quick_reply_button: { label: 'Cards', payload: 'payload of Cards' } },
      },
    });
    await customer.until(({ events }) => messagesOf(events).some((message) => message.in_reply_to));
    const seen = JSON.stringify([customer.told, await customerLog(server, token, id), (await session(token)).body]);
    expect(seen).toContain('Cards');
    expect(seen).not.toContain('payload');
  });

  test('custom_reply_text is what the answer says', async () => {
    const { customer, id } = await server.conversation();
    const question = await post(id, {
      ...says('Which?'),
      reply_parts: [{ quick_reply_button: { label: 'Yes', custom_reply_text: 'Yes, please' } }],
    });

    const sent = await answer(customer, question.body.id, 0);

    expect(sent.ok).toBe(true);
    await customer.until(({ events }) =>
      messagesOf(events).some((message) => JSON.stringify(message.message_parts).includes('Yes, please')),
    );
  });

  test('the same answer again is the same message; a second answer is refused with 409', async () => {
    const { customer, id } = await server.conversation();
    const question = (await post(id, asks(['A', 'B']))).body;
    const client_id = newClientId();

    const first = await answer(customer, question.id, 0, client_id);

    expect(await answer(customer, question.id, 0, client_id)).toEqual(first);
    expect(await answer(customer, question.id, 1)).toMatchObject({ ok: false, error: { status: 'ALREADY_ANSWERED' } });
    expect(await answer(customer, question.id, 0)).toMatchObject({ ok: false, error: { status: 'ALREADY_ANSWERED' } });
    expect((await readConversation(server, id)).seq).toBe(4);
  });

  test('of 20 different answers at once exactly one is taken', async () => {
    const { customer, id } = await server.conversation();
    const question = (await post(id, asks(['A', 'B']))).body;

    const acks = await Promise.all(Array.from({ length: 20 }, (_, at) => answer(customer, question.id, at % 2)));

    expect(acks.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await readConversation(server, id)).seq).toBe(4);
  });

  const quick = (label: string, more: object = {}) => ({
    quick_reply_button: { label, payload: `p-${label}`, ...more },
  });
  const card = (name: string, ...more: object[]) => ({
    template_content: {
      type: 'carousel_card_default',
      sections: [{ name: 'title', parts: [{ text: { content: `<b>${name}</b> &amp; more` } }] }, ...more],
    },
  });
  const select = (payload: string) => ({ name: 'callback', parts: [{ callback: { label: 'Select', payload } }] });
  const view = { name: 'view', parts: [{ url_button: { label: 'View', url: 'https://shop.example/1' } }] };
  const carousel = (...cards: object[]) => ({
    template_content: { type: 'carousel', sections: [{ name: 'cards', parts: cards }] },
  });

  test.each<[kind: string, at: number, words: string, part: object, payload: string | undefined]>([
    ['a quick reply alone', 0, 'A', quick('A'), 'p-A'],
    ['one of a collection', 2, 'Please C', quick('C', { custom_reply_text: 'Please C' }), 'p-C'],
    ['a callback of a collection', 3, 'Call me', { callback: { label: 'Call me', payload: 'call' } }, 'call'],
    ['an option of a drop-down', 5, 'E', quick('E'), 'p-E'],
    ['a card, past one that only opens a page', 7, 'Boot & more', card('Boot', select('sku-3'), view), 'sku-3'],
    ['an option without a payload', 8, 'Z', { quick_reply_button: { label: 'Z' } }, undefined],
  ])('%s: its words, the option as it was offered, and its payload', async (_, at, words, part, payload) => {
    const { customer, token, id } = await server.conversation();
    const question = await post(id, {
      message_parts: [{ text: { content: 'Which?' } }, quick('A')],
      actor_type: 'bot',
      reply_parts: [
        {
          collection: {
            sub_parts: [
              quick('B'),
              { url_button: { label: 'No option', url: 'https://bank.example/' } },
              quick('C', { custom_reply_text: 'Please C' }),
              { callback: { label: 'Call me', payload: 'call' } },
            ],
          },
        },
        {
          template_content: {
            type: 'quick_reply_dropdown',
            sections: [{ name: 'options', parts: [quick('D'), quick('E')] }],
          },
        },
        carousel(card('Runner', select('sku-1')), card('Page', view), card('Boot', select('sku-3'), view)),
        { quick_reply_button: { label: 'Z' } },
      ],
    });

    const sent = await answer(customer, question.body.id, at);

    expect(sent.ok).toBe(true);
    const { body } = await server.call<{ messages: Message[] }>('GET', conversationPath(id, '/messages'), bot);
    const said = body.messages[0];
    expect(said).toMatchObject({ actor_type: 'user', message_parts: [{ text: { content: words } }] });
    expect(said?.in_reply_to).toMatchObject({ message_id: question.body.id, part });
    expect(said?.in_reply_to?.payload).toBe(payload);
    const seen = JSON.stringify([await customerLog(server, token, id), customer.told, (await session(token)).body]);
    expect(seen).not.toMatch(/"payload"|sku-|p-A/);
    expect(await answer(customer, question.body.id, 9)).toMatchObject({ error: { status: 'NOT_OFFERED' } });
  });

  test('a second tab that chooses another option is refused, and so is one that says the same later', async () => {
    const { customer, token, id } = await server.conversation();
    const question = (await post(id, { ...says('Which?'), reply_parts: [carousel(card('Runner', select('1')))] })).body;
    const tab = await server.connect(token, { [id]: 0 });

    const first = await answer(customer, question.id, 0);
    await tab.until(({ events }) => messagesOf(events).some((message) => message.in_reply_to));

    expect(first.ok).toBe(true);
    expect(await answer(tab, question.id, 0)).toMatchObject({
      ok: false,
      error: { code: 409, status: 'ALREADY_ANSWERED' },
    });
  });

  test('what a user’s own message holds is no offer, even if an older server let it be stored', async () => {
    const { customer } = await server.conversation();
    const own = await customer.send('Pick for me');
    await rewrite(server, own.id, '"reply_parts":[]', `"reply_parts":[${JSON.stringify(quick('A'))}]`);

    expect(await answer(customer, own.id, 0)).toMatchObject({ ok: false, error: { status: 'NOT_OFFERED' } });
  });

  test('what was not offered here is refused and stores nothing', async () => {
    const { customer, id } = await server.conversation();
    const { id: foreign } = await server.conversation();
    const theirs = (await post(foreign, asks(['A']))).body;
    const ours = (await post(id, asks(['A']))).body;
    const hidden = (await post(id, asks(['A']))).body;
    await rewrite(server, hidden.id, '"message_type":"normal"', '"message_type":"private"');
    const own = await customer.send('I ask myself');
    const before = await count('events');

    const refusals = await Promise.all([
      answer(customer, theirs.id, 0),
      answer(customer, ours.id, 1),
      answer(customer, hidden.id, 0),
      answer(customer, own.id, 0),
      answer(customer, 'no-such-message', 0),
    ]);

    for (const refusal of refusals)
      expect(refusal).toMatchObject({ ok: false, error: { code: 400, status: 'NOT_OFFERED' } });
    expect(await count('events')).toBe(before);
  });
});

describe('private messages', () => {
  test('never reach the customer: a void event stands in their place, so that seq stays gapless', async () => {
    const { customer, token, id } = await server.conversation();
    await post(id, { ...says('the secret note'), message_type: 'private' });
    await post(id, says('visible'));
    await customer.until(({ events }) => events.length === 4);
    const late = await server.connect(token, { [id]: 0 });
    await late.until(({ events }) => events.length === 4);

    const log = await customerLog(server, token, id);
    assertGapless(log, 4);
    expect(log[2]).toMatchObject({ type: 'void', data: {}, actor: { actor_type: 'system' } });
    const seen = JSON.stringify([customer.told, late.told, log, (await session(token)).body]);
    expect(seen).toContain('visible');
    expect(seen).not.toMatch(/secret|private/);
    const { body } = await server.call<{ messages: Message[] }>('GET', conversationPath(id, '/messages'), bot);
    expect(body.messages[1]).toMatchObject({ message_type: 'private' });
  });

  test("a private message leaves a resolved conversation resolved; a bot's normal one reopens it", async () => {
    const { id } = await server.conversation();
    await resolve(id);
    await post(id, { ...says('note'), message_type: 'private' });
    expect((await readConversation(server, id)).status).toBe('resolved');

    await post(id, says('one more thing'));

    expect((await readConversation(server, id)).status).toBe('reopened');
  });
});

describe('a resolved conversation', () => {
  test("is reopened by the customer's next message, once, before the message", async () => {
    const { customer, token, id } = await server.conversation();
    await resolve(id);

    await Promise.all([customer.send('one'), customer.send('two')]);

    const types = (await customerLog(server, token, id)).map(({ type }) => type);
    expect(types.slice(2)).toEqual([
      'conversation_resolution',
      'conversation_reopen',
      'message_create',
      'message_create',
    ]);
  });

  test('is not reopened by the retry of a message from before', async () => {
    const { customer, id } = await server.conversation();
    const client_id = newClientId();
    await customer.send('before', { client_id });
    await resolve(id);

    await customer.send('before', { client_id });

    expect((await readConversation(server, id)).status).toBe('resolved');
  });

  test('is always reopened when a message races with its resolution', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { token, id } = await server.conversation();

      await inTurns(server, () => Promise.all([post(id, says('racing')), resolve(id), post(id, says('too'))]));

      const types = (await customerLog(server, token, id)).map(({ type }) => type);
      const resolved = types.indexOf('conversation_resolution');
      const after = types.slice(resolved + 1);
      if (after.includes('message_create')) expect(after[0]).toBe('conversation_reopen');
    }
  });
});

describe('pages of messages', () => {
  test('are newest first and joined by `link` without a gap or a double, while new ones come in', async () => {
    const { id } = await server.conversation('0');
    for (let at = 1; at < 13; at += 1) await post(id, says(String(at)));

    const found: Message[] = [];
    let path: string | undefined = conversationPath(id, '/messages?items_per_page=5');
    const sizes: number[] = [];
    while (path) {
      const page: { body: { messages: Message[]; link?: { href: string } } } = await server.call('GET', path, bot);
      found.push(...page.body.messages);
      sizes.push(page.body.messages.length);
      path = page.body.link?.href;
      await post(id, says('meanwhile'));
    }

    expect(sizes).toEqual([5, 5, 3]);
    expect(found.map(({ message_parts }) => message_parts[0])).toEqual(
      Array.from({ length: 13 }, (_, at) => ({ text: { content: String(12 - at) } })),
    );
  });

  test('`from_time` gives the message of that very time and everything older', async () => {
    const { id } = await server.conversation('old');
    const middle = (await post(id, says('middle'))).body;
    await post(id, says('new'));

    const { body } = await server.call<{ messages: Message[] }>(
      'GET',
      conversationPath(id, `/messages?from_time=${middle.created_time}`),
      bot,
    );

    expect(body.messages.map(({ message_parts }) => message_parts[0])).toEqual([
      { text: { content: 'middle' } },
      { text: { content: 'old' } },
    ]);
  });

  test('a last page that is exactly full has no link', async () => {
    const { id } = await server.conversation('0');
    await post(id, says('1'));

    const { body } = await server.call<object>('GET', conversationPath(id, '/messages?items_per_page=2'), bot);

    expect(body).not.toHaveProperty('link');
  });

  test('bad pages are refused and a page too large is answered with the largest', async () => {
    const { id } = await server.conversation();
    for (const query of ['page=0', 'page=-1', 'items_per_page=0', 'items_per_page=many', 'from_time=yesterday']) {
      const { body } = await server.call('GET', conversationPath(id, `/messages?${query}`), bot);
      expect(body, query).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
    }
    expect((await server.call('GET', conversationPath(id, '/messages?items_per_page=9999'), bot)).status).toBe(200);
  });
});

describe('messages through the API', () => {
  test('are by the actor of the token, by name', async () => {
    const { id } = await server.conversation();

    expect((await post(id, says('hi'))).body).toMatchObject({
      actor_type: 'bot',
      actor_id: bot.agentId,
      actor_name: 'Freddy',
      message_source: 'api',
      conversation_id: id,
    });
  });

  test('a token without an actor has to name one, and of the right kind', async () => {
    const { id } = await server.conversation();
    const { token } = await server.token(['messages:write']);
    const by = (body: object) => server.call('POST', conversationPath(id, '/messages'), { token, body });

    expect((await by({ ...says('hi'), actor_type: 'agent' })).body).toMatchObject({ status: 'INVALID_VALUE' });
    expect((await by({ ...says('hi'), actor_type: 'agent', actor_id: bot.agentId })).body).toMatchObject({
      status: 'INVALID_VALUE',
    });
    expect((await by({ ...says('hi'), actor_id: 'nobody' })).body).toMatchObject({
      code: 404,
      status: 'AGENT_NOT_FOUND',
    });
    expect((await by({ ...says('hi'), actor_id: bot.agentId })).status).toBe(200);
  });

  test('posting as the user needs a scope of its own, and only as this conversation’s user', async () => {
    const { id, userId } = await server.conversation();
    const { userId: stranger } = await server.conversation();
    const { token } = await server.token(['messages:write'], { bot: true });
    const body = { ...says('me'), actor_type: 'user', actor_id: userId };

    const without = await server.call('POST', conversationPath(id, '/messages'), { token, body });
    expect(without.body).toMatchObject({ code: 403, status: 'FORBIDDEN' });
    expect((await post(id, { ...body, actor_id: stranger })).body).toMatchObject({ status: 'INVALID_VALUE' });
    expect((await post(id, { ...body, message_type: 'private' })).body).toMatchObject({ status: 'INVALID_VALUE' });
    expect((await post(id, body)).body).toMatchObject({ actor_type: 'user', actor_id: userId });
  });

  test('messages of a new conversation need the scope for messages, and a refused one leaves no conversation', async () => {
    const { userId } = await server.conversation();
    const { token } = await server.token(['conversations:write'], { bot: true });
    const before = await count('conversations');
    const start = (messages: object[], by = token) =>
      server.call('POST', '/v2/conversations', { token: by, body: { users: [{ id: userId }], messages } });

    expect((await start([says('hi')])).body).toMatchObject({ code: 403, status: 'FORBIDDEN' });
    expect((await start([says('hi'), { ...says('x'), actor_id: 'nobody' }], bot.token)).status).toBe(404);
    expect(await count('conversations')).toBe(before);
    expect((await start([])).status).toBe(200);
  });

  test('those that could not be shown are refused before anything is stored, each fault by its place', async () => {
    const { id, userId } = await server.conversation();
    const before = await count('events');
    const hidden = { text: { content: 'See <img src=x>' } };
    const bad = { message_parts: [{ text: { content: 'fine' } }, hidden], actor_type: 'bot' };

    const alone = await post(id, bad);
    const started = await server.call('POST', '/v2/conversations', {
      token: bot.token,
      body: { users: [{ id: userId }], messages: [says('fine'), bad, bad] },
    });

    expect(alone.body).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
    expect(alone.body.details?.map(({ path }) => path)).toEqual(['message_parts[1].text.content']);
    expect(started.status).toBe(400);
    expect(started.body.details?.map(({ path }) => path)).toEqual([
      'messages[1].message_parts[1].text.content',
      'messages[2].message_parts[1].text.content',
    ]);
    expect(await count('events')).toBe(before);
  });

  test('read marks go forward only, and reach the customer', async () => {
    const { customer, id } = await server.conversation();
    const read = (up_to: number) =>
      server.call('POST', conversationPath(id, '/read'), { token: bot.token, body: { up_to } });

    await read(1);
    await read(1);
    await read(0);
    await read(1_000_000);

    await customer.until(({ events }) => events.some(({ type, seq }) => type === 'message_read' && seq === 4));
    const marks = customer.events.filter((event) => event.type === 'message_read').map(({ data }) => data);
    expect(marks).toEqual([{ up_to: 1 }, { up_to: 3 }]);
  });

  test('typing reaches the customer with the name of who types, and is not in the log', async () => {
    const { customer, id } = await server.conversation();
    const before = await count('events');

    await server.call('POST', conversationPath(id, '/typing'), { token: bot.token, body: { actor_type: 'bot' } });

    await customer.until(({ told }) => told.typing.length === 1);
    expect(customer.told.typing[0]).toEqual({ conversation_id: id, name: 'Freddy', on: true });
    expect(await count('events')).toBe(before);
    const unknown = await server.call('POST', conversationPath(id, '/typing'), {
      token: bot.token,
      body: { actor_type: 'bot', actor_id: 'nobody' },
    });
    expect(unknown.body).toMatchObject({ code: 404, status: 'AGENT_NOT_FOUND' });
  });
});

describe('what customers send', () => {
  test('10,000 code points go through whole, of whatever kind; one more is refused', async () => {
    const { customer, token, id } = await server.conversation();
    const family = '👩‍👩‍👧‍👦';
    const text = [...family.repeat(2_000)].slice(0, 10_000).join('');

    await customer.send(text);

    expect(messagesOf(await customerLog(server, token, id)).at(-1)?.message_parts).toEqual([
      { text: { content: text } },
    ]);
    await expect(customer.send(`${text}x`)).rejects.toThrow('INVALID_VALUE');
  });

  test('odd characters come back as they were', async () => {
    const { customer, token, id } = await server.conversation();
    const texts = [
      'a\u0000b',
      '\ud800 alone',
      '\u202eright to left',
      '<script>alert(1)</script>',
      "'); DROP TABLE events;--",
    ];
    for (const text of texts) await customer.send(text);

    const stored = messagesOf(await customerLog(server, token, id)).slice(1);

    const said = stored.map(({ message_parts }) => (message_parts[0] as { text: { content: string } }).text.content);
    expect(said.map((each) => each.replace('\ufffd', '\ud800'))).toEqual(texts); // A lone surrogate can't travel as UTF-8.
  });
});

const resolve = (id: string) =>
  server.call<Conversation>('PUT', conversationPath(id), { token: bot.token, body: { status: 'resolved' } });
const session = (token: string) => server.session({ resume: token });

test('a conversation that was assigned, resolved and reopened tells so in its log, and nothing twice', async () => {
  const { token, id } = await server.conversation();
  const put = (body: object) =>
    server.call<Conversation & ErrorBody>('PUT', conversationPath(id), { token: bot.token, body });

  expect((await put({ assigned_agent_id: bot.agentId })).body).toMatchObject({ status: 'assigned' });
  await put({ assigned_agent_id: bot.agentId });
  await put({ status: 'resolved' });
  await put({ status: 'resolved' });
  await put({ status: 'reopened' });
  await put({ assigned_agent_id: null });
  expect((await put({ assigned_agent_id: 'nobody' })).body).toMatchObject({ code: 404, status: 'AGENT_NOT_FOUND' });
  expect((await put({ channel_id: 'nowhere' })).body).toMatchObject({ code: 404, status: 'CHANNEL_NOT_FOUND' });

  const log: Event[] = await customerLog(server, token, id);
  expect(log.slice(2).map(({ type }) => type)).toEqual([
    'conversation_assignment',
    'conversation_resolution',
    'conversation_reopen',
    'conversation_assignment',
  ]);
});

test('properties are merged and stay within their limit, however often they are added to', async () => {
  const { id } = await server.conversation();
  const put = (properties: object) =>
    server.call<Conversation & ErrorBody>('PUT', conversationPath(id), { token: bot.token, body: { properties } });

  await put({ a: 1 });
  expect((await put({ b: 2 })).body.properties).toEqual({ a: 1, b: 2 });
  const statuses: number[] = [];
  for (let at = 0; at < 5; at += 1) statuses.push((await put({ [`more${at}`]: 'x'.repeat(7_000) })).status);

  expect(statuses).toContain(400);
  expect(JSON.stringify((await readConversation(server, id)).properties).length).toBeLessThan(8_300);
});
