/** The browser of these tests behaves as it does for people. Without this, the other browser tests would prove less. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from '@playwright/test';
import { expect, test } from '../support/browser';

let server: Server;
let port: number;
const at = (name: string, path: string) => `http://${name}.localhost:${port}${path}`;

test.beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url === '/top') {
      response.setHeader('set-cookie', 'lax=1; SameSite=Lax');
      response.end('<script>localStorage.setItem("who", "chat at the top")</script>');
    } else if (request.url === '/framed') {
      response.setHeader('set-cookie', 'partitioned=1; SameSite=None; Secure; Partitioned');
      response.end(`<script>
        const answer = { cookies: ${JSON.stringify(request.headers.cookie ?? '')} };
        try {
          answer.before = localStorage.getItem('who');
          localStorage.setItem('who', 'chat in ' + new URL(document.referrer).hostname);
          answer.after = localStorage.getItem('who');
        } catch (error) { answer.error = String(error); }
        parent.postMessage(answer, '*');
      </script>`);
    } else if (request.url === '/host') {
      response.end(`<script>window.answer = new Promise((resolve) => { onmessage = ({ data }) => resolve(data); })</script>
        <iframe src="${at('chat', '/framed')}"></iframe>`);
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
  cookies: string;
  before: string | null;
  after: string | null;
  error?: string;
}

async function expectPartitionedStorage(context: BrowserContext) {
  const page = await context.newPage();
  const framedIn = async (host: string) => {
    await page.goto(at(host, '/host'));
    return page.evaluate(() => (window as unknown as { answer: Promise<Answer> }).answer);
  };
  await page.goto(at('chat', '/top'));

  const first = await framedIn('bank');
  const again = await framedIn('bank');
  const elsewhere = await framedIn('shop');

  expect(first).toEqual({ cookies: '', before: null, after: 'chat in bank.localhost' });
  expect(again).toMatchObject({ cookies: 'partitioned=1', before: 'chat in bank.localhost' });
  expect(elsewhere).toMatchObject({ cookies: '', before: null });
}

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
