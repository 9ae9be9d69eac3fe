/** A web view that stands in the host page: a bank on `www.bank.localhost` and its page on `cards.bank.localhost`. */
import type { Frame, Page } from '@playwright/test';
import { puppetPage } from './puppet';
import { type Chat, expect, openChat, type World, webViewButton, welcomed } from './world';

export const hostName = 'www.bank';
export const pageName = 'cards.bank';

interface Offer {
  readonly mount?: 'widget' | 'host';
  /** What else the button asks for. */
  readonly button?: object;
  readonly path?: string;
  /** Where the button leads instead of to a puppet. */
  readonly url?: string;
  readonly greet?: boolean;
  readonly host?: { head?: string; body?: string; headers?: Record<string, string>; nonce?: string };
}

/** A conversation with such a button, and a page of the bank to open it on. */
export async function offer(world: World, wanted: Offer = {}) {
  const { mount = 'host', button = {}, path = `/view/${Math.random()}`, greet = true } = wanted;
  const host = world.web.origin(hostName);
  await world.configure({
    hosts: [host, world.web.origin('host')],
    webViewOrigins: [world.web.origin(pageName), world.web.origin('page')],
    more: { allow_host_mount: true, web_view_permissions: ['popups'] },
  });
  const seen: string[] = [];
  const puppet = world.web.put(pageName, path, ({ headers }) => {
    // The server looks at it as well, with no browser around.
    if (headers['sec-fetch-dest']) seen.push(headers.cookie ?? '');
    return {
      headers: { 'set-cookie': 'lax=1; SameSite=Lax; Path=/' },
      body: puppetPage(mount === 'host' ? host : world.server.origin, {
        greet,
        title: 'Card details',
        body: '<button id="last">Last</button>',
      }),
    };
  });
  const url = wanted.url ?? puppet;
  const talk = await world.talk([
    { text: { content: 'Please confirm.' } },
    webViewButton(url, { mount, size: 'tall', ...button }),
  ]);
  return { talk, address: world.hostPage(talk, { name: hostName, ...wanted.host }), url, seen };
}

/** The frame that stands in the host page. */
export const inHost = (page: Page) => page.locator('guichet-chat').locator('div iframe');
export const isGone = (page: Page) => expect(inHost(page)).toHaveCount(0);

export async function tap(page: Page, chat: Chat, { silent = false } = {}): Promise<Frame> {
  await chat.at.getByRole('button', { name: 'Open the page' }).last().click();
  await expect(inHost(page)).toBeVisible();
  const handle = await inHost(page).elementHandle();
  const frame = await handle?.contentFrame();
  if (!frame) throw new Error('no frame stands in the host page');
  if (!silent) await welcomed(frame);
  return frame;
}

/** That offer, opened. */
export async function withViewInHost(page: Page, world: World, wanted: Offer & { silent?: boolean } = {}) {
  const { talk, address, url } = await offer(world, wanted);
  const chat = await openChat(page, address);
  return { talk, chat, url, view: await tap(page, chat, wanted) };
}

/** Resolves once the host page has dealt with all that `from` has posted to it so far, and `from` with what it was posted since. */
export async function settledInHost(page: Page, from: Frame): Promise<void> {
  await page.evaluate(() => {
    const scope = window as unknown as { barrier: Promise<void> };
    scope.barrier = new Promise((done) => {
      addEventListener('message', ({ data, source }) => {
        if (data !== 'barrier') return;
        (source as Window).postMessage('barrier', '*');
        done();
      });
    });
  });
  await from.evaluate(() => {
    const scope = window as unknown as { barrier: Promise<void> };
    scope.barrier = new Promise((done) => addEventListener('message', ({ data }) => data === 'barrier' && done()));
    parent.postMessage('barrier', '*');
  });
  await page.evaluate('barrier');
  await from.evaluate('barrier');
}
