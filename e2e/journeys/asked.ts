/** `test` with a conversation that the customer has begun: a bot posts parts into it through /v2 and hears the answers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { Message } from '../../src/protocol/message';
import type { Business } from './business';
import type { Chat } from './chat';
import { conversationOf, expect } from './journey';
import { test as together } from './together';

const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="640" height="360" fill="#1f8a70"/></svg>';

interface Asked {
  /** An origin where every path is a picture. */
  pictures: string;
  /** Posts a message of the bot’s; gives its id. */
  ask: (message_parts: object[], reply_parts?: object[]) => Promise<string>;
  /** The customer's newest message, as the bot gets it. */
  heard: () => Promise<Message>;
}

export const test = together.extend<Asked>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
  pictures: async ({}, use) => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(picture);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await use(`http://pictures.localhost:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
  ask: async ({ page, host, guest, desk }, use) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(host.origin);
    await guest.launcher.click();
    await guest.live();
    await guest.send('Hello');
    await guest.settled();
    const id = await conversationOf(guest, desk);
    await use(async (message_parts, reply_parts = []) => {
      const body = { message_parts, reply_parts, message_type: 'normal', actor_type: 'bot' };
      const posted = await desk.api<{ id: string }>(`/conversations/${id}/messages`, { method: 'POST', body });
      await expect(guest.frame.locator(`[data-message="${posted.id}"]`)).toBeVisible();
      return posted.id;
    });
  },
  heard: async ({ guest, desk }, use) => use(() => newestOf(guest, desk)),
});

async function newestOf(guest: Chat, desk: Business): Promise<Message> {
  await guest.settled();
  const all = await desk.messages(await conversationOf(guest, desk));
  const own = all.filter(({ actor_type }) => actor_type === 'user').at(-1);
  if (!own) throw new Error('the customer said nothing');
  return own;
}

export const text = (content: string) => ({ text: { content } });
export const option = (label: string, payload = label) => ({ quick_reply_button: { label, payload } });
export const dropdown = (options: object[], name = 'options') => ({
  template_content: { type: 'quick_reply_dropdown', sections: [{ name, parts: options }] },
});
const card = (title: string, more: { image?: string; description?: string; choose?: string; view?: string }) => ({
  template_content: {
    type: 'carousel_card_default',
    sections: [
      ...(more.image ? [{ name: 'hero_image', parts: [{ image: { url: more.image, alt_text: title } }] }] : []),
      { name: 'title', parts: [text(title)] },
      ...(more.description ? [{ name: 'description', parts: [text(more.description)] }] : []),
      ...(more.choose ? [{ name: 'callback', parts: [{ callback: { label: more.choose, payload: title } }] }] : []),
      ...(more.view ? [{ name: 'view', parts: [{ url_button: { label: 'Details', url: more.view } }] }] : []),
    ],
  },
});
const carousel = (cards: object[], title?: string) => ({
  template_content: {
    type: 'carousel',
    sections: [...(title ? [{ name: 'carousel_title', parts: [text(title)] }] : []), { name: 'cards', parts: cards }],
  },
});
export const offers = (pictures: string) =>
  carousel([
    card('Sunny saver', { image: `${pictures}/1`, description: '3.1 %', choose: 'Choose', view: `${pictures}/a` }),
    card('First home', { image: `${pictures}/2`, description: 'Ten years', choose: 'Choose', view: `${pictures}/b` }),
    card('Donaudampfschifffahrtsgesellschaftskapitänsrente', { choose: 'Choose' }),
  ]);
export const reasons = ['Lost on the way', 'Lost at home', 'Stolen, I have the police log', 'Stolen abroad', 'Damaged'];
export const many = [...reasons, 'Someone paid with it', 'I never got it', 'Crédit refusé', 'Something else'];

/** What axe finds. */
export async function findings(page: Page): Promise<string[]> {
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await new AxeBuilder({ page: page as never }).withTags(rules).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
  );
}
