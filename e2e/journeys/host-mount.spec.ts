/** A web view that stands in the host page, where it has its cookies. */
import type { Frame, Page } from '@playwright/test';
import { inPage, puppetPage } from '../hostile/puppet';
import {
  type Chat,
  closeReason,
  expect,
  expectUsable,
  openChat,
  test,
  type World,
  webViewButton,
  welcomed,
} from '../hostile/world';

const hostName = 'www.bank';
const pageName = 'cards.bank';

async function offer(world: World, { mount = 'host', head = '', path = `/view/${Math.random()}` } = {}) {
  const host = world.web.origin(hostName);
  await world.configure({
    hosts: [host, world.web.origin('host')],
    webViewOrigins: [world.web.origin(pageName), world.web.origin('page')],
    more: { allow_host_mount: true },
  });
  const seen: string[] = [];
  const url = world.web.put(pageName, path, ({ headers }) => {
    seen.push(headers.cookie ?? '');
    return {
      headers: { 'set-cookie': 'lax=1; SameSite=Lax; Path=/' },
      body: puppetPage(mount === 'host' ? host : world.server.origin, {
        title: 'Card details',
        body: '<button id="last">Last</button>',
      }),
    };
  });
  const talk = await world.talk([
    { text: { content: 'Please confirm.' } },
    webViewButton(url, { mount, size: 'tall' }),
  ]);
  const address = world.hostPage(talk, { name: hostName, head });
  return { talk, address, url, seen };
}

const inHost = (page: Page) => page.locator('guichet-chat').locator('div iframe');
const isGone = (page: Page) => expect(inHost(page)).toHaveCount(0);
async function frameIn(page: Page): Promise<Frame> {
  const handle = await inHost(page).elementHandle();
  const frame = await handle?.contentFrame();
  if (!frame) throw new Error('no frame stands in the host page');
  await welcomed(frame);
  return frame;
}
async function tap(page: Page, chat: Chat): Promise<Frame> {
  await chat.at.getByRole('button', { name: 'Open the page' }).last().click();
  await expect(inHost(page)).toBeVisible();
  return frameIn(page);
}
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

test('a page of the host’s own site has its Lax cookie there, which it doesn’t have in the chat', async ({
  page,
  world,
}) => {
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
