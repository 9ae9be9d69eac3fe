/** `guichet(command, …)`, as the host page calls it. */
import type { Page } from '@playwright/test';
import { SignJWT } from 'jose';
import { test as alone } from './alone';
import { htmlPage, tag } from './hostPage';
import { conversationOf, expect } from './journey';
import { listeners } from './listeners';
import { test as together } from './together';

type Told = [name: string, data: unknown][];
declare global {
  interface Window {
    told: Told;
  }
}

const queue = `<script>
  window.guichet = window.guichet || function () { (guichet.q = guichet.q || []).push(arguments); };
  window.told = [];
  for (const name of ['ready', 'open', 'close', 'unread', 'message_sent', 'message_received', 'error'])
    guichet('on', name, (data) => told.push([name, data]));
</script>`;

const pages = {
  at(path: string, chat: string) {
    if (path === '/bare') return htmlPage(queue);
    if (path === '/opens') return htmlPage(`${queue}<script>guichet('open')</script>${tag(chat)}`);
    return htmlPage(`${queue}${tag(chat)}`);
  },
};
const test = together.extend({ pages });
/** With nobody else's users. */
const apart = alone.extend({ pages });

const names = (page: Page) => page.evaluate(() => window.told.map(([name]) => name));
const call = (page: Page, ...args: unknown[]) =>
  page.evaluate(async ([command, ...rest]) => window.guichet?.(command, ...rest), args);

test('what is called before the script has loaded is done once it has', async ({ page, host, guest }) => {
  await page.goto(`${host.origin}/opens`);

  await guest.live();
  await expect(guest.launcher).toHaveAttribute('aria-expanded', 'true');
  await expect.poll(() => names(page)).toEqual(expect.arrayContaining(['open', 'ready']));
});

test('open, close, toggle, show, hide, send and events', async ({ page, host, desk, guest }) => {
  await page.goto(host.origin);
  await expect(guest.launcher).toBeVisible();

  await call(page, 'open');
  await guest.live();
  await call(page, 'close');
  await expect(guest.iframe).toBeHidden();
  await call(page, 'toggle');
  await expect(guest.iframe).toBeVisible();
  await call(page, 'hide');
  await expect(guest.iframe).toBeHidden();
  await expect(guest.launcher).toBeHidden();
  await call(page, 'show');
  await expect(guest.launcher).toBeVisible();
  await expect(guest.iframe).toBeHidden();
  await expect.poll(() => names(page)).toEqual(expect.arrayContaining(['open', 'close', 'open', 'close']));

  const sent = await call(page, 'send', 'from the page');
  expect(sent).toEqual({ id: expect.any(String) });
  await expect.poll(() => names(page)).toContain('message_sent');
  const id = await conversationOf(guest, desk);
  expect(await desk.lines(id)).toEqual(['me: from the page']);
  const message = await desk.say(id, 'a secret word');
  await expect.poll(() => page.evaluate(() => window.told)).toContainEqual(['message_received', { id: message }]);
  await expect.poll(() => page.evaluate(() => window.told)).toContainEqual(['unread', { count: 1 }]);
  expect(JSON.stringify(await page.evaluate(() => window.told))).not.toContain('secret');

  await page.evaluate(() => {
    window.told.length = 0;
    window.guichet?.('off', 'open');
  });
  await call(page, 'open');
  await guest.live();
  await call(page, 'close');
  await expect.poll(() => names(page)).toContain('close');
  expect(await names(page)).not.toContain('open');
});

test('a wrong setting is named in the console and ignored, a right one is seen at once', async ({
  page,
  host,
  guest,
}) => {
  const warnings: string[] = [];
  page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
  await page.goto(host.origin);
  await guest.open();

  await call(page, 'setConfig', {
    brand_color: 'url(javascript:alert(1))',
    name: 'Counter Seven',
    no_such_setting: 'x',
    greeting: 'What can we do for you?',
    color_scheme: 'dark',
  });

  await expect(guest.frame.getByRole('heading', { name: 'What can we do for you?' })).toBeVisible();
  await expect.poll(() => warnings.filter((text) => /brand_color/.test(text)).length).toBeGreaterThan(0);
  await expect.poll(() => warnings.filter((text) => /no_such_setting/.test(text)).length).toBeGreaterThan(0);
  expect(await guest.launcher.evaluate((button) => getComputedStyle(button).backgroundColor)).toBe('rgb(15, 107, 92)');
  const surface = await guest.frame.locator('.panel').evaluate((panel) => getComputedStyle(panel).backgroundColor);
  expect(Math.max(...(surface.match(/\d+/g) ?? []).slice(0, 3).map(Number))).toBeLessThan(80);

  await call(page, 'setConfig', { brand_color: '#d6336c' });
  await expect
    .poll(() => guest.launcher.evaluate((button) => getComputedStyle(button).backgroundColor))
    .toBe('rgb(214, 51, 108)');
});

test('a command that isn’t one says so and throws nothing into the page', async ({ page, host, guest, problems }) => {
  problems.allow(/^console: guichet: (nonsense|send|identify): /);
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(host.origin);
  await expect(guest.launcher).toBeVisible();

  const outcomes = await page.evaluate(() =>
    Promise.all(
      [['nonsense'], ['send', 7], ['identify', {}]].map((words) =>
        Promise.resolve(window.guichet?.(...words)).then(
          () => 'done',
          (error: Error) => error.message,
        ),
      ),
    ),
  );

  expect(outcomes).not.toContain('done');
  expect(errors.join('\n')).toMatch(/nonsense.*expected one of/);
});

apart(
  'identify makes the conversation the user’s, another user sees nothing of it, logout leaves nothing',
  async ({ page, host, desk, guest, problems }) => {
    // A question that is under way when its customer leaves is answered so, and nobody listens any more.
    problems.allow(/status of 401 .*\/widget\/v1\/(?:head|events)/);
    const { kid, secret } = host.identityKey;
    const jwt = (subject: string, first_name: string) =>
      new SignJWT({ first_name })
        .setProtectedHeader({ alg: 'HS256', kid })
        .setAudience('ag-bank')
        .setSubject(subject)
        .setExpirationTime('10m')
        .sign(new TextEncoder().encode(secret));
    await page.goto(host.origin);
    await guest.open();
    await guest.send('written as a guest');
    await expect(guest.frame.locator('.state')).toHaveText('Sent');
    const id = await conversationOf(guest, desk);

    const ada = await call(page, 'identify', await jwt('user-1', 'Ada'));
    expect(ada).toEqual({ customer_id: expect.any(String) });
    await expect.poll(() => guest.lines()).toEqual(['me: written as a guest']);
    expect(await conversationOf(guest, desk)).toBe(id);
    expect(await desk.users()).toMatchObject([{ reference_id: 'user-1', first_name: 'Ada' }]);
    await guest.composer.fill('a draft of Ada’s');

    await call(page, 'identify', await jwt('user-2', 'Bo'));
    await guest.live();
    await expect(guest.log).toHaveCount(0);
    await expect(guest.composer).toHaveValue('');
    expect(JSON.stringify(await guest.storage())).not.toContain((ada as { customer_id: string }).customer_id);

    await guest.send('written by Bo');
    await expect(guest.frame.locator('.state')).toHaveText('Sent');
    expect(await call(page, 'logout')).toEqual({});
    await expect(guest.log).toHaveCount(0);
    expect(await guest.storage()).toEqual({});
    expect(await page.evaluate(() => ({ ...localStorage }))).toEqual({});

    await guest.send('somebody new');
    await expect(guest.frame.locator('.state')).toHaveText('Sent');
    expect(await guest.lines()).toEqual(['me: somebody new']);
    expect((await desk.users()).map(({ reference_id }) => reference_id).sort()).toEqual([
      'user-1',
      'user-2',
      undefined,
    ]);
  },
);

test('destroy leaves no node, frame, socket or listener, and init works again', async ({
  page,
  server,
  host,
  guest,
}) => {
  const session = await page.context().newCDPSession(page);
  await page.goto(`${host.origin}/bare`);
  // Playwright's own listeners come with its first look into the page.
  await page.getByRole('heading').elementHandle();
  const before = await listeners(session);
  await page.evaluate((source) => {
    const script = document.createElement('script');
    script.src = source;
    document.head.append(script);
    return new Promise((resolve) => script.addEventListener('load', resolve, { once: true }));
  }, `${server.origin}/guichet.js`);
  await call(page, 'init', { site: 'ag-bank' });
  await call(page, 'open');
  await guest.live();
  await guest.send('hello');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect(await chatDocuments(page, server.origin)).toBe(1);
  expect(await listeners(session)).not.toEqual(before);

  await call(page, 'destroy');

  await expect(page.locator('guichet-chat')).toHaveCount(0);
  await expect.poll(() => page.frames().length).toBe(1);
  // With the document goes its socket.
  await expect.poll(() => chatDocuments(page, server.origin)).toBe(0);
  expect(await listeners(session)).toEqual(before);
  expect(
    await page.evaluate(() => [document.documentElement.getAttribute('style'), document.body.getAttribute('style')]),
  ).toEqual([null, null]);

  await call(page, 'init', { site: 'ag-bank' });
  await guest.live();
  await expect.poll(() => guest.lines()).toEqual(['me: hello']);
});

/** How many of the chat's documents the browser holds. */
async function chatDocuments(page: Page, origin: string): Promise<number> {
  const session = await page.context().browser()?.newBrowserCDPSession();
  if (!session) throw new Error('the context has no browser');
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'iframe' }] });
  await session.detach();
  return targetInfos.filter(({ url }) => url.startsWith(origin)).length;
}
