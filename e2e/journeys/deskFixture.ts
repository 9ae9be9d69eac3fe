import type { Browser } from '@playwright/test';
import { type Stack, startStack } from '../support/stack';
import type { Business } from './business';
import { type Agent, DeskPage } from './deskPage';
import { test as journey } from './journey';

interface Desks {
  /** Opens the desk in a browser of its own, with somebody signed in. */
  deskOf: (agent: Agent, options?: Parameters<Browser['newContext']>[0]) => Promise<DeskPage>;
}

/** `test` with people of the bank's at their desks, in a bank of its own: whom they have taken over, Freddy leaves alone. */
export const test = journey.extend<Desks, { stack: Stack }>({
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const stack = await startStack({ BOT_PACE_MS: '100' });
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  deskOf: async ({ browser, stack, problems, business }, use) => {
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
    await handBackAll(business);
  },
});

/** Whoever comes next finds Freddy again, and not a person who has gone home. */
async function handBackAll(business: Business): Promise<void> {
  type Listed = { conversation_id: string; assigned_agent_id?: string; status: string };
  const { conversations } = await business.api<{ conversations: Listed[] }>('/conversations?items_per_page=100');
  for (const { conversation_id: id, assigned_agent_id: agent, status } of conversations) {
    if (!agent || status === 'resolved') continue;
    await business.api(`/conversations/${id}`, { method: 'PUT', body: { assigned_agent_id: null } });
  }
}
