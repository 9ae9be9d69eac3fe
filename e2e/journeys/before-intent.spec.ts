/** What a page costs its customer before they want the chat, and what each step to the first message adds. */
import type { Page, Request } from '@playwright/test';
import { expect, test } from './journey';

test('before intent one request and nothing stored; code on hover, a session on opening, rows with the first message', async ({
  bank,
  chat,
  business,
  page,
  stack,
}) => {
  const { chat: origin } = stack.addresses;
  const requests: Request[] = [];
  const sockets: string[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(origin)) requests.push(request);
  });
  page.on('websocket', (socket) => sockets.push(socket.url()));
  const paths = () => requests.map((request) => new URL(request.url()).pathname);
  const usersBefore = (await business.users()).length;

  await bank.goto();
  await expect(chat.launcher).toBeVisible();
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  expect(paths()).toEqual(['/guichet.js']);
  expect(page.frames()).toHaveLength(1);
  expect(await kept(page)).toEqual(nothing);
  expect(await page.context().cookies()).toEqual([]);

  await bank.visit('Help');
  await expect(chat.launcher).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(paths().every((path) => path === '/guichet.js')).toBe(true);
  expect(await kept(page)).toEqual(nothing);
  requests.length = 0;

  await chat.launcher.hover();
  await expect(chat.frame.locator('.composer')).toBeAttached();
  await page.waitForLoadState('networkidle');
  expect(paths().length).toBeGreaterThan(0);
  expect(paths().filter((path) => !/^\/widget\/(assets\/[\w.-]+)?$/.test(path))).toEqual([]);
  expect(sockets).toEqual([]);
  expect(await kept(page)).toEqual(nothing);
  expect(await chat.storage()).toEqual({});
  expect(await (await chat.document()).evaluate(() => indexedDB.databases())).toEqual([]);
  expect(await business.users()).toHaveLength(usersBefore);

  await chat.open();
  expect(requests.filter((request) => new URL(request.url()).pathname === '/widget/v1/session')).toHaveLength(1);
  expect(await kept(page)).toEqual(nothing);
  expect(await page.context().cookies()).toEqual([]);
  expect(await business.users()).toHaveLength(usersBefore);
  await page.reload();
  await expect(chat.launcher).toBeVisible();
  expect(await business.users()).toHaveLength(usersBefore);

  await chat.open();
  await chat.suggestion('Find a branch').click();
  await expect(chat.chips).toBeVisible();
  expect(await business.users()).toHaveLength(usersBefore + 1);
  const { customer } = await chat.customer();
  expect(await business.conversationsOf(customer)).toHaveLength(1);
  const { local, ...others } = await kept(page);
  expect(others).toEqual({ session: {}, cookie: '', databases: [], caches: [] });
  // No id, no token, no words.
  expect(JSON.parse(local['guichet:ag-bank'] ?? '')).toEqual({ returning: true, open: true });
  expect(Object.keys(local)).toEqual(['guichet:ag-bank']);
});

const nothing = { local: {}, session: {}, cookie: '', databases: [], caches: [] };
const kept = (page: Page) =>
  page.evaluate(async () => ({
    local: { ...localStorage } as Record<string, string>,
    session: { ...sessionStorage },
    cookie: document.cookie,
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
  }));
