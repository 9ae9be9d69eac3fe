/** One customer, several tabs: one socket, one set of unread messages, one draft, one panel. */
import type { BrowserContext, Page } from '@playwright/test';
import { Chat } from './chat';
import { conversationOf, expect } from './journey';
import { openRestoredChat } from './restored';
import { test as base } from './together';

interface Visitor {
  page: Page;
  chat: Chat;
  /** Sockets that this page has open. */
  sockets: () => number;
}

const test = base.extend<{ visit: (path?: string, browser?: BrowserContext) => Promise<Visitor> }>({
  visit: async ({ context, server, host }, use) => {
    const pages: Page[] = [];
    await use(async (path = '/', browser = context) => {
      const page = await browser.newPage();
      pages.push(page);
      const open = new Set<unknown>();
      page.on('websocket', (socket) => {
        if (!socket.url().includes('/widget/v1/socket')) return;
        open.add(socket);
        socket.on('close', () => open.delete(socket));
      });
      // What a page had open that is left, the browser doesn't tell any more.
      page.on('framenavigated', (frame) => frame === page.mainFrame() && open.clear());
      await page.goto(`${host.origin}${path}`);
      return { page, chat: new Chat(page, server.origin), sockets: () => open.size };
    });
    for (const page of pages) await page.close();
  },
});

/** A customer with a conversation, and as many tabs as are wanted, each with its panel open. */
async function tabsOf(
  visit: (path?: string, browser?: BrowserContext) => Promise<Visitor>,
  count: number,
  browser?: BrowserContext,
): Promise<[Visitor, ...Visitor[]]> {
  const first = await visit('/', browser);
  await first.chat.open();
  await first.chat.send('Hello');
  await expect(first.chat.frame.locator('.state')).toHaveText('Sent');
  const more: Visitor[] = [];
  for (let n = 1; n < count; n++) {
    const next = await visit('/', browser);
    await next.chat.live();
    more.push(next);
  }
  return [first, ...more];
}
const holders = (tabs: Visitor[]) => tabs.filter(({ sockets }) => sockets() > 0);
/** The one that has the socket; on a machine that is busy it may have been taken from the first. */
async function holderAmong(tabs: Visitor[]): Promise<Visitor> {
  await expect.poll(() => holders(tabs).length).toBe(1);
  return holders(tabs)[0] as Visitor;
}

test('three tabs have one socket; when its tab closes or crashes another takes it, and nothing is missed', async ({
  visit,
  desk,
  context,
  problems,
}) => {
  problems.allow(/WebSocket/);
  const tabs = await tabsOf(visit, 3);
  const id = await conversationOf(tabs[0].chat, desk);
  const say = async (words: string, among: Visitor[]) => {
    await desk.say(id, words);
    for (const { chat } of among) await expect(chat.said(words)).toHaveCount(1);
  };
  const first = await holderAmong(tabs);
  await say('to three', tabs);
  const two = tabs.filter((tab) => tab !== first);
  for (const [at, { chat }] of two.entries()) {
    await chat.send(`by way of another tab ${at}`);
    await expect(chat.frame.locator('.state')).toHaveText('Sent');
  }
  await holderAmong(tabs);

  await first.page.close();
  await say('to two', two);

  const holder = await holderAmong(two);
  const [last] = two.filter((tab) => tab !== holder) as [Visitor];
  const session = await context.newCDPSession(holder.page);
  session.send('Page.crash').catch(() => {});
  await say('to one', [last]);
  await expect.poll(last.sockets).toBe(1);
  expect(await last.chat.lines()).toEqual(await desk.lines(id));
});

// Only a hidden tab is ever frozen: a browser that hides what isn't in front.
test('a frozen tab keeps the socket from nobody, and has everything when it wakes', async ({ visit, desk, person }) => {
  const tabs = await tabsOf(visit, 2, person);
  const id = await conversationOf(tabs[0].chat, desk);
  const first = await holderAmong(tabs);
  const [second] = tabs.filter((tab) => tab !== first) as [Visitor];
  await second.page.bringToFront();
  const session = await person.newCDPSession(first.page);

  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await desk.say(id, 'said to who is awake');
  await expect(second.chat.said('said to who is awake')).toBeVisible();
  await expect.poll(second.sockets).toBe(1);
  await session.send('Page.setWebLifecycleState', { state: 'active' });

  await expect(first.chat.said('said to who is awake')).toHaveCount(1, { timeout: 3_000 });
  await holderAmong(tabs);
});

test('what is seen, written and opened in one tab is so in the others, and takes no focus there', async ({
  visit,
  desk,
}) => {
  const [first, second] = (await tabsOf(visit, 2)) as [Visitor, Visitor];
  const id = await conversationOf(first.chat, desk);

  await first.chat.minimise.click();
  await expect(second.chat.launcher).toHaveAttribute('aria-expanded', 'false');
  for (const words of ['one', 'two']) await desk.say(id, words);
  for (const { chat } of [first, second]) await expect(chat.badge).toHaveText('2');
  await second.page.locator('body').focus();

  await first.chat.open();
  await expect(second.chat.launcher).toHaveAttribute('aria-expanded', 'true');
  await expect(first.chat.badge).toBeEmpty();
  await expect(second.chat.badge).toBeEmpty();
  expect(await second.page.evaluate(() => document.activeElement?.localName)).toBe('body');

  await first.chat.composer.pressSequentially('half a thou');
  await expect(second.chat.composer).toHaveValue('half a thou');
  await first.chat.composer.pressSequentially('ght');
  await expect(second.chat.composer).toHaveValue('half a thought');
  await expect(first.chat.composer).toHaveValue('half a thought');
  await second.chat.composer.press('Enter');
  await expect(first.chat.composer).toHaveValue('');
  await expect(first.chat.said('half a thought')).toHaveCount(1);
  await expect.poll(async () => (await desk.lines(id)).filter((line) => line === 'me: half a thought')).toHaveLength(1);
});

test('without a network what is seen in one tab is seen in all', async ({ visit, desk, context, problems }) => {
  problems.allow(/ERR_|WebSocket/);
  const [first, second] = (await tabsOf(visit, 2)) as [Visitor, Visitor];
  const id = await conversationOf(first.chat, desk);
  await first.chat.minimise.click();
  await expect(second.chat.launcher).toHaveAttribute('aria-expanded', 'false');
  await desk.say(id, 'seen offline');
  for (const { chat } of [first, second]) await expect(chat.badge).toHaveText('1');

  await context.setOffline(true);
  await first.chat.launcher.click();
  await expect(first.chat.frame.locator('.status .dot')).toHaveClass(/offline/);
  await expect(second.chat.badge).toBeEmpty();
  await context.setOffline(false);
  await first.chat.live();
});

test('a new message sounds in one tab, when nobody looks, unless the site is quiet', async ({
  visit,
  desk,
  context,
}) => {
  await context.addInitScript(() => {
    const { createOscillator } = AudioContext.prototype;
    AudioContext.prototype.createOscillator = function (this: AudioContext) {
      const counts = window as unknown as { notes?: number };
      counts.notes = (counts.notes ?? 0) + 1;
      return createOscillator.call(this);
    };
  });
  const tabs = await tabsOf(visit, 2);
  const id = await conversationOf(tabs[0].chat, desk);
  const [, second] = tabs as [Visitor, Visitor];
  // In both the customer has used the chat: each could.
  await second.chat.composer.press('Space');
  await second.chat.minimise.click();
  await expect(tabs[0].chat.launcher).toHaveAttribute('aria-expanded', 'false');
  const notes = async () => {
    const counts = await Promise.all(
      tabs.map(async ({ chat }) =>
        (await chat.document()).evaluate(() => (window as unknown as { notes?: number }).notes ?? 0),
      ),
    );
    return counts.sort();
  };

  await desk.say(id, 'can you hear me?');
  await expect.poll(notes).toEqual([0, 2]);
  for (const { page } of tabs) {
    await page.evaluate(() =>
      (window as unknown as { guichet: (...given: unknown[]) => void }).guichet('setConfig', {
        features: { sound: false },
      }),
    );
  }
  // What the pages were told, the widgets know once they have shown the next thing that they were told.
  await desk.say(id, 'and now?');
  for (const { chat } of tabs) await expect(chat.badge).toHaveText('2');
  await tabs[0].chat.open();
  for (const { chat } of tabs) await expect(chat.badge).toBeEmpty();
  expect(await notes()).toEqual([0, 2]);
});

test('a last event that was lost is found with no new traffic', async ({ visit, desk }) => {
  const first = await visit('/bare');
  let isLosing = false;
  await first.page.routeWebSocket(/\/widget\/v1\/socket/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!(isLosing && String(message).includes('the last word'))) socket.send(message);
    });
  });
  await first.page.goto(first.page.url().replace('/bare', '/'));
  await first.chat.open();
  await first.chat.send('Hello');
  await expect(first.chat.frame.locator('.state')).toHaveText('Sent');
  const id = await conversationOf(first.chat, desk);
  isLosing = true;
  await desk.say(id, 'the last word');
  await expect(first.chat.said('the last word')).toHaveCount(0);
  isLosing = false;

  await expect(first.chat.said('the last word')).toHaveCount(1, { timeout: 35_000 });
});

test('where no socket gets through at all, messages go out and come in, and it isn’t called offline', async ({
  visit,
  desk,
  problems,
  look,
}) => {
  problems.allow(/WebSocket|ERR_FAILED/);
  const { page, chat } = await visit('/bare');
  await page.routeWebSocket(/\/widget\/v1\/socket/, (socket) => socket.close({ code: 1013, reason: 'not here' }));
  await page.route(/\/widget\/v1\/socket/, (route) => route.abort());
  await page.goto(page.url().replace('/bare', '/'));

  await chat.launcher.click();
  await chat.send('by plain HTTP');
  await expect(chat.frame.locator('.state')).toHaveText('Sent');
  await expect(chat.frame.locator('.status')).toHaveText('Messages may take a few seconds');
  await expect(chat.frame.locator('.banner')).toHaveCount(0);
  await desk.say(await conversationOf(chat, desk), 'and back by it');
  await expect(chat.said('and back by it')).toBeVisible();
  await look('no-socket', page);
});

test('out of the back/forward cache with a second tab at work: the page was kept, and catches up', async ({
  visit,
  desk,
  server,
  host,
}) => {
  const [first, second] = (await tabsOf(visit, 2)) as [Visitor, Visitor];
  const id = await conversationOf(first.chat, desk);
  await first.page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }));
  });
  await holderAmong([first, second]);

  await first.page.goto(`${host.origin}/next`);
  await first.chat.live();
  await holderAmong([first, second]);
  await desk.say(id, 'said while the first page was away');
  for (const { chat } of [first, second]) await expect(chat.said('said while the first page was away')).toBeVisible();
  await second.chat.composer.fill('written meanwhile');
  await expect(first.chat.composer).toHaveValue('written meanwhile');

  const restored = await openRestoredChat(first.page, server.origin);
  await first.page.goBack({ waitUntil: 'commit' });
  // Where it wasn't kept, the browser says why.
  const kept = () =>
    first.page.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation') as unknown as [{ notRestoredReasons: unknown }];
      return (window as { persisted?: boolean }).persisted || JSON.stringify(navigation.notRestoredReasons);
    });
  await expect.poll(kept).toBe(true);
  await second.page.close();
  await desk.say(id, 'said when it was back');
  await expect.poll(async () => (await restored.state())?.words).toContain('said when it was back');
  const { words } = (await restored.state()) ?? { words: '' };
  expect(words.match(/said while the first page was away/g)).toHaveLength(1);
  await restored.close();
});
