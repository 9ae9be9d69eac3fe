/** What customers, bots and names say is text at the desk, too: nothing of it runs, loads or becomes an element. */
import { randomUUID } from 'node:crypto';
import { test } from '../journeys/deskFixture';
import { expect } from '../journeys/journey';
import { fetchLoopback } from '../support/loopback';
import { guichet } from './bankStory';
import { markupPayloads, unsafeUrls } from './payloads';

const evil = 'http://evil.localhost:9';
/** Elements that messages are drawn with. */
const drawn = ['a', 'bdi', 'details', 'div', 'i', 'img', 'li', 'p', 'path', 'span', 'summary', 'svg', 'time', 'ul'];

test('payloads in every text do nothing at the desk', async ({ stack, deskOf }) => {
  test.setTimeout(180_000);
  const { chat } = stack.addresses;
  const post = async <T>(path: string, token: string | undefined, body: unknown, method = 'POST'): Promise<T> => {
    const answer = await fetchLoopback(`${chat}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return (text ? JSON.parse(text) : {}) as T;
  };
  const { token: bot } = await guichet<{ token: string }>(
    stack,
    ...['token', 'create', '--name', 'Mallory', '--bot'],
    ...['messages:write', 'users:write', 'conversations:write'].flatMap((scope) => ['--scope', scope]),
  );
  const session = await post<{ token: string; customer: { id: string } }>('/widget/v1/session', undefined, {
    site: 'ag-bank',
  });
  const payloads = markupPayloads(evil);
  let conversation = '';
  for (const text of payloads) {
    const sent = await post<{ conversation_id?: string }>('/widget/v1/messages', session.token, {
      client_id: randomUUID(),
      ...(conversation ? { conversation_id: conversation } : {}),
      content: { text },
    });
    conversation ||= sent.conversation_id ?? '';
  }
  await post(
    `/v2/users/${session.customer.id}`,
    bot,
    { first_name: payloads[0]?.slice(0, 90), email: payloads[1] },
    'PUT',
  );
  const say = (parts: object[], replies: object[] = []) =>
    post(`/v2/conversations/${conversation}/messages`, bot, {
      actor_type: 'bot',
      message_parts: parts,
      reply_parts: replies,
    });
  let posted = 0;
  for (const text of payloads) {
    const label = text.slice(0, 190);
    const url = 'http://bank.localhost/a';
    const all = [
      { text: { content: text } },
      { file: { name: label, url } },
      { url_button: { label, url, target: '_blank' } },
      { reference: { label, url } },
      { email: { subject: label, content: text } },
      { callback: { label } },
      { image: { url: `${chat}/no-such-picture.png`, alt_text: label } },
    ];
    const part = all[posted % all.length] as object;
    await say([part], [{ collection: { sub_parts: [{ quick_reply_button: { label } }] } }]);
    posted += 1;
  }
  for (const url of unsafeUrls(evil).slice(0, 40)) await say([{ url_button: { label: 'x', url, target: '_blank' } }]);

  const desk = await deskOf('Mira Okafor');
  const { page } = desk;
  const asked: string[] = [];
  const dialogs: string[] = [];
  page.context().on('request', (request) => asked.push(request.url()));
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await desk.rows.first().click();
  await expect(desk.thread.locator('.bubble-row').first()).toBeVisible();
  for (let more = 0; more < 12; more += 1) {
    const older = desk.button('Show what was before');
    const height = () => desk.thread.evaluate((box) => box.scrollHeight);
    const before = await height();
    if (!(await older.isVisible())) break;
    await older.click();
    await expect.poll(height).not.toBe(before);
  }

  const texts = await desk.thread.locator('.them .text').allTextContents();
  expect(texts.length).toBeGreaterThan(payloads.length - 5);
  // What customers typed stands there as they typed it.
  expect(texts).toContain(`<script>window.__x=1,alert(1)</script>`);
  const found = await desk.thread.evaluate((box) => ({
    elements: [...new Set([...box.querySelectorAll('.lines *')].map(({ localName }) => localName))],
    handlers: [...box.querySelectorAll('*')].flatMap(({ attributes }) =>
      [...attributes].filter(({ name }) => name.startsWith('on') || name === 'style').map(({ name }) => name),
    ),
    links: [...box.querySelectorAll('a')].map(({ protocol }) => protocol),
    ran: (window as { __x?: unknown }).__x,
  }));
  expect(found.elements.filter((name) => ![...drawn, 'button'].includes(name))).toEqual([]);
  expect(found.handlers).toEqual([]);
  expect([...new Set(found.links)].filter((protocol) => !/^https?:$/.test(protocol))).toEqual([]);
  expect(found.ran).toBeUndefined();
  expect(dialogs).toEqual([]);
  expect(asked.filter((url) => url.startsWith(evil))).toEqual([]);
});
