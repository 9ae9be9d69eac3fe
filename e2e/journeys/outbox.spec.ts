/** What was sent goes out, once and in order: whatever becomes of the tab, the browser, the server and the customer. */
import type { Page } from '@playwright/test';
import { launchPerson } from '../support/browser';
import { test } from './alone';
import { Chat } from './chat';
import { conversationOf, expect } from './journey';
import { png } from './pictures';

// What the browser itself writes into the console when nobody listens at an address.
test.beforeEach(({ problems }) =>
  problems.allow(/ERR_(CONNECTION_REFUSED|CONNECTION_RESET|SOCKET_NOT_CONNECTED|EMPTY_RESPONSE)|WebSocket connection/),
);

/** All that the chat has on disk in this browser. */
const onDisk = async (chat: Chat) =>
  (await chat.document()).evaluate(async () => {
    const request = indexedDB.open('guichet');
    await new Promise((resolve) => (request.onsuccess = resolve));
    const all = request.result.transaction('outbox').objectStore('outbox').getAllKeys();
    await new Promise((resolve) => (all.onsuccess = resolve));
    request.result.close();
    return [...(all.result as string[]), ...Object.keys(localStorage)];
  });
const waitingOnDisk = async (chat: Chat) => (await onDisk(chat)).filter((key) => key.includes(':outbox:')).length;

test('a browser that is killed right after Enter sends the message when it is started again, once', async ({
  server,
  host,
  desk,
  thirdPartyCookies,
}) => {
  const person = await launchPerson(thirdPartyCookies);
  const pageOf = () => person.context.pages()[0] as Page;
  const guest = new Chat(pageOf(), server.origin);
  await guest.page.goto(host.origin);
  await guest.open();
  await guest.send('before');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);
  await server.kill('SIGKILL');

  await guest.send('written just before the power went');
  await expect.poll(() => waitingOnDisk(guest)).toBe(1);
  await person.crash();

  await server.start();
  expect(await desk.lines(id)).toEqual(['me: before']);
  const again = new Chat(pageOf(), server.origin);
  await again.page.goto(host.origin);
  await again.open();
  const all = ['me: before', 'me: written just before the power went'];
  await expect.poll(() => again.lines()).toEqual(all);
  await expect(again.frame.locator('.state')).toHaveText('Sent');
  expect(await desk.lines(id)).toEqual(all);
  expect(await waitingOnDisk(again)).toBe(0);
  await person.close();
});

test('what a tab that is closed left waiting goes out by another one, and each shows what the other sends', async ({
  page,
  context,
  server,
  host,
  desk,
  guest,
}) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('before');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);
  const other = new Chat(await context.newPage(), server.origin);
  await other.page.goto(host.origin);
  await other.live();
  await server.kill('SIGKILL');

  await other.send('first');
  await other.send('second');
  await guest.send('third');
  const all = ['me: before', 'me: first', 'me: second', 'me: third'];
  await expect.poll(() => guest.lines()).toEqual(all);
  await expect.poll(() => other.lines()).toEqual(all);
  await other.page.close();
  await server.start();

  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect(await guest.lines()).toEqual(all);
  expect(await desk.lines(id)).toEqual(all);
});

test('three tabs that send at once keep their order, and nothing is sent twice', async ({
  page,
  context,
  server,
  host,
  desk,
  guest,
}) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('hello');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);
  const tabs = [guest];
  for (let n = 0; n < 2; n++) {
    const chat = new Chat(await context.newPage(), server.origin);
    await chat.page.goto(host.origin);
    await chat.live();
    tabs.push(chat);
  }
  const said = tabs.map((_, tab) => Array.from({ length: 5 }, (_, at) => `me: ${at} of tab ${tab}`));
  await Promise.all(
    tabs.map(async (chat, tab) => {
      // Not by the composer: its draft is one for all tabs, and nobody types in three of them at once.
      for (const words of said[tab] ?? [])
        await chat.page.evaluate((text) => window.guichet?.('send', text), words.slice('me: '.length));
    }),
  );

  await expect.poll(async () => (await desk.lines(id)).length, { timeout: 40_000 }).toBe(1 + 15);
  const stored = await desk.lines(id);
  for (const [tab, words] of said.entries()) {
    expect(stored.filter((line) => line.endsWith(`tab ${tab}`))).toEqual(words);
  }
  for (const chat of tabs) {
    await expect.poll(() => chat.lines()).toEqual(stored);
    await expect(chat.frame.locator('.state.sending, .state.waiting')).toHaveCount(0);
  }
  await expect.poll(() => waitingOnDisk(guest)).toBe(0);
});

test('a reload while a message is under way sends it once', async ({ page, host, desk, guest }) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('before');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);

  await guest.send('in the middle of it');
  await page.reload();

  await guest.live();
  const all = ['me: before', 'me: in the middle of it'];
  await expect.poll(() => guest.lines()).toEqual(all);
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect(await desk.lines(id)).toEqual(all);
  await expect.poll(() => waitingOnDisk(guest)).toBe(0);
});

test('a page that sends, and one that waits for its turn, keep their place in the back/forward cache', async ({
  context,
  server,
  host,
  desk,
  guest,
}) => {
  const other = new Chat(await context.newPage(), server.origin);
  const chats = [guest, other];
  for (const chat of chats) {
    await chat.page.addInitScript(() => {
      addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }));
    });
    await chat.page.goto(host.origin);
    await chat.open();
  }
  await guest.send('before');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  await expect(other.said('before')).toBeVisible();
  const id = await conversationOf(guest, desk);
  // The server is there and doesn't answer: whoever has the turn keeps it.
  process.kill(server.pid, 'SIGSTOP');
  await guest.send('by the first');
  await other.send('by the second');
  await expect
    .poll(async () =>
      (await guest.document()).evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query();
        return [held, pending].map((locks) => locks.filter(({ name }) => name?.includes(':outbox:')).length);
      }),
    )
    .toEqual([1, 1]);

  for (const chat of chats) await chat.page.goto(`${host.origin}/bare`);
  for (const chat of chats) {
    await chat.page.goBack({ waitUntil: 'commit' });
    await expect
      .poll(() => chat.page.evaluate(() => (window as unknown as { persisted?: boolean }).persisted))
      .toBe(true);
  }
  process.kill(server.pid, 'SIGCONT');

  await expect
    .poll(() => desk.lines(id), { timeout: 40_000 })
    .toEqual(['me: before', 'me: by the first', 'me: by the second']);
});

test('a file that was sent while the server was away goes up after a reload, in its place', async ({
  page,
  server,
  host,
  desk,
  guest,
}) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('before');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);
  // What one chooses files with comes a second after the panel.
  await expect(guest.frame.locator('input[type=file]')).toBeAttached();
  await server.kill('SIGKILL');
  await guest.frame.locator('input[type=file]').setInputFiles([
    {
      name: 'contract.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n'),
    },
    { name: 'branch.png', mimeType: 'image/png', buffer: png(40, 40) },
  ]);
  await guest.send('and a word to it');
  await expect(guest.frame.locator('.chosen')).toHaveCount(0);
  await expect(guest.log.locator('article.me')).toHaveCount(4);
  await expect.poll(() => waitingOnDisk(guest)).toBe(3);

  await page.goto(`${host.origin}/bare`);
  await server.start();
  await page.goto(host.origin);
  await guest.live();

  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const messages = await desk.messages(id);
  const parts = messages.flatMap(({ message_parts }) => message_parts);
  expect(parts).toMatchObject([
    { text: { content: 'before' } },
    { file: { name: 'contract.pdf' } },
    { image: { alt_text: 'branch.png', width: 40, height: 40 } },
    { text: { content: 'and a word to it' } },
  ]);
});

test('where the browser keeps nothing it says so while something waits, and messages go out all the same', async ({
  page,
  server,
  host,
  desk,
  guest,
  look,
}) => {
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'indexedDB']) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('refused', 'SecurityError');
        },
      });
    }
  });
  await page.goto(host.origin);
  await guest.open();
  await guest.send('before');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const line = guest.frame.locator('.banner', { hasText: 'Not saved in this browser.' });
  await expect(line).toHaveCount(0);
  const [user] = await desk.users();
  const [conversation] = await desk.conversationsOf(user?.id ?? '');

  await server.kill('SIGKILL');
  await guest.send('while nobody is there');
  await expect(line).toBeVisible();
  await look('outbox-not-kept');
  await server.start();

  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  await expect(line).toHaveCount(0);
  expect(await desk.lines(conversation?.id ?? '')).toEqual(['me: before', 'me: while nobody is there']);
});

test('who signs out in one tab takes along what waits in another, and it never goes out', async ({
  page,
  context,
  server,
  host,
  desk,
  guest,
}) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('I am Ana');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(guest, desk);
  const other = new Chat(await context.newPage(), server.origin);
  await other.page.goto(host.origin);
  await other.live();
  await server.kill('SIGKILL');
  await other.send('by Ana, never sent');
  await expect(guest.said('by Ana, never sent')).toBeVisible();

  await page.evaluate(() => (window as never as { guichet: (command: string) => Promise<void> }).guichet('logout'));
  expect((await onDisk(guest)).filter((key) => !key.includes(':-:'))).toEqual([]);
  await server.start();
  if (!(await guest.iframe.isVisible())) await guest.launcher.click();
  await guest.live();
  await guest.send('I am Ben');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');

  // The other tab heard of it, though the server couldn't be told.
  await expect(other.log).toHaveCount(0);
  await other.send('Ben again');
  await expect(other.said('I am Ben')).toBeVisible();
  await expect(other.frame.locator('.state')).toHaveText('Sent');
  await expect.poll(() => guest.lines()).toEqual(['me: I am Ben', 'me: Ben again']);
  expect(await desk.lines(id)).toEqual(['me: I am Ana']);
  expect(await waitingOnDisk(guest)).toBe(0);
});
