/** The browser of these tests behaves as it does for people. Without this, the other browser tests would prove less. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from '@playwright/test';
import { cookieModes, expect, launchBrowser, launchPerson, test } from '../support/browser';

let server: Server;
let port: number;
const at = (name: string, path: string) => `http://${name}.localhost:${port}${path}`;
/** A site by another name than `*.localhost`, which no list of local names can mend. */
const byAddress = (path: string) => `http://127.0.0.1:${port}${path}`;

test.beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url === '/top') {
      response.setHeader('set-cookie', ['lax=1; SameSite=Lax', 'none=1; SameSite=None; Secure']);
      response.end('<script>localStorage.setItem("who", "chat at the top")</script>');
    } else if (request.url === '/framed') {
      response.setHeader('set-cookie', 'partitioned=1; SameSite=None; Secure; Partitioned');
      response.end(`<script>
        const answer = { cookies: ${JSON.stringify(request.headers.cookie ?? '')} };
        try {
          answer.script = document.cookie.split('; ').sort().join();
          answer.before = localStorage.getItem('who');
          localStorage.setItem('who', 'chat in ' + new URL(document.referrer).hostname);
          answer.after = localStorage.getItem('who');
        } catch (error) { answer.error = String(error); }
        parent.postMessage(answer, '*');
      </script>`);
    } else if (request.url === '/host') {
      response.end(`<script>window.answer = new Promise((resolve) => { onmessage = ({ data }) => resolve(data); })</script>
        <iframe src="${at('chat', '/framed')}"></iframe>`);
    } else if (request.url === '/host-of-address') {
      response.end(`<script>window.answer = new Promise((resolve) => { onmessage = ({ data }) => resolve(data); })</script>
        <iframe src="${byAddress('/framed')}"></iframe>`);
    } else {
      response.end("<script>onpageshow = ({ persisted }) => { document.title = 'persisted ' + persisted; }</script>");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

test.afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Answer {
  /** What the frame's first request brought. */
  cookies: string;
  /** What its script sees then, one more set by the answer among them. */
  script: string;
  before: string | null;
  after: string | null;
  error?: string;
}

async function framedIn(page: Page, address: string): Promise<Answer> {
  await page.goto(address);
  return page.evaluate(() => (window as unknown as { answer: Promise<Answer> }).answer);
}

async function expectPartitionedStorage(context: BrowserContext) {
  const page = await context.newPage();
  await page.goto(at('chat', '/top'));

  const first = await framedIn(page, at('bank', '/host'));
  const again = await framedIn(page, at('bank', '/host'));
  const elsewhere = await framedIn(page, at('shop', '/host'));

  expect(first).toMatchObject({ before: null, after: 'chat in bank.localhost' });
  expect(again.before).toBe('chat in bank.localhost');
  expect(elsewhere.before).toBe(null);
  expect([first, again, elsewhere].map(({ cookies }) => cookies.includes('partitioned=1'))).toEqual([
    false,
    true,
    false,
  ]);
  expect([first, again, elsewhere].filter(({ cookies }) => cookies.includes('lax'))).toEqual([]);
}

/** The same visit to a site by name and to one by address, then both in the frame of another site. */
async function cookiesOfThirdParties(context: BrowserContext) {
  const page = await context.newPage();
  await page.goto(at('chat', '/top'));
  await page.goto(byAddress('/top'));
  const found = [await framedIn(page, at('bank', '/host')), await framedIn(page, at('bank', '/host-of-address'))];
  await page.close();
  return found.map(({ cookies, script }) => ({ cookies, script }));
}
const ofMode = {
  allowed: { cookies: 'none=1', script: 'none=1,partitioned=1' },
  blocked: { cookies: '', script: 'partitioned=1' },
};

async function expectBackForwardCache(context: BrowserContext) {
  const page = await context.newPage();
  await page.goto(at('bank', '/plain'));
  await expect(page).toHaveTitle('persisted false');
  await page.goto(at('bank', '/other'));

  await page.goBack({ waitUntil: 'commit' });

  expect(page.url()).toBe(at('bank', '/plain'));
  await expect(page).toHaveTitle('persisted true');
}

test('storage of a third-party frame works, partitioned by the top-level site; Lax cookies stay home', ({ context }) =>
  expectPartitionedStorage(context));

test('storage and cookies are the same in a profile on disk', ({ person }) => expectPartitionedStorage(person));

for (const mode of cookieModes) {
  test(`where third parties’ cookies are ${mode}, they are, in a context and in a profile on disk`, async () => {
    const [{ browser, close }, person] = await Promise.all([launchBrowser([], mode), launchPerson(mode)]);
    try {
      const found = [
        await cookiesOfThirdParties(await browser.newContext()),
        await cookiesOfThirdParties(person.context),
      ];

      expect(found).toEqual([
        [ofMode[mode], ofMode[mode]],
        [ofMode[mode], ofMode[mode]],
      ]);
    } finally {
      await Promise.all([close(), person.close()]);
    }
  });
}

test('the browser of these specs has the mode that they are said to run in', async ({ context, thirdPartyCookies }) => {
  expect(thirdPartyCookies).toBeDefined();
  expect(await cookiesOfThirdParties(context)).toEqual([
    ofMode[thirdPartyCookies ?? 'allowed'],
    ofMode[thirdPartyCookies ?? 'allowed'],
  ]);
});

test('no switch of an automation tool is set', async ({ browser }) => {
  const session = await browser.newBrowserCDPSession();
  const { commandLine } = await session.send('SystemInfo.getInfo');

  expect(commandLine).toContain('--user-data-dir=');
  // What is behind the address bar is no page's business.
  const switchedOff = /--disable-features=(\S*)/.exec(commandLine)?.[1]?.split(',') ?? [];
  expect(switchedOff.filter((feature) => !feature.startsWith('WebUIOmnibox'))).toEqual([]);
  expect(commandLine).not.toMatch(
    /--(enable-automation|disable-(back-forward-cache|site-isolation|web-security|blink-features|(renderer|background)\S*(throttling|backgrounding)|backgrounding))/i,
  );
});

test('a plain page comes back out of the back/forward cache', ({ context }) => expectBackForwardCache(context));

test('a plain page comes back out of the back/forward cache in a profile on disk', ({ person }) =>
  expectBackForwardCache(person));

test('timers of a page in the background are slowed', async ({ person }) => {
  const page = await person.newPage();
  await page.goto(at('bank', '/plain'));
  const timed = () =>
    page.evaluate(async () => {
      const start = performance.now();
      for (let n = 0; n < 3; n += 1) await new Promise((resolve) => setTimeout(resolve, 10));
      return performance.now() - start;
    });
  const inFront = await timed();

  const other = await person.newPage();
  await other.bringToFront();
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
  const behind = await timed();

  expect(inFront).toBeLessThan(1_000);
  expect(behind).toBeGreaterThan(1_000);
});
