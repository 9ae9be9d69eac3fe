/**
 * `test` with a server without a bot, as `alone` has it, but one for all tests of a worker: starting one takes longer than most
 * of them do. For tests that neither kill it nor change its site; each has a browser of its own, and so a customer of its own.
 */
import type { BuiltServer } from '../support/server';
import type { Business } from './business';
import { Chat } from './chat';
import { test as base } from './journey';
import { type Pages, plainPages, type SharedSite } from './sharedSite';

interface Together {
  server: BuiltServer;
  desk: Business;
  /** Which page a path shows. */
  pages: Pages;
  host: SharedSite['host'];
  guest: Chat;
}

export const test = base.extend<Together>({
  server: ({ sharedSite }, use) => use(sharedSite.server),
  desk: ({ sharedSite }, use) => use(sharedSite.desk),
  pages: [plainPages, { option: true }],
  host: async ({ sharedSite, pages }, use) => {
    sharedSite.show(pages);
    await use(sharedSite.host);
  },
  guest: async ({ page, server }, use) => {
    await use(new Chat(page, server.origin));
    await page.goto('about:blank');
  },
});
