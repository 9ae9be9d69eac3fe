/**
 * `test` with a server without a bot, as `alone` has it, but one for all tests of a worker: starting one takes longer than most
 * of them do. For tests that neither kill it nor change its site; each has a browser of its own, and so a customer of its own.
 */
import { type BuiltServer, startServer } from '../support/server';
import { type Business, openBusiness } from './business';
import { Chat } from './chat';
import { type HostPage, htmlPage, serveHostPage, tag } from './hostPage';
import { test as base } from './journey';

type Pages = { at: (path: string, chat: string) => string };
type Host = HostPage & { identityKey: { kid: string; secret: string } };
interface Together {
  /** Which page a path shows. */
  pages: Pages;
  host: Host;
  guest: Chat;
}
interface OfWorker {
  server: BuiltServer;
  desk: Business;
  site: { host: Host; show: (pages: Pages) => void };
}

const plain: Pages = { at: (path, chat) => htmlPage(path === '/bare' ? '' : tag(chat)) };

export const test = base.extend<Together, OfWorker>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const server = await startServer({ GUICHET_LIMIT_UPLOADS_ADDRESS: '10000' });
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  desk: [
    async ({ server }, use) => {
      const desk = await openBusiness(server);
      await use(desk);
      await desk.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  site: [
    async ({ server }, use) => {
      let shown = plain;
      const page = await serveHostPage((path) => shown.at(path, server.origin));
      const { identity_key } = await server.addSite({ hosts: [page.origin] });
      const host = { ...page, identityKey: { kid: identity_key.kid, secret: identity_key.secret ?? '' } };
      await use({
        host,
        show(pages) {
          shown = pages;
        },
      });
      await page.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  pages: [plain, { option: true }],
  host: async ({ site, pages }, use) => {
    site.show(pages);
    await use(site.host);
  },
  guest: async ({ page, server }, use) => {
    await use(new Chat(page, server.origin));
    await page.goto('about:blank');
  },
});
