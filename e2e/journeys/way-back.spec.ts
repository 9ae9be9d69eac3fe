/** The browser's Back through a page's own steps and out of it, and what a page leaves behind in the history: nothing. */
import type { Frame, Page } from '@playwright/test';
import { inPage, puppetPage } from '../hostile/puppet';
import {
  type Chat,
  expect,
  expectUsable,
  openChat,
  type Talk,
  test,
  type World,
  webViewButton,
  welcomed,
} from '../hostile/world';
import { browserHistory } from './browserHistory';

type Mount = 'widget' | 'host';

/** A page of the host's own site that makes steps, one with each tap. */
async function offer(world: World, mount: Mount): Promise<{ talk: Talk; address: string; before: string }> {
  const host = world.web.origin('www.bank');
  await world.configure({
    hosts: [host],
    webViewOrigins: [world.web.origin('cards.bank')],
    more: { allow_host_mount: true },
  });
  const url = world.web.put(
    'cards.bank',
    `/steps/${mount}`,
    puppetPage(mount === 'host' ? host : world.server.origin, {
      body: `<button id="next">Next</button><script>
        document.querySelector('#next').onclick = () => history.pushState((history.state ?? 0) + 1, '');
      </script>`,
    }),
  );
  const talk = await world.talk([{ text: { content: 'Three steps.' } }, webViewButton(url, { mount })]);
  return {
    talk,
    address: world.hostPage(talk, { name: 'www.bank' }),
    before: world.web.put('www.bank', '/before', 'The page before'),
  };
}

/** The page, after three steps. */
async function threeSteps(page: Page, chat: Chat, mount: Mount): Promise<Frame> {
  await chat.at.getByRole('button', { name: 'Open the page' }).last().click();
  const iframe =
    mount === 'host'
      ? page.locator('guichet-chat').locator('div iframe')
      : chat.at.locator('.layer:not(.leaving) iframe');
  const handle = await iframe.elementHandle();
  const view = await handle?.contentFrame();
  if (!view) throw new Error('the page has no frame');
  await welcomed(view);
  for (let step = 1; step <= 3; step++) {
    await view.locator('#next').click();
    expect(await inPage(view, 'history.state')).toBe(step);
  }
  return view;
}

for (const [mount, navigation] of [
  ['widget', true],
  ['host', true],
  ['widget', false],
] as const) {
  const how = `${mount === 'host' ? 'in the host page' : 'in the chat'}${navigation ? '' : ', without the Navigation API'}`;
  test(`Back goes through three steps of the page, then out; ✕ at the third leaves no dead entry (${how})`, async ({
    page,
    world,
  }) => {
    if (!navigation) await page.addInitScript(() => Object.defineProperty(window, 'navigation', { value: undefined }));
    const { talk, address, before } = await offer(world, mount);
    await page.goto(before);
    const chat = await openChat(page, address);
    expect(await chat.widget.evaluate(() => 'navigation' in window && !!window.navigation)).toBe(navigation);
    const history = await browserHistory(page);
    const start = await history.index();
    const sheet = chat.at.locator('.layer:not(.leaving) .sheet');
    const frames = () => page.frames().filter((frame) => frame.url().includes('/steps/')).length;
    const closes = () => talk.told('web_view_close').map(({ data }) => data.reason);

    const view = await threeSteps(page, chat, mount);
    expect(await history.index()).toBe(start + 4);
    for (let step = 2; step >= 0; step--) {
      await history.back();
      await expect.poll(() => inPage(view, 'history.state ?? 0')).toBe(step);
    }
    await expect(sheet).toBeVisible();
    expect(closes()).toEqual([]);
    await history.back();
    await expect(sheet).toHaveCount(0);
    await expect.poll(frames).toBe(0);
    await expect.poll(closes).toEqual(['customer']);
    expect(await history.index()).toBe(start);

    await threeSteps(page, chat, mount);
    await chat.at.getByRole('button', { name: /^Close / }).click();
    await expect.poll(frames).toBe(0);
    await expect.poll(closes).toEqual(['customer', 'customer']);
    await expect.poll(history.index).toBe(start);

    await history.forward();
    await expect.poll(history.index).toBe(start + 1);
    await expectUsable(chat, talk);
    expect([await chat.at.locator('.sheet').count(), talk.told('web_view_open').length]).toEqual([0, 2]);
    await history.back();
    await expect.poll(history.index).toBe(start);
    await page.goBack({ waitUntil: 'commit' });
    expect(page.url()).toBe(before);
  });
}

test('Back with unsaved input goes on to the entry of the tap again: none is made, so the browser passes over none', async ({
  page,
  world,
}) => {
  const { address } = await offer(world, 'widget');
  const chat = await openChat(page, address);
  const history = await browserHistory(page);
  const start = await history.index();
  const view = await threeSteps(page, chat, 'widget');
  await inPage(view, 'tell("dirty", { dirty: true })');
  await inPage(view, 'ask("request_size", { size: "full" })');
  const entries = await history.ids();

  for (let n = 0; n < 4; n++) {
    const index = await history.index();
    await history.back();
    if (n < 3) await expect.poll(history.index).toBe(index - 1);
  }
  await expect(chat.at.getByRole('alertdialog')).toBeVisible();
  await expect.poll(history.index).toBe(start + 1);
  expect(await history.ids()).toEqual(entries);
  await history.back();

  await expect(chat.at.locator('.sheet')).toHaveCount(0);
  await expect.poll(history.index).toBe(start);
});
