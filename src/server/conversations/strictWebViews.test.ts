import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ErrorBody } from '../../protocol/errors';
import type { Message } from '../../protocol/message';
import type { WebView } from '../../protocol/rest/webViews';
import { conversationPath, newClientId, startTestServer, type TestServer, testSite } from '../testServer';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  ({ token } = await server.token(undefined, { bot: true }));
});
afterAll(() => server.stop());

const call = <T = ErrorBody>(method: string, path: string, body: unknown) =>
  server.call<T>(method, path, { token, body });

/** A customer with an open view, and what the widget may ask of the server for its page. */
async function openView(strict: boolean) {
  const { customer, id } = await server.conversation();
  const { body: message } = await call<Message>('POST', conversationPath(id, '/messages'), {
    actor_type: 'bot',
    message_parts: [
      { url_button: { label: 'Open', url: `${testSite.cards}/confirm`, target: '_self', web_view: { strict } } },
    ],
  });
  const owner = newClientId();
  const opened = await customer.ask('web_view_open', { conversation_id: id, message_id: message.id, button: 0, owner });
  if (!opened.ok) throw new Error(opened.error.message);
  const named = { web_view_id: opened.value.web_view_id, owner };
  return {
    id: named.web_view_id,
    answer: opened.value,
    code: () => customer.ask('web_view_code', named),
    save: () => customer.ask('web_view_save', { ...named, state: { step: 2 } }),
    submit: () => customer.ask('web_view_submit', { ...named, result: { ok: true }, idempotency_key: newClientId() }),
  };
}

const refused = { ok: false, error: { code: 409, status: 'WEB_VIEW_STRICT' } };

test.each(['code', 'save', 'submit'] as const)('a strict page can’t %s', async (what) => {
  const strict = await openView(true);
  const known = await openView(false);

  expect(await strict[what]()).toMatchObject(refused);

  expect(await known[what](), 'another page can').toMatchObject({ ok: true });
});

test('nothing of what it tried is left, and its backend can submit', async () => {
  const view = await openView(true);
  await view.save();
  await view.submit();
  const path = `/v2/web-views/${view.id}`;

  const running = await server.call<WebView>('GET', path, { token });
  expect(running.body).toMatchObject({ state: 'open', submitted: false });
  expect(view.answer).not.toHaveProperty('state');
  expect(await call<WebView>('POST', `${path}/submit`, { result: { ok: true } })).toMatchObject({
    status: 200,
    body: { state: 'closed', reason: 'submitted', source: 'business' },
  });
});
