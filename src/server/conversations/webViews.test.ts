import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Event } from '../../protocol/event';
import type { ClientMessages } from '../../protocol/live';
import type { Message } from '../../protocol/message';
import { type Scope, scopes } from '../../protocol/rest/route';
import type { WebView } from '../../protocol/rest/webViews';
import { clearOld } from '../retention';
import {
  conversationPath,
  customerLog,
  eventually,
  newClientId,
  rewrite,
  startReceiver,
  startTestServer,
  type TestCustomer,
  type TestServer,
  testSite,
} from '../testServer';
import { getConversation } from './conversations';
import { pause, sweepWebViews } from './webViewLife';
import { openWebView } from './webViewOpening';
import { getWebView } from './webViews';

let server: TestServer;
let bot: { token: string };
/** How far the server's clock is ahead, in milliseconds. */
let ahead = 0;
beforeAll(async () => {
  server = await startTestServer({ now: () => Date.now() + ahead });
  bot = await server.token(undefined, { bot: true });
});
afterAll(() => server.stop());
beforeEach(() => {
  ahead = 0;
});

const call = <T = ErrorBody>(method: string, path: string, body?: unknown, token = bot.token) =>
  server.call<T>(method, path, { token, ...(body === undefined ? {} : { body }) });
const later = async (seconds: number) => {
  ahead += seconds * 1_000;
  await sweepWebViews(server.world);
};
type Offered = Awaited<ReturnType<typeof offer>>;

/** A conversation in which a bot offers a web view. */
async function offer(options: object = {}) {
  const made = await server.conversation();
  const { body } = await postButton(made.id, options);
  return { ...made, message: body, owner: newClientId() };
}
const postButton = (id: string, web_view: object = {}, label = 'Enter card details') =>
  call<Message>('POST', conversationPath(id, '/messages'), {
    actor_type: 'bot',
    message_parts: [
      { text: { content: 'Your card, please' } },
      { url_button: { label, url: `${testSite.cards}/confirm`, target: '_self', web_view } },
    ],
  });
const tap = ({ customer, id, message, owner }: Offered, more: Partial<ClientMessages['web_view_open']> = {}) =>
  customer.ask('web_view_open', { conversation_id: id, message_id: message.id, button: 0, owner, ...more });
async function open(options: object = {}) {
  const offered = await offer(options);
  const answer = await tap(offered);
  if (!answer.ok) throw new Error(answer.error.message);
  return { ...offered, view: answer.value, viewId: answer.value.web_view_id };
}
type Opened = Awaited<ReturnType<typeof open>>;
const savedOf = async ({ viewId }: { viewId: string }) => (await getWebView(server.world, viewId)).saved_json;

const mine = ({ viewId, owner }: Opened) => ({ web_view_id: viewId, owner });
const code = async (opened: Opened) => {
  const answer = await opened.customer.ask('web_view_code', mine(opened));
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.code;
};
const exchange = (one: string) =>
  call<Record<string, unknown> & ErrorBody>('POST', '/v2/web-views/exchange', { code: one });
const submit = (opened: Opened, more: Partial<ClientMessages['web_view_submit']> = {}) =>
  opened.customer.ask('web_view_submit', {
    ...mine(opened),
    idempotency_key: newClientId(),
    result: { last4: '1111' },
    ...more,
  });
const close = (opened: Opened, reason: ClientMessages['web_view_close']['reason'] = 'customer') =>
  opened.customer.ask('web_view_close', { ...mine(opened), reason });
const read = (id: string, token = bot.token) => call<WebView>('GET', `/v2/web-views/${id}`, undefined, token);
const path = (opened: Opened, rest = '') => `/v2/web-views/${opened.viewId}${rest}`;
const logOf = (opened: { token: string; id: string }) => customerLog(server, opened.token, opened.id);
const about = async (opened: { token: string; id: string }) =>
  (await logOf(opened)).filter(({ type }) => type.startsWith('web_view_'));
const types = (events: Event[]) => events.map(({ type }) => type);
const closings = (events: Event[]) => events.flatMap((event) => (event.type === 'web_view_close' ? [event.data] : []));

describe('opening', () => {
  test('says where a tab leads when the page can’t be shown, and whether to ask before leaving', async () => {
    const opened = await open({ fallback_url: 'https://bank.example/full?x=1', confirm_close_when_dirty: false });

    expect(opened.view).toMatchObject({
      fallback_url: 'https://bank.example/full?x=1',
      confirm_close_when_dirty: false,
    });
    const refused = await postButton(opened.id, { fallback_url: 'javascript:alert(1)' });
    expect(refused.status).toBe(400);
  });

  test('tells the customer’s browser nothing of what the button holds for the server', async () => {
    const opened = await open({
      result_schema: { description: 'secret-schema' },
      fallback_url: 'https://a.example/secret-tab',
    });

    expect(JSON.stringify(await logOf(opened))).not.toContain('secret-');
  });

  test('gives the page, what the bot handed over, and a sandbox that keeps it in its frame; the bot is told', async () => {
    const opened = await open({ size: 'full', title: 'Card details', data: { flow: 'statement' }, expires_in: 600 });

    expect(opened.view).toEqual({
      web_view_id: expect.any(String),
      url: `${testSite.cards}/confirm`,
      origin: testSite.cards,
      size: 'full',
      title: 'Card details',
      data: { flow: 'statement' },
      sandbox: 'allow-scripts allow-forms allow-same-origin',
      allow: '',
      strict: false,
      host_mount_on: [],
      readable_by_host: false,
      confirm_close_when_dirty: true,
      expires_time: expect.any(String),
    });
    const [event] = await about(opened);
    expect(event).toMatchObject({
      type: 'web_view_open',
      actor: { actor_type: 'user', actor_id: opened.userId },
      data: { resumed: false, web_view: { id: opened.viewId, message_id: opened.message.id, button: 0 } },
    });
    expect((await read(opened.viewId)).body).toMatchObject({
      id: opened.viewId,
      state: 'open',
      submitted: false,
      user_id: opened.userId,
      conversation_id: opened.id,
    });
  });

  test('a button without options opens with the defaults', async () => {
    const opened = await open();

    expect(opened.view).toMatchObject({ size: 'tall' });
    const minutes = (Date.parse(opened.view.expires_time) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(14);
    expect(minutes).toBeLessThanOrEqual(15);
  });

  test('again by the same tab is the same view and no event; by another tab it is taken over and the first is told', async () => {
    const opened = await open();
    const other = await server.connect(opened.token, { [opened.id]: 0 });
    const owner = newClientId();

    expect(await tap(opened)).toEqual({ ok: true, value: opened.view });
    expect(await tap({ ...opened, customer: other, owner })).toEqual({ ok: true, value: opened.view });

    await opened.customer.until(({ told }) => told.web_view_taken.length === 1);
    expect(opened.customer.told.web_view_taken).toEqual([{ web_view_id: opened.viewId, owner }]);
    expect(types(await about(opened))).toEqual(['web_view_open']);
    for (const refused of [
      await opened.customer.ask('web_view_code', mine(opened)),
      await opened.customer.ask('web_view_beat', mine(opened)),
      await opened.customer.ask('web_view_pause', mine(opened)),
      await opened.customer.ask('web_view_save', { ...mine(opened), state: 1 }),
      await submit(opened),
      await close(opened),
    ])
      expect(refused).toMatchObject({ ok: false, error: { code: 409, status: 'WEB_VIEW_TAKEN' } });
    expect((await read(opened.viewId)).body).toMatchObject({ state: 'open', submitted: false });
  });

  test('of what is no web view is refused', async () => {
    const offered = await offer();
    const link = await call<Message>('POST', conversationPath(offered.id, '/messages'), {
      actor_type: 'bot',
      message_parts: [{ url_button: { label: 'Terms', url: 'https://bank.example/', target: '_blank' } }],
    });
    const hidden = await call<Message>('POST', conversationPath(offered.id, '/messages'), {
      actor_type: 'bot',
      message_parts: [{ url_button: { label: 'x', url: `${testSite.cards}/x`, target: '_self' } }],
    });
    await rewrite(server, hidden.body.id, '"message_type":"normal"', '"message_type":"private"');
    const foreign = await offer();

    expect(await tap(offered, { button: 1 })).toMatchObject({ ok: false, error: { status: 'NOT_OFFERED' } });
    expect(await tap(offered, { message_id: link.body.id })).toMatchObject({ error: { status: 'NOT_OFFERED' } });
    expect(await tap(offered, { message_id: hidden.body.id })).toMatchObject({ error: { status: 'NOT_OFFERED' } });
    expect(await tap(offered, { message_id: foreign.message.id })).toMatchObject({ error: { code: 404 } });
    expect(await tap(offered, { conversation_id: foreign.id, message_id: foreign.message.id })).toMatchObject({
      error: { status: 'CONVERSATION_NOT_FOUND' },
    });
    expect(await about(offered)).toEqual([]);
  });

  test('finds its button wherever it stands: in a collection, in a card, among the reply parts', async () => {
    const offered = await offer();
    const button = (name: string, target = '_self') => ({
      url_button: { label: name, url: `${testSite.cards}/${name}`, target },
    });
    const card = (...sections: object[]) => ({
      template_content: {
        type: 'carousel_card_default',
        sections: [{ name: 'title', parts: [{ text: { content: 'A card' } }] }, ...sections],
      },
    });
    const view = (name: string, target?: string) => ({ name: 'view', parts: [button(name, target)] });
    const callback = { name: 'callback', parts: [{ callback: { label: 'Select' } }] };
    const { body: message } = await call<Message>('POST', conversationPath(offered.id, '/messages'), {
      actor_type: 'bot',
      message_parts: [{ collection: { sub_parts: [{ text: { content: 'Look' } }, button('in-collection')] } }],
      reply_parts: [
        {
          template_content: {
            type: 'carousel',
            sections: [{ name: 'cards', parts: [card(callback), card(view('tab', '_blank')), card(view('in-card'))] }],
          },
        },
        { collection: { sub_parts: [{ quick_reply_button: { label: 'No' } }, button('in-replies')] } },
        button('last'),
      ],
    });

    const found: unknown[] = [];
    for (const at of [0, 1, 2, 3, 4, 5]) {
      const answer = await tap(offered, { message_id: message.id, button: at });
      found.push(answer.ok ? answer.value.url : answer.error.status);
    }

    expect(found).toEqual([
      `${testSite.cards}/in-collection`,
      'NOT_OFFERED', // It opens a tab.
      `${testSite.cards}/in-card`,
      `${testSite.cards}/in-replies`,
      `${testSite.cards}/last`,
      'NOT_OFFERED',
    ]);
  });

  test('another one closes the one that runs, as replaced', async () => {
    const opened = await open();
    const { body: second } = await postButton(opened.id);

    const answer = await tap(opened, { message_id: second.id });

    expect(answer).toMatchObject({ ok: true });
    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_close', 'web_view_open']);
    expect(closings(await about(opened))).toMatchObject([{ reason: 'replaced', submitted: false }]);
  });

  test('twenty times at once from twenty tabs is one view with one owner', async () => {
    const offered = await offer();

    const answers = await Promise.all(Array.from({ length: 20 }, () => tap({ ...offered, owner: newClientId() })));

    expect(new Set(answers.map((answer) => answer.ok && answer.value.web_view_id)).size).toBe(1);
    expect(types(await about(offered))).toEqual(['web_view_open']);
  });

  test('in a resolved conversation is refused, also when it is resolved in that moment', async () => {
    const offered = await offer();
    await call('PUT', conversationPath(offered.id), { status: 'resolved' });
    expect(await tap(offered)).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });

    const racing = await offer();
    const before = await getConversation(server.world, racing.id);
    await call('PUT', conversationPath(racing.id), { status: 'resolved' });
    const late = openWebView(server.world, before, {
      message_id: racing.message.id,
      button: 0,
      owner: racing.owner,
    });
    await expect(late).rejects.toMatchObject({ code: 'WEB_VIEW_CLOSED' });
    expect(await about(racing)).toEqual([]);
  });
});

describe('pausing and going on', () => {
  test('a page that is left goes on later under its id, with what it saved, on another device', async () => {
    const opened = await open({ data: { flow: 'statement' } });
    await opened.customer.ask('web_view_save', { ...mine(opened), state: { step: 2 } });

    await opened.customer.ask('web_view_pause', mine(opened));
    expect((await read(opened.viewId)).body.state).toBe('paused');
    const phone = await server.connect(opened.token, {});
    const answer = await tap({ ...opened, customer: phone, owner: newClientId() });

    expect(answer).toMatchObject({ ok: true, value: { web_view_id: opened.viewId, state: { step: 2 } } });
    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_pause', 'web_view_open']);
    expect((await about(opened))[2]).toMatchObject({ data: { resumed: true } });
  });

  test('a heartbeat keeps it open; a minute of silence pauses it, once, and does not close it', async () => {
    const opened = await open();

    await later(50);
    await opened.customer.ask('web_view_beat', mine(opened));
    await later(50);
    expect((await read(opened.viewId)).body.state).toBe('open');
    await later(15);
    await later(15);

    expect((await read(opened.viewId)).body.state).toBe('paused');
    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_pause']);
  });

  test('a pause that comes too late does not stop the tab that took over meanwhile', async () => {
    const opened = await open();
    const before = await getWebView(server.world, opened.viewId);
    await tap({ ...opened, owner: newClientId() });

    await pause(server.world, before);

    expect((await read(opened.viewId)).body.state).toBe('open');
  });

  test('what is saved is bounded, checked for card numbers, and gone once the view is submitted', async () => {
    const opened = await open();
    const save = (state: unknown) => opened.customer.ask('web_view_save', { ...mine(opened), state });

    expect(await save('x'.repeat(9_000))).toMatchObject({ ok: false, error: { status: 'INVALID_VALUE' } });
    expect(await save({ card: '4111 1111 1111 1111' })).toMatchObject({
      ok: false,
      error: { status: 'INVALID_VALUE' },
    });
    expect(await save(JSON.parse(`${'['.repeat(4_000)}1${']'.repeat(4_000)}`))).toMatchObject({ ok: true });
    expect(await tap(opened)).toMatchObject({ ok: true }); // …and what is nested that deep can be handed out again.
    expect(await save({ note: 'kept for now' })).toMatchObject({ ok: true });
    await submit(opened);

    expect(await save({ note: 'too late' })).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });
    expect(await savedOf(opened)).toBeNull();
  });

  test.each(['customer', 'page', 'blocked'] as const)(
    'a page that was closed (%s) has a moment for its last words; opened anew, it has them',
    async (reason) => {
      const opened = await open();
      const save = (state: unknown, more = {}) =>
        opened.customer.ask('web_view_save', { ...mine(opened), state, ...more });
      await save({ step: 1 });
      await close(opened, reason);

      ahead = 4_000;
      expect(await save({ step: 2 })).toMatchObject({ ok: true });
      expect(await save({ step: 3 }, { owner: newClientId() })).toMatchObject({ error: { status: 'WEB_VIEW_TAKEN' } });
      expect(await save({ card: '4111 1111 1111 1111' })).toMatchObject({ error: { status: 'INVALID_VALUE' } });
      ahead = 6_000;
      expect(await save({ step: 4 })).toMatchObject({ error: { status: 'WEB_VIEW_CLOSED' } });
      const again = await tap(opened);

      expect(again).toMatchObject({ ok: true, value: { state: { step: 2 } } });
      expect(again.ok && again.value.web_view_id).not.toBe(opened.viewId);
      expect(await savedOf(opened)).toBeNull(); // It has gone over.
    },
  );

  test('what was saved comes back after a close by the business, by another view and by expiry', async () => {
    const opened = await open({ expires_in: 100 });
    const saved = (step: number, id = opened.viewId) =>
      opened.customer.ask('web_view_save', { ...mine(opened), web_view_id: id, state: { step } });
    const reopened = async (step: number) => {
      const answer = await tap(opened);
      expect(answer).toMatchObject({ ok: true, value: { state: { step } } });
      return answer.ok ? answer.value.web_view_id : '';
    };

    await call('POST', path(opened, '/close'), {});
    await saved(1);
    const second = await reopened(1);
    const other = await postButton(opened.id);
    await tap(opened, { message_id: other.body.id });
    await saved(2, second);
    const third = await reopened(2);
    await saved(3, third);
    await later(101);
    await reopened(3);

    expect(closings(await about(opened)).map(({ reason }) => reason)).toEqual([
      'business',
      'replaced',
      'replaced',
      'expired',
    ]);
  });

  test('nothing saved outlives the conversation’s resolution, nor the time that old things are kept', async () => {
    const closed = await open();
    const running = await postButton(closed.id);
    const save = (id: string) => closed.customer.ask('web_view_save', { ...mine(closed), web_view_id: id, state: 1 });
    await save(closed.viewId);
    const second = await tap(closed, { message_id: running.body.id });
    if (!second.ok) throw new Error(second.error.message);
    const { web_view_id } = second.value;
    await save(web_view_id);
    const old = await open();
    await old.customer.ask('web_view_save', { ...mine(old), state: 1 });
    await close(old);
    const clear = () => clearOld(server.world, 90, new AbortController().signal);

    await call('PUT', conversationPath(closed.id), { status: 'resolved' });
    expect(await save(web_view_id)).toMatchObject({ error: { status: 'WEB_VIEW_CLOSED' } });
    expect([await savedOf(closed), await savedOf({ viewId: web_view_id })]).toEqual([null, null]);
    ahead = 29 * 86_400_000;
    await clear();
    expect(await savedOf(old)).toBe('1');
    ahead = 31 * 86_400_000;
    await clear();
    expect(await savedOf(old)).toBeNull();
  });
});

describe('expiry', () => {
  test('counts from the first opening, whatever happens in between, and closes the view', async () => {
    const opened = await open({ expires_in: 100 });

    await later(70); // silence pauses it
    await tap(opened);
    await later(25);
    await opened.customer.ask('web_view_beat', mine(opened));
    expect((await read(opened.viewId)).body.state).toBe('open');
    await later(6);

    expect((await read(opened.viewId)).body).toMatchObject({ state: 'closed', reason: 'expired', submitted: false });
    expect(closings(await about(opened))).toEqual([
      { web_view: expect.anything(), reason: 'expired', submitted: false, duration_ms: expect.any(Number) },
    ]);
    expect(closings(await about(opened))[0]?.duration_ms).toBeGreaterThanOrEqual(100_000);
  });

  test('holds before anybody swept: no code, no submit, and a new tap opens a new view', async () => {
    const opened = await open({ expires_in: 100 });
    const early = await code(opened);
    ahead = 30_000;
    const fresh = await code(opened);
    ahead = 101_000;

    expect((await exchange(early)).body).toMatchObject({ code: 400, status: 'CODE_INVALID' });
    expect((await exchange(fresh)).body).toMatchObject({ code: 400, status: 'CODE_INVALID' });
    expect(await submit(opened)).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });
    expect((await call('POST', path(opened, '/submit'), { result: {} })).body).toMatchObject({
      status: 'WEB_VIEW_CLOSED',
    });
    const again = await tap(opened);

    expect(again.ok && again.value.web_view_id).not.toBe(opened.viewId);
    expect(closings(await about(opened))).toMatchObject([{ reason: 'expired' }]);
  });
});

describe('the one-time code', () => {
  test('tells the page’s backend which view and whose it is, once', async () => {
    const opened = await open({ data: { flow: 'statement' } });
    const one = await code(opened);

    const first = await exchange(one);
    const second = await exchange(one);

    expect(first).toMatchObject({ status: 200 });
    expect(first.body).toEqual({
      web_view_id: opened.viewId,
      conversation_id: opened.id,
      message_id: opened.message.id,
      user_id: opened.userId,
      origin: testSite.cards,
      data: { flow: 'statement' },
    });
    expect(second.body).toMatchObject({ code: 400, status: 'CODE_INVALID' });
  });

  test('twenty exchanges at once: exactly one wins', async () => {
    const one = await code(await open());

    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(one)));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
  });

  test('exchanged again by whoever lost the answer, with the same Idempotency-Key: the same answer; with another: none', async () => {
    const one = await code(await open());
    const withKey = (key: string, token = bot.token) =>
      server.call<Record<string, unknown> & ErrorBody>('POST', '/v2/web-views/exchange', {
        token,
        body: { code: one },
        headers: { 'idempotency-key': key },
      });

    const first = await withKey('of-the-backend');

    expect(first.status).toBe(200);
    expect((await withKey('of-the-backend')).body).toEqual(first.body);
    expect((await withKey('of-another')).body).toMatchObject({ status: 'CODE_INVALID' });
    const other = await server.token(undefined, { bot: true });
    expect((await withKey('of-the-backend', other.token)).body).toMatchObject({ status: 'CODE_INVALID' });
  });

  test('raced by the end of its view works or doesn’t, and never after', async () => {
    for (let round = 0; round < 5; round += 1) {
      const opened = await open();
      const [one, two] = [await code(opened), await code(opened)];

      const [raced] = await Promise.all([exchange(one), round % 2 ? close(opened) : submit(opened)]);

      expect([200, 400]).toContain(raced.status);
      expect((await exchange(two)).body).toMatchObject({ status: 'CODE_INVALID' });
    }
  });

  test('is good for a minute, and only while its view is open', async () => {
    const opened = await open();
    const old = await code(opened);
    ahead = 61_000;
    expect((await exchange(old)).status).toBe(400);

    await opened.customer.ask('web_view_beat', mine(opened));
    const paused = await code(opened);
    await opened.customer.ask('web_view_pause', mine(opened));
    expect((await exchange(paused)).status).toBe(400);

    await tap(opened);
    const late = await code(opened);
    await close(opened);
    expect((await exchange(late)).status).toBe(400);
    expect(await opened.customer.ask('web_view_code', mine(opened))).toMatchObject({
      ok: false,
      error: { status: 'WEB_VIEW_CLOSED' },
    });
  });

  test('that was made up is refused, whatever it looks like', async () => {
    for (const guess of ['', 'x', 'gcc_', `gcc_${'A'.repeat(43)}`, 'x'.repeat(200), "' OR 1=1 --"])
      expect((await exchange(guess)).body, guess).toMatchObject({ code: 400, status: 'CODE_INVALID' });
  });
});

describe('submitting', () => {
  test('by the page is the customer’s word: the bot gets the result, the log a message with the summary, the customer no result', async () => {
    const receiver = await startReceiver();
    await server.webhook(receiver.url);
    const opened = await open();

    expect(await submit(opened, { result: { secretResult: 'abc' }, summary: 'Card ending in 1111' })).toEqual({
      ok: true,
      value: {},
    });

    const log = await logOf(opened);
    expect(types(log).slice(-3)).toEqual(['web_view_submit', 'message_create', 'web_view_close']);
    expect(log.at(-2)).toMatchObject({
      data: {
        message: {
          actor_type: 'user',
          message_parts: [{ text: { content: 'Card ending in 1111' } }],
          in_reply_to: { message_id: opened.message.id },
        },
      },
    });
    await receiver.until((received) => received.some(({ body }) => body.action === 'web_view_close'));
    const told = receiver.received
      .map(({ body }) => body)
      .filter(({ conversation_id }) => conversation_id === opened.id);
    expect(told.find(({ action }) => action === 'web_view_submit')?.data).toMatchObject({
      web_view: { id: opened.viewId, conversation_id: opened.id, user_id: opened.userId },
      summary: 'Card ending in 1111',
      source: 'page',
      result: { secretResult: 'abc' },
    });
    expect(told.find(({ action }) => action === 'web_view_close')?.data).toMatchObject({
      reason: 'submitted',
      submitted: true,
      duration_ms: expect.any(Number),
    });
    await opened.customer.until(({ events }) => events.some(({ type }) => type === 'web_view_close'));
    const session = await server.session({ resume: opened.token });
    expect(JSON.stringify([opened.customer.told, log, session.body])).not.toContain('secretResult');
    await receiver.stop();
  });

  test('by the business is not in the way of anything that the customer has said', async () => {
    const opened = await open();
    const client_id = `web-view-${opened.viewId}`;
    expect(await opened.customer.ask('send', { client_id, content: { text: 'first' } })).toMatchObject({ ok: true });

    const { status, body } = await call('POST', path(opened, '/submit'), { result: { ok: true } });

    expect(status, JSON.stringify(body)).toBe(200);
  });

  test('with thousands of faults is answered with the first of the deepest', async () => {
    const result_schema = { type: 'object', properties: { all: { type: 'array', items: { type: 'string' } } } };
    const opened = await open({ result_schema });

    const { status, body } = await call('POST', path(opened, '/submit'), { result: { all: Array(3_000).fill(0) } });

    expect(status).toBe(400);
    expect(body.details).toHaveLength(20);
    expect(body.details?.[0]).toMatchObject({ path: 'result.all[0]' });
  });

  test('by the business says so, and its result is shown only to a token that may read results', async () => {
    const opened = await open({ title: 'Card details' });

    const answer = await call<WebView>('POST', path(opened, '/submit'), { result: { ok: true } });

    expect(answer.body).toMatchObject({
      state: 'closed',
      reason: 'submitted',
      submitted: true,
      source: 'business',
      summary: 'Card details', // of a result without a summary, the title
      result: { ok: true },
    });
    const { token } = await server.token(['web_views:read', 'web_views:write']);
    expect((await read(opened.viewId, token)).body).toMatchObject({ submitted: true, source: 'business' });
    expect((await read(opened.viewId, token)).body).not.toHaveProperty('result');
    const again = await call('POST', path(opened, '/submit'), { result: { ok: true } }, token);
    expect(again).toMatchObject({ status: 200 });
    expect(again.body).not.toHaveProperty('result');
  });

  test('is for bots: no route shows the raw result to a token without web_views:results, nor the log of webhooks', async () => {
    const receiver = await startReceiver();
    const webhook = await server.webhook(receiver.url);
    const { cursor } = (await call<{ cursor: string }>('GET', '/v2/events?after=latest')).body;
    const opened = await open();
    await submit(opened, { result: { secretResult: 'raw-and-secret' }, summary: 'Done' });
    await receiver.until((received) => received.some(({ body }) => body.action === 'web_view_close'));
    const reading: Scope[] = [...scopes.filter((scope) => scope.endsWith(':read')), 'webhooks:manage'];
    const agent = await server.token(reading, { agent: true });
    const everything = await server.token([...reading, 'web_views:results'], { bot: true });
    const shown = async (token: string) => {
      const paths = [
        conversationPath(opened.id),
        conversationPath(opened.id, '/messages'),
        conversationPath(opened.id, '/events'),
        `/v2/events?after=${cursor}`,
        '/v2/conversations',
        `/v2/users/${opened.userId}`,
        `/v2/users/${opened.userId}/conversations`,
        path(opened),
        `/v2/webhooks/${webhook.id}/deliveries`,
      ];
      const answers = await Promise.all(paths.map((each) => call<object>('GET', each, undefined, token)));
      expect(answers.map(({ status }, at) => `${status} ${paths[at]}`)).toEqual(paths.map((each) => `200 ${each}`));
      return paths.filter((_, at) => JSON.stringify(answers[at]?.body).includes('raw-and-secret'));
    };

    expect(await shown(agent.token)).toEqual([]);
    expect(await shown(everything.token)).toEqual([
      conversationPath(opened.id, '/events'),
      `/v2/events?after=${cursor}`,
      path(opened),
    ]);
    await receiver.stop();
  });

  test('again with the same key changes nothing and succeeds; otherwise it is refused', async () => {
    const opened = await open();
    const idempotency_key = newClientId();
    await submit(opened, { idempotency_key });
    const seq = (await logOf(opened)).length;

    expect(await submit(opened, { idempotency_key })).toEqual({ ok: true, value: {} });
    for (const other of [{ result: { last4: '9999' } }, { summary: 'Other words' }])
      expect(await submit(opened, { idempotency_key, ...other })).toMatchObject({
        ok: false,
        error: { code: 409, status: 'IDEMPOTENCY_KEY_REUSED' },
      });
    expect(await submit(opened)).toMatchObject({ ok: false, error: { code: 409, status: 'WEB_VIEW_CLOSED' } });
    expect((await call('POST', path(opened, '/submit'), { result: { other: 1 } })).body).toMatchObject({
      status: 'WEB_VIEW_CLOSED',
    });
    expect((await logOf(opened)).length).toBe(seq);
  });

  test('by page, business and customer at once: one submit at most and exactly one close', async () => {
    for (let round = 0; round < 5; round += 1) {
      const opened = await open();

      await Promise.all([
        submit(opened),
        submit(opened),
        call('POST', path(opened, '/submit'), { result: { by: 'business' } }),
        call('POST', path(opened, '/submit'), { result: { by: 'business' } }),
        call('POST', path(opened, '/close'), { result: { by: 'business too' } }),
        close(opened),
      ]);

      const log = await about(opened);
      expect(closings(log)).toHaveLength(1);
      expect(types(log).filter((type) => type === 'web_view_submit').length).toBeLessThanOrEqual(1);
      expect(closings(log)[0]?.submitted).toBe(types(log).includes('web_view_submit'));
    }
  });

  test('late is refused: after the customer closed, after the conversation was resolved', async () => {
    const closed = await open();
    await close(closed);
    const resolved = await open();
    await call('PUT', conversationPath(resolved.id), { status: 'resolved' });

    for (const opened of [closed, resolved]) {
      const seq = (await logOf(opened)).length;
      expect(await submit(opened)).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_CLOSED' } });
      expect((await call('POST', path(opened, '/submit'), { result: {} })).body).toMatchObject({ code: 409 });
      expect((await call('POST', path(opened, '/close'), { result: {} })).body).toMatchObject({ code: 409 });
      expect((await logOf(opened)).length).toBe(seq);
    }
  });

  test('once is once: a submitted view can’t be opened again, a closed one can, and one that may can always', async () => {
    const once = await open();
    await submit(once);
    expect(await tap(once)).toMatchObject({ ok: false, error: { code: 409, status: 'WEB_VIEW_CLOSED' } });

    const given_up = await open();
    await close(given_up);
    const second = await tap(given_up);
    expect(second.ok && second.value.web_view_id).not.toBe(given_up.viewId);

    const many = await open({ once: false });
    await submit(many);
    expect(await tap(many)).toMatchObject({ ok: true });
  });

  const result_schema = {
    type: 'object',
    required: ['last4', 'months'],
    additionalProperties: false,
    properties: {
      last4: { type: 'string', minLength: 4, maxLength: 4 },
      months: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 12 } },
    },
  };

  test('that breaks the button’s schema is refused by either door with the place of each fault, and the view goes on', async () => {
    const opened = await open({ result_schema });
    const wrong = { last4: '42', months: [1, 13, 'x'], note: 'hi' };

    const byPage = await submit(opened, { result: wrong });
    const byBusiness = await call('POST', path(opened, '/submit'), { result: wrong });

    for (const details of [byPage.ok ? [] : byPage.error.details, byBusiness.body.details]) {
      const paths = details?.map((detail) => detail.path) ?? [];
      expect(paths).toEqual(expect.arrayContaining(['result.last4', 'result.months[1]', 'result.months[2]']));
    }
    expect(byBusiness.status).toBe(400);
    expect(JSON.stringify(byPage)).not.toContain('hi');
    expect((await read(opened.viewId)).body).toMatchObject({ state: 'open', submitted: false });
    expect((await submit(opened, { result: { last4: '0042', months: [1, 12] } })).ok).toBe(true);
    expect((await read(opened.viewId)).body).toMatchObject({ state: 'closed', submitted: true });
  });

  test('that lacks a field the schema asks for is refused', async () => {
    const opened = await open({ result_schema });

    expect(await submit(opened, { result: {} })).toMatchObject({ ok: false, error: { status: 'INVALID_VALUE' } });
    expect(await submit(opened, { result: { last4: '0042', months: [], more: 1 } })).toMatchObject({ ok: false });
  });

  test.each<[object, string]>([
    [{ type: 'objekt' }, '.type'],
    [{ propertys: {} }, '.propertys'],
    [{ properties: { a: { pattern: '(a+)+$' } } }, '.properties.a.pattern'],
    [{ properties: { a: { $ref: '#' } } }, '.properties.a.$ref'],
    [{ items: { minLength: -1 } }, '.items.minLength'],
    [{ anyOf: [{}, { required: 'a' }] }, '.anyOf[1].required'],
    [{ enum: [] }, '.enum'],
    [{ description: 'x'.repeat(4_096) }, ''],
    [{ properties: { a: 7 } }, '.properties.a'],
  ])('a schema such as %j is refused when it is posted', async (schema, place) => {
    const made = await server.conversation();

    const answer = await postButton(made.id, { result_schema: schema });

    expect(answer.status).toBe(400);
    const body = answer.body as unknown as ErrorBody;
    const [fault] = body.details ?? [];
    expect(`${fault?.path}: ${fault?.expected}`).toContain(
      `message_parts[1].url_button.web_view.result_schema${place}: `,
    );
  });

  test('what looks like a card number is refused by either door, in the result and in the summary, and nothing is stored', async () => {
    const opened = await open();
    const seq = (await logOf(opened)).length;
    for (const more of [
      { result: { number: '4111 1111 1111 1111' } },
      { result: { nested: [{ pan: 4_111_111_111_111_111 }] } },
      { result: {}, summary: 'Card 4111-1111-1111-1111' },
    ]) {
      expect(await submit(opened, more)).toMatchObject({ ok: false, error: { status: 'INVALID_VALUE' } });
      const { body } = await call('POST', path(opened, '/submit'), more);
      expect(body).toMatchObject({ code: 400, status: 'INVALID_VALUE' });
      expect(JSON.stringify(body)).not.toMatch(/4111/);
      expect((await call('POST', path(opened, '/close'), more)).status).toBe(400);
    }
    expect((await logOf(opened)).length).toBe(seq);
    expect((await read(opened.viewId)).body).toMatchObject({ state: 'open', submitted: false });
  });

  test('results and summaries over their limits are refused', async () => {
    const opened = await open();
    for (const more of [
      { result: { a: 'x'.repeat(8_200) } },
      { result: { a: 'é'.repeat(5_000) } },
      { summary: 'x'.repeat(301) },
    ])
      expect(await submit(opened, more)).toMatchObject({ ok: false, error: { status: 'INVALID_VALUE' } });
    expect((await read(opened.viewId)).body.submitted).toBe(false);
  });
});

describe('closing', () => {
  test('by the business closes it at once, with or without a body, and says by whom', async () => {
    const opened = await open();

    const answer = await server.call<WebView>('POST', path(opened, '/close'), { token: bot.token });

    expect(answer).toMatchObject({ status: 200, body: { state: 'closed', reason: 'business', submitted: false } });
    await opened.customer.until(({ events }) => events.some(({ type }) => type === 'web_view_close'));
    expect((await about(opened)).at(-1)).toMatchObject({ actor: { actor_type: 'bot' }, data: { reason: 'business' } });
  });

  test('by the business with a result submits first', async () => {
    const opened = await open();

    await call('POST', path(opened, '/close'), { result: { ok: true }, summary: 'Checked' });

    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_submit', 'web_view_close']);
    expect((await read(opened.viewId)).body).toMatchObject({
      reason: 'submitted',
      source: 'business',
      summary: 'Checked',
    });
  });

  test.each(['page', 'customer', 'blocked', 'replaced'] as const)(
    'as %s is recorded so; closing again is no fault',
    async (reason) => {
      const opened = await open();

      expect(await close(opened, reason)).toEqual({ ok: true, value: {} });
      expect(await close(opened, 'page')).toEqual({ ok: true, value: {} });
      expect((await call<WebView>('POST', path(opened, '/close'))).body).toMatchObject({ reason });

      expect(closings(await about(opened))).toMatchObject([{ reason, submitted: false }]);
    },
  );

  test('forty closers of every kind at once: exactly one web_view_close', async () => {
    for (let round = 0; round < 3; round += 1) {
      const opened = await open();

      await Promise.all([
        ...Array.from({ length: 15 }, () => close(opened)),
        ...Array.from({ length: 15 }, () => call('POST', path(opened, '/close'))),
        ...Array.from({ length: 5 }, () => submit(opened)),
        call('PUT', conversationPath(opened.id), { status: 'resolved' }),
        ...Array.from({ length: 4 }, () => sweepWebViews(server.world)),
      ]);

      expect(closings(await about(opened))).toHaveLength(1);
    }
  });

  test('by resolving the conversation is told before the resolution', async () => {
    const opened = await open();

    await call('PUT', conversationPath(opened.id), { status: 'resolved' });

    expect(types(await logOf(opened)).slice(-2)).toEqual(['web_view_close', 'conversation_resolution']);
    expect(closings(await about(opened))).toMatchObject([{ reason: 'resolved' }]);
  });
});

describe('the business while it is open', () => {
  test('changes data, size and title, which the customer is told; not once it is closed', async () => {
    const opened = await open();
    const change = (body: object) => call<WebView & ErrorBody>('PATCH', path(opened), body);

    expect((await change({ size: 'compact', title: 'Step 2', data: { step: 2 } })).body).toMatchObject({
      size: 'compact',
      title: 'Step 2',
      data: { step: 2 },
    });
    expect((await change({})).status).toBe(200);
    await opened.customer.until(({ events }) => events.some(({ type }) => type === 'web_view_update'));
    expect(types(await about(opened))).toEqual(['web_view_open', 'web_view_update']);
    await close(opened);
    expect((await change({ size: 'full' })).body).toMatchObject({ code: 409, status: 'WEB_VIEW_CLOSED' });
  });

  test('cannot ask for what a browser may say', async () => {
    const opened = await open();

    for (const body of [{ size: 'huge' }, { title: '' }, { data: 'x' }, { data: { a: 'x'.repeat(9_000) } }])
      expect((await call('PATCH', path(opened), body)).body).toMatchObject({ status: 'INVALID_VALUE' });
    expect((await read(opened.viewId)).body.size).toBe('tall');
  });
});

describe('nobody else', () => {
  test('can use a customer’s view by knowing its id and its tab’s name', async () => {
    const ada = await open();
    const eve = await server.conversation();
    const stolen = { ...ada, customer: eve.customer };

    for (const answer of [
      await eve.customer.ask('web_view_code', mine(ada)),
      await eve.customer.ask('web_view_beat', mine(ada)),
      await eve.customer.ask('web_view_pause', mine(ada)),
      await eve.customer.ask('web_view_save', { ...mine(ada), state: {} }),
      await submit(stolen),
      await close(stolen),
    ])
      expect(answer).toMatchObject({ ok: false, error: { code: 404, status: 'WEB_VIEW_NOT_FOUND' } });
    await submit(ada);
    expect(await submit(stolen)).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_NOT_FOUND' } });
  });
});

test('a tab that goes away pauses what it showed, unless another tab or a reconnect goes on with it', {
  timeout: 20_000,
}, async () => {
  const gone = await open();
  const taken = await open();
  const back = await open();
  const other: TestCustomer = await server.connect(taken.token, {});
  await tap({ ...taken, customer: other, owner: newClientId() });

  for (const opened of [gone, taken, back]) opened.customer.leave();
  const again = await server.connect(back.token, {});
  await new Promise((resolve) => setTimeout(resolve, 20));
  await again.ask('web_view_beat', mine(back));

  await eventually(async () => (await read(gone.viewId)).body.state === 'paused');
  expect((await read(taken.viewId)).body.state).toBe('open');
  expect((await read(back.viewId)).body.state).toBe('open');
});
