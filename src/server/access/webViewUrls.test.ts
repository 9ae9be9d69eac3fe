import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import { openedUrls, chatOrigin as own, refusedUrls, siteWithBadOrigins } from '../../protocol/webViewUrl.spellings';
import { conversationPath, readConversation, startTestServer, type TestServer, testSite } from '../testServer';
import type { SiteSettings } from './sites';
import { checkWebViewUrl } from './webViewUrls';

const settings: SiteSettings = {
  ...siteWithBadOrigins,
  allow_host_mount: false,
  web_view_permissions: [],
  config: {},
  identity_keys: [],
};

describe('a web view may open', () => {
  test.each(openedUrls)('%j', (url) => {
    expect(checkWebViewUrl(url, settings, own).href).toMatch(/^https?:\/\/cards\.bank\./);
  });

  test("a page on the host's exact origin, where the site allows that", () => {
    const url = 'https://bank.example/card';

    expect(() => checkWebViewUrl(url, settings, own)).toThrow(/exact origin/);
    expect(checkWebViewUrl(url, { ...settings, allow_host_origin: true }, own).href).toBe(url);
  });
});

describe('a web view may never open', () => {
  test.each(refusedUrls)('%j', (url) => {
    expect(() => checkWebViewUrl(url, settings, own)).toThrow(/A web view may not open this URL/);
  });

  test.each(['https:cards.bank.example/', 'https:/cards.bank.example', 'https:\\\\cards.bank.example\\'])(
    'what a lenient parser makes of %j, but as the origin that it really is',
    (url) => {
      expect(checkWebViewUrl(url, settings, own).origin).toBe('https://cards.bank.example');
    },
  );
});

describe('when a message is posted', () => {
  let server: TestServer;
  let token: string;
  let id: string;
  beforeAll(async () => {
    server = await startTestServer({ origin: own });
    await server.site({ hosts: ['https://bank.example'], web_view_origins: settings.web_view_origins });
    ({ token } = await server.token(undefined, { bot: true }));
    ({ id } = await server.conversation());
  });
  afterAll(() => server.stop());

  const button = (url: string, more: object = {}) => ({ url_button: { label: 'Open', url, target: '_self', ...more } });
  const post = (parts: unknown[]) =>
    server.call<ErrorBody>('POST', conversationPath(id, '/messages'), {
      token,
      body: { actor_type: 'bot', message_parts: parts },
    });

  test('each of these URLs is refused with a clear error and nothing is stored', async () => {
    const before = (await readConversation(server, id)).seq;
    for (const url of refusedUrls) {
      const alone = await post([button(url)]);
      const inside = await post([{ text: { content: 'x' } }, { collection: { sub_parts: [button(url)] } }]);
      for (const answer of [alone, inside]) {
        expect(answer.status, url).toBe(400);
        expect(['WEB_VIEW_URL_REFUSED', 'INVALID_VALUE'], url).toContain(answer.body.status);
        expect(answer.body.message, url).toMatch(/url/i);
      }
    }
    expect((await readConversation(server, id)).seq).toBe(before);
    expect(refusedUrls.length).toBeGreaterThan(40);
  });

  test('a good one is taken, with its options; options without a web view or with a misspelling are refused', async () => {
    const url = `${testSite.cards}/confirm`;

    expect((await post([button(url, { web_view: { size: 'full', data: { flow: 'statement' } } })])).status).toBe(200);
    for (const more of [
      { target: '_blank', web_view: {} },
      { web_view: { sise: 'full' } },
      { web_view: { size: 'huge' } },
      { web_view: { expires_in: 0 } },
      { web_view: { expires_in: 1e9 } },
      { web_view: { title: ' ' } },
      { web_view: { data: { text: 'é'.repeat(5_000) } } },
      { label: '' },
      { label: '\u2003\t' },
      { target: '_top' },
    ])
      expect((await post([button(url, more)])).body, JSON.stringify(more).slice(0, 80)).toMatchObject({
        code: 400,
        status: 'INVALID_VALUE',
      });
  });

  test('a link to a new tab may go anywhere on the web, but never to a script', async () => {
    expect((await post([button('https://evil.example/', { target: '_blank' })])).status).toBe(200);
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'https://user@bank.example/'])
      expect((await post([button(url, { target: '_blank' })])).body).toMatchObject({ status: 'INVALID_VALUE' });
    for (const part of [{ image: { url: 'javascript:x' } }, { file: { name: 'x', url: 'data:text/html,x' } }])
      expect((await post([part])).body).toMatchObject({ status: 'INVALID_VALUE' });
  });

  test('a site whose origins changed since then refuses to open what it no longer lists', async () => {
    const { customer, id: conversation_id } = await server.conversation();
    const url = 'https://old.bank.example/';
    await server.site({ hosts: ['https://bank.example'], web_view_origins: ['https://old.bank.example'] });
    const { body } = await server.call<{ id: string }>('POST', conversationPath(conversation_id, '/messages'), {
      token,
      body: { actor_type: 'bot', message_parts: [button(url)] },
    });
    await server.site({ hosts: ['https://bank.example'], web_view_origins: settings.web_view_origins });

    const answer = await customer.ask('web_view_open', {
      conversation_id,
      message_id: body.id,
      button: 0,
      owner: 'owner-123',
    });

    expect(answer).toMatchObject({ ok: false, error: { status: 'WEB_VIEW_URL_REFUSED' } });
  });
});
