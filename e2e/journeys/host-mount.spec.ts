/** A web view that stands in the host page, where it has its cookies. */
import type { Page } from '@playwright/test';
import { hostName, inHost, isGone, offer, tap } from '../hostile/hostMount';
import { inPage } from '../hostile/puppet';
import { type Chat, chatOn, closeReason, expect, expectUsable, openChat, test } from '../hostile/world';
import { browserHistory } from './browserHistory';
import { listeners } from './listeners';
import { tabTo } from './tabTo';

/** Where the hole is, in the host page's pixels. */
async function places(page: Page, chat: Chat) {
  return { frame: await inHost(page).boundingBox(), hole: await chat.at.locator('.hole').boundingBox() };
}
const liesOverItsHole = (page: Page, chat: Chat) =>
  expect
    .poll(async () => {
      const { frame, hole } = await places(page, chat);
      return (
        frame &&
        hole &&
        Math.max(...(['x', 'y', 'width', 'height'] as const).map((key) => Math.abs(frame[key] - hole[key])))
      );
    })
    .toBeLessThan(1);

test.afterAll(({ world }) => world.configure());

test('a page of the host’s own site has its Lax cookie there, which it doesn’t have in the chat', {
  tag: '@cookies',
}, async ({ page, world }) => {
  const { talk, address, url, seen } = await offer(world);
  // The bank's own page gave it, some time before.
  await page.goto(url);
  const chat = await openChat(page, address);
  const view = await tap(page, chat);

  expect(seen.at(-1)).toBe('lax=1');
  expect(await inPage(view, 'document.cookie')).toBe('lax=1');
  await liesOverItsHole(page, chat);
  expect(await inHost(page).getAttribute('sandbox')).toBe('allow-scripts allow-forms allow-same-origin');
  expect(await inHost(page).getAttribute('referrerpolicy')).toBe('no-referrer');
  await expect(inHost(page)).toHaveAttribute('title', 'The page');
  await inPage(view, 'tell("set_title", { title: "Another title" })');
  await expect(inHost(page)).toHaveAttribute('title', 'Another title');

  expect(
    await inPage(view, 'ask("submit", { result: { ok: true }, summary: "Confirmed", idempotency_key: "key-0001" })'),
  ).toMatchObject({
    ok: true,
    d: { accepted: true },
  });
  await isGone(page);
  expect(await closeReason(talk)).toBe('submitted');
  await expectUsable(chat, talk);

  const nested = await offer(world, { mount: 'widget' });
  const other = await openChat(page, nested.address);
  await other.at.getByRole('button', { name: 'Open the page' }).last().click();
  await expect(other.at.locator('.sheet iframe')).toBeVisible();
  await expect.poll(() => nested.seen).toEqual(['']);
});

test('it follows its hole, takes and gives the focus, and closes by every way', async ({ page, world }) => {
  const { talk, address, url } = await offer(world);
  await page.goto(url);
  const chat = await openChat(page, address);
  const button = chat.at.getByRole('button', { name: 'Open the page' }).last();
  const reasons = () => talk.told('web_view_close').map(({ data }) => data.reason);
  const focused = () => chat.widget.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  const { index } = await browserHistory(page);
  const start = await index();
  const isBack = async (reason: string, count: number) => {
    await isGone(page);
    await expect.poll(reasons).toHaveLength(count);
    expect(reasons().at(-1)).toBe(reason);
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('IFRAME');
    await expect.poll(focused).toBe('Open the page');
    // The entry that was pushed for it is taken off some time after: what comes next must not be overtaken by that.
    await expect.poll(index).toBe(start);
  };

  let view = await tap(page, chat);
  await liesOverItsHole(page, chat);
  await page.setViewportSize({ width: 900, height: 560 });
  await liesOverItsHole(page, chat);
  await inPage(view, 'ask("request_size", { size: "compact" })');
  await liesOverItsHole(page, chat);
  const compact = await inHost(page).boundingBox();
  await inPage(view, 'ask("request_size", { size: "full" })');
  await liesOverItsHole(page, chat);
  expect((await inHost(page).boundingBox())?.height).toBeGreaterThan(compact?.height ?? 0);
  await inPage(view, 'tell("dirty", { dirty: true })');
  await page.setViewportSize({ width: 1280, height: 720 });

  // By keyboard from the sheet's own button into the page, and back again.
  const close = chat.at.getByRole('button', { name: /^Close / });
  await close.focus();
  await page.keyboard.press('Tab');
  await expect.poll(() => inPage(view, 'document.activeElement.id')).toBe('number');
  await page.keyboard.type('4111');
  // Forwards too nothing is trapped in it: past its last button comes the host page.
  await tabTo(page, view.locator('#last'));
  await tabTo(page, page.locator('guichet-chat button[aria-haspopup="dialog"]'));
  await tabTo(page, view.locator('#number'), 'Shift+Tab');
  await tabTo(page, close, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(chat.at.getByRole('alertdialog')).toBeVisible();
  await liesOverItsHole(page, chat);
  await chat.at.getByRole('button', { name: 'Stay' }).click();
  expect(await inPage(view, 'document.querySelector("#number").value')).toBe('4111');
  await inPage(view, 'tell("dirty", { dirty: false })');

  // A closed panel hides it; open again, it is as it was.
  await page.locator('guichet-chat button[aria-haspopup="dialog"]').click();
  await expect(inHost(page)).toBeHidden();
  await page.locator('guichet-chat button[aria-haspopup="dialog"]').click();
  await expect(inHost(page)).toBeVisible();
  expect(await inPage(view, 'document.querySelector("#number").value')).toBe('4111');

  await view.locator('#number').focus();
  await close.click();
  await isBack('customer', 1);

  view = await tap(page, chat);
  await view.locator('#number').focus();
  await inPage(view, 'tell("close")');
  await isBack('page', 2);

  view = await tap(page, chat);
  await view.locator('#number').focus();
  await inPage(view, 'tell("escape")');
  await isBack('customer', 3);

  view = await tap(page, chat);
  await page.evaluate(() => history.back());
  await isBack('customer', 4);

  view = await tap(page, chat);
  await view.locator('#number').focus();
  const id = talk.told('web_view_open').at(-1)?.data.web_view?.id;
  expect((await world.api('POST', `/v2/web-views/${id}/close`, {})).status).toBeLessThan(300);
  await isBack('business', 5);
  await expect(button).toBeVisible();
  await expectUsable(chat, talk);
});

test('where it can’t stand in the host page it is in the chat, and the console says why', async ({ page, world }) => {
  const warnings: string[] = [];
  page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
  const { server } = world;
  const headers = { 'content-security-policy': `script-src 'nonce-a'; frame-src ${server.origin}` };
  for (const name of ['no frame', 'no script']) {
    const { talk, url } = await offer(world);
    if (name === 'no script') await page.route('**/host-view.js', (route) => route.abort());
    const address = world.hostPage(talk, { name: hostName, ...(name === 'no frame' ? { headers, nonce: 'a' } : {}) });
    const chat = await openChat(page, address);
    await chat.at.getByRole('button', { name: 'Open the page' }).last().click();
    await expect(chat.at.locator('.sheet iframe'), name).toHaveAttribute('src', url);
    expect(
      warnings.filter((text) => text.includes("doesn't show it in its own page")),
      name,
    ).toHaveLength(1);
    warnings.length = 0;
    await isGone(page);
  }

  // Another of the site's hosts, which is no page of the bank's site.
  const { talk } = await offer(world);
  const elsewhere = await openChat(page, world.hostPage(talk));
  await elsewhere.at.getByRole('button', { name: 'Open the page' }).last().click();
  await expect(elsewhere.at.locator('.sheet iframe')).toBeVisible();
  await isGone(page);
  expect(warnings.filter((text) => text.includes("doesn't show it"))).toEqual([]);
});

test('destroy takes it away with all that it listened to and waited for, and after init it stands there again', async ({
  page,
  world,
}) => {
  const { talk, url } = await offer(world);
  await page.addInitScript(() => {
    const scope = window as unknown as { intervals: Set<number> };
    scope.intervals = new Set();
    const { setInterval: set, clearInterval: clear } = window;
    window.setInterval = ((...args: Parameters<typeof set>) => {
      const id = set(...args) as unknown as number;
      scope.intervals.add(id);
      return id;
    }) as typeof set;
    window.clearInterval = (id) => {
      scope.intervals.delete(id as number);
      clear(id);
    };
  });
  const session = await page.context().newCDPSession(page);
  await page.goto(
    world.web.put(hostName, '/bare', '<!doctype html><meta charset="utf-8"><title>Bare</title><h1>Bare</h1>'),
  );
  await page.getByRole('heading').elementHandle();
  const held = async () => ({ listeners: await listeners(session), intervals: await page.evaluate('intervals.size') });
  const before = await held();
  await page.evaluate((source) => {
    const script = Object.assign(document.createElement('script'), { src: source });
    document.head.append(script);
    return new Promise((resolve) => script.addEventListener('load', resolve, { once: true }));
  }, `${world.server.origin}/guichet.js`);
  const call = (...args: unknown[]) =>
    page.evaluate(async ([command, ...rest]) => void (await window.guichet?.(command, ...rest)), args);

  for (const label of ['Open the page', 'Continue: Open the page']) {
    await call('init', { site: world.site, identity: talk.identity });
    await call('open');
    const chat = await chatOn(page);
    await chat.at.getByRole('button', { name: label }).last().click();
    await expect(inHost(page)).toHaveAttribute('src', url);
    await liesOverItsHole(page, chat);
    expect(await held()).not.toEqual(before);

    await call('destroy');

    await expect(page.locator('guichet-chat')).toHaveCount(0);
    await expect.poll(() => page.frames().length).toBe(1);
    await expect.poll(held).toEqual(before);
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('it fills its place in the sheet, is dragged along and goes with a swipe', async ({ page, world }) => {
    const head = '<meta name="viewport" content="width=device-width">';
    const { talk, address } = await offer(world, { host: { head } });
    const chat = await openChat(page, address);
    await tap(page, chat);
    await liesOverItsHole(page, chat);
    const { frame } = await places(page, chat);
    expect(frame?.width).toBe(390);
    expect((frame?.y ?? 0) + (frame?.height ?? 0)).toBe(844);

    const grip = await chat.at.locator('.grip').boundingBox();
    const [x, y] = [195, (grip?.y ?? 0) + 6];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, y + 60, { steps: 4 });
    await expect.poll(async () => (await inHost(page).boundingBox())?.y).toBe((frame?.y ?? 0) + 60);
    await page.mouse.move(x, y + 200, { steps: 6 });
    await page.mouse.up();
    await isGone(page);
    expect(await closeReason(talk)).toBe('customer');
  });
});
