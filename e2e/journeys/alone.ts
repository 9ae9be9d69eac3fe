/** `test` with a server and a site of its own, and no bot: for what the bank's pages don't have, and for servers that are killed. */
import { type BuiltServer, startServer } from '../support/server';
import { type Business, openBusiness } from './business';
import { Chat } from './chat';
import { type HostPage, serveHostPage } from './hostPage';
import { test as base } from './journey';
import { type Pages, plainPages } from './sharedSite';

interface Alone {
  server: BuiltServer;
  /** Which page a path shows. */
  pages: Pages;
  host: HostPage & { identityKey: { kid: string; secret: string } };
  desk: Business;
  guest: Chat;
}

export const test = base.extend<Alone>({
  pages: [plainPages, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
  host: async ({ server, pages }, use) => {
    const host = await serveHostPage((path) => pages.at(path, server.origin));
    const { identity_key } = await server.addSite({ hosts: [host.origin] });
    await use({ ...host, identityKey: { kid: identity_key.kid, secret: identity_key.secret ?? '' } });
    await host.close();
  },
  desk: async ({ server }, use) => {
    const desk = await openBusiness(server);
    await use(desk);
    await desk.close();
  },
  guest: async ({ page, server }, use) => {
    await use(new Chat(page, server.origin));
    // Nobody is left who would miss the server when it goes.
    await page.goto('about:blank');
  },
});
