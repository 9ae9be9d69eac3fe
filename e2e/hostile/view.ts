/** An open web view with a puppet in it, and what is looked at around it. */
import type { Frame, Page } from '@playwright/test';
import { inPage } from './puppet';
import { type Chat, openChat, openView, type World, webViewButton } from './world';

export async function withView(page: Page, world: World, options: { host?: { body?: string }; button?: object } = {}) {
  const talk = await world.talk([
    { text: { content: 'Please confirm.' } },
    webViewButton(world.puppet(), options.button),
  ]);
  const chat = await openChat(page, world.hostPage(talk, options.host));
  return { talk, chat, view: await openView(chat) };
}

/** Counts how often the widget asks its server for something on the socket, from now on. */
export async function countAsked(chat: Chat, type: string): Promise<() => Promise<number>> {
  await chat.widget.evaluate((wanted) => {
    const scope = window as unknown as { asked: number };
    scope.asked = 0;
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
      if (String(data).includes(`"${wanted}"`)) scope.asked += 1;
      return send.call(this, data);
    };
  }, type);
  return () => chat.widget.evaluate<number>('asked');
}

/** Every title that the sheet has had since. */
export async function watchTitles(chat: Chat): Promise<() => Promise<string[]>> {
  await chat.widget.evaluate(() => {
    const seen: string[] = [];
    (window as unknown as { titles: string[] }).titles = seen;
    const heading = document.querySelector('.sheet h2');
    if (heading)
      new MutationObserver(() => seen.push(heading.textContent ?? '')).observe(heading, {
        subtree: true,
        childList: true,
        characterData: true,
      });
  });
  return () => chat.widget.evaluate<string[]>('titles');
}

/** Notes in which order things happen in the widget's document from now on. */
export async function watchLeaving(widget: Frame): Promise<() => Promise<string[]>> {
  await widget.evaluate(() => {
    const order: string[] = [];
    const main = document.querySelector('main');
    const frame = document.querySelector('.sheet iframe');
    new MutationObserver(() => {
      const note = (what: string, is: boolean | undefined) => is && !order.includes(what) && order.push(what);
      // The page's end first: where both came about at once, nobody could use the conversation before.
      note('the page is gone', frame?.isConnected === false);
      note('the conversation can be used', main?.inert === false);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
    Object.assign(window, { order });
  });
  return () => widget.evaluate(() => (window as unknown as { order: string[] }).order);
}

export const close = (chat: Chat) => chat.at.getByRole('button', { name: /^Close / }).click();
export const title = (chat: Chat) => chat.at.locator('.sheet h2').first();
export const welcomes = (frame: Frame) => inPage<number>(frame, 'heard.welcomes');
export const sheets = (chat: Chat) => chat.at.locator('.sheet');
