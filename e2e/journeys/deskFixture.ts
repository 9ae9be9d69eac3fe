import type { Browser } from '@playwright/test';
import { type Agent, DeskPage } from './deskPage';
import { test as journey } from './journey';

interface Desks {
  /** Opens the desk in a browser of its own, with somebody signed in. */
  deskOf: (agent: Agent, options?: Parameters<Browser['newContext']>[0]) => Promise<DeskPage>;
}

/** `test` with people of the bank's at their desks. */
export const test = journey.extend<Desks>({
  deskOf: async ({ browser, stack, problems }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    await use(async (agent, options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      contexts.push(context);
      await problems.watch(context);
      const desk = new DeskPage(await context.newPage(), stack.addresses.desk);
      await desk.signIn(agent);
      return desk;
    });
    for (const context of contexts) await context.close();
  },
});
