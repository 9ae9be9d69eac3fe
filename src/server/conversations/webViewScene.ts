import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Event } from '../../protocol/event';
import type { ClientMessages } from '../../protocol/live';
import type { Message } from '../../protocol/message';
import type { WebView } from '../../protocol/rest/webViews';
import { conversationPath, customerLog, newClientId, startTestServer, type TestServer, testSite } from '../testServer';
import type { World } from '../world';
import { sweepWebViews } from './webViewLife';
import { getWebView } from './webViews';

export type WebViewScene = ReturnType<typeof webViewScene>;
export type Opened = Awaited<ReturnType<WebViewScene['open']>>;

/**
 * For tests of web views: a server whose clock the test sets, a bot that offers views, and customers who open them.
 *
 * ```ts
 * const scene = webViewScene();
 * const { open, submit } = scene;
 * test('…', async () => expect(await submit(await open())).toMatchObject({ ok: true }));
 * ```
 */
export function webViewScene() {
  let server: TestServer;
  let bot: { token: string };
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
  const postButton = (id: string, web_view: object = {}, label = 'Enter card details') =>
    call<Message>('POST', conversationPath(id, '/messages'), {
      actor_type: 'bot',
      message_parts: [
        { text: { content: 'Your card, please' } },
        { url_button: { label, url: `${testSite.cards}/confirm`, target: '_self', web_view } },
      ],
    });
  /** A conversation in which a bot offers a web view. */
  async function offer(options: object = {}) {
    const made = await server.conversation();
    const { body } = await postButton(made.id, options);
    return { ...made, message: body, owner: newClientId() };
  }
  type Offered = Awaited<ReturnType<typeof offer>>;
  const tap = ({ customer, id, message, owner }: Offered, more: Partial<ClientMessages['web_view_open']> = {}) =>
    customer.ask('web_view_open', { conversation_id: id, message_id: message.id, button: 0, owner, ...more });
  async function open(options: object = {}) {
    const offered = await offer(options);
    const answer = await tap(offered);
    if (!answer.ok) throw new Error(answer.error.message);
    return { ...offered, view: answer.value, viewId: answer.value.web_view_id };
  }
  type Open = Awaited<ReturnType<typeof open>>;
  const mine = ({ viewId, owner }: Open) => ({ web_view_id: viewId, owner });
  const logOf = (opened: { token: string; id: string }) => customerLog(server, opened.token, opened.id);

  return {
    get server() {
      return server;
    },
    get world() {
      return server.world;
    },
    /** The bot's token. */
    get token() {
      return bot.token;
    },
    /** How far the server's clock is ahead, in milliseconds. */
    get ahead() {
      return ahead;
    },
    set ahead(milliseconds: number) {
      ahead = milliseconds;
    },
    /** The clock goes on, and web views are looked at. */
    async later(seconds: number) {
      ahead += seconds * 1_000;
      await sweepWebViews(server.world);
    },
    call,
    offer,
    postButton,
    tap,
    open,
    mine,
    async code(opened: Open) {
      const answer = await opened.customer.ask('web_view_code', mine(opened));
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.value.code;
    },
    exchange: (code: string) => call<Record<string, unknown> & ErrorBody>('POST', '/v2/web-views/exchange', { code }),
    submit: (opened: Open, more: Partial<ClientMessages['web_view_submit']> = {}) =>
      opened.customer.ask('web_view_submit', {
        ...mine(opened),
        idempotency_key: newClientId(),
        result: { last4: '1111' },
        ...more,
      }),
    close: (opened: Open, reason: ClientMessages['web_view_close']['reason'] = 'customer') =>
      opened.customer.ask('web_view_close', { ...mine(opened), reason }),
    read: (id: string, token = bot.token) => call<WebView>('GET', `/v2/web-views/${id}`, undefined, token),
    savedOf: async ({ viewId }: { viewId: string }) => (await getWebView(server.world, viewId)).saved_json,
    logOf,
    about: async (opened: { token: string; id: string }) =>
      (await logOf(opened)).filter(({ type }) => type.startsWith('web_view_')),
  };
}

/** The same world, in which something happens in the last moment before the next transaction. */
export function justBefore(world: World, happens: () => Promise<unknown>): World {
  let isOver = false;
  const store = Object.create(world.store, {
    transaction: {
      async value(work: () => Promise<unknown>) {
        if (!isOver) {
          isOver = true;
          await happens();
        }
        return world.store.transaction(work);
      },
    },
  });
  return { ...world, store };
}

export const viewPath = (opened: Opened, rest = '') => `/v2/web-views/${opened.viewId}${rest}`;
export const types = (events: Event[]) => events.map(({ type }) => type);
export const closings = (events: Event[]) =>
  events.flatMap((event) => (event.type === 'web_view_close' ? [event.data] : []));
