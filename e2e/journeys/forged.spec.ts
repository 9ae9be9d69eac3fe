/** A thief with developer tools: what comes through the browser gives no statement. */
import { io, type Socket } from 'socket.io-client';
import { type Ack, socketPath } from '../../src/protocol/live';
import { conversationOf, expect, test } from './journey';

test('a result forged over the chat’s own socket gets no statement, but a polite answer', async ({
  bank,
  chat,
  business,
  stack,
}) => {
  await bank.goto();
  await chat.open();
  await chat.askForStatement();
  const id = await conversationOf(chat, business);
  await chat.openCardPage();
  const { token } = await chat.customer();
  const key = (await chat.log.locator('[data-button]').last().getAttribute('data-button')) ?? '';

  // The thief goes on with the view under an owner of their own, as another tab would.
  const socket = await connected(stack.addresses.chat, token);
  const owner = 'thief-of-statements';
  const [message_id = '', button] = [key.slice(0, key.lastIndexOf(':')), Number(key.slice(key.lastIndexOf(':') + 1))];
  const opened = await ask<{ web_view_id: string }>(socket, 'web_view_open', {
    conversation_id: id,
    message_id,
    button,
    owner,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const { web_view_id } = opened.value;
  const forged = {
    web_view_id,
    owner,
    idempotency_key: 'forged-by-hand',
    result: { outcome: 'confirmed', last4: '0003', statement_ref: `st_${'a'.repeat(32)}` },
    summary: 'Card ending in 0003 confirmed',
  };
  expect(await ask(socket, 'web_view_submit', { ...forged, owner: 'somebody-else' })).toMatchObject({
    ok: false,
    error: { status: 'WEB_VIEW_TAKEN' },
  });
  expect(await ask(socket, 'web_view_submit', forged)).toMatchObject({ ok: true });
  // Once more with the same key is the same submit; with another key it comes too late.
  expect(await ask(socket, 'web_view_submit', forged)).toMatchObject({ ok: true });
  expect(await ask(socket, 'web_view_submit', { ...forged, idempotency_key: 'forged-again' })).toMatchObject({
    ok: false,
    error: { status: 'WEB_VIEW_CLOSED' },
  });
  socket.disconnect();

  await expect(chat.sheet).toHaveCount(0);
  await expect(chat.log.getByText('your card couldn’t be confirmed: the bank has no word of it')).toBeVisible();
  await expect(chat.chip('Try again')).toBeVisible();
  const said = await business.messages(id);
  expect(said.some(({ message_parts }) => message_parts.some((part) => 'file' in part))).toBe(false);
  expect((await business.lines(id)).filter((line) => line === `me: ${forged.summary}`)).toHaveLength(1);
  await expect
    .poll(() => business.told(id).map(({ action, data }) => [action, data.source ?? data.reason]))
    .toEqual(
      expect.arrayContaining([
        ['web_view_submit', 'page'],
        ['web_view_close', 'submitted'],
      ]),
    );
  expect(business.told(id).filter(({ action }) => action === 'web_view_submit')).toHaveLength(1);
  expect(await business.webView(web_view_id)).toMatchObject({ source: 'page', reason: 'submitted' });
});

test('the page’s own port takes a forged result for what it is: the customer’s word', async ({
  bank,
  chat,
  business,
}) => {
  await bank.goto();
  await chat.open();
  await chat.askForStatement();
  const id = await conversationOf(chat, business);
  await chat.openCardPage();

  // What the thief types into the console of the page's frame. The view closes, so nobody waits for an answer.
  await chat.card.frame.locator('html').evaluate(() => {
    type View = { submit(result: object, options: object): Promise<unknown> };
    const { view } = (window as unknown as { GuichetWebView: { view: Promise<View> } }).GuichetWebView;
    const result = { outcome: 'confirmed', last4: '0003', statement_ref: `st_${'b'.repeat(32)}`, source: 'business' };
    void view.then((connected) => connected.submit(result, { summary: 'Card ending in 0003 confirmed' }));
  });

  await expect(chat.sheet).toHaveCount(0);
  await expect(chat.log.getByText('your card couldn’t be confirmed: the bank has no word of it')).toBeVisible();
  await expect(chat.log.getByRole('link', { name: /Download/ })).toHaveCount(0);
  await expect
    .poll(() => business.told(id).find(({ action }) => action === 'web_view_submit')?.data.source)
    .toBe('page');

  // The honest way is still open.
  await chat.chip('Try again').click();
  await expect(chat.said('Here’s the page again.')).toBeVisible();
  await chat.openCardPage();
  await chat.card.fill();
  await chat.card.confirm.click();
  await expect(chat.file()).toBeVisible();
});

async function connected(origin: string, token: string): Promise<Socket> {
  const { port } = new URL(origin);
  const socket = io(`http://127.0.0.1:${port}`, {
    path: socketPath,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { token, cursors: {} },
    extraHeaders: { host: new URL(origin).host, origin },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

const ask = <T>(socket: Socket, name: string, data: object): Promise<Ack<T>> =>
  socket.timeout(5_000).emitWithAck(name, data) as Promise<Ack<T>>;
