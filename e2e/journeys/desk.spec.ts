/** The bank's people at their desk: an agent and a customer, each in a browser of their own. */
import type { Browser } from '@playwright/test';
import { type Agent, DeskPage } from './deskPage';
import { conversationOf, expect, test as journey } from './journey';

interface Desks {
  /** Opens the desk in a browser of its own, with somebody signed in. */
  deskOf: (agent: Agent, options?: Parameters<Browser['newContext']>[0]) => Promise<DeskPage>;
}
const test = journey.extend<Desks>({
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

test('a customer asks for a person, gets one, and nothing of what colleagues write to each other', async ({
  bank,
  chat,
  deskOf,
  business,
  page,
  look,
}) => {
  const desk = await deskOf('Mira Okafor');
  await bank.signIn('Ana Ferreira');
  await chat.open();

  await chat.suggestion('Talk to a person').click();
  await desk.row('Ana Ferreira').first().waitFor();
  await chat.settled();
  await desk.open('Ana Ferreira');
  await look('desk-bot', desk.page);
  await desk.takeOver.click();
  await expect(desk.thread).toContainText('You took over');

  await desk.send('Good morning, Ana. This is Mira.');
  await expect(chat.said('Good morning, Ana. This is Mira.')).toBeVisible();
  await chat.send('Are you a person?');
  await expect(desk.said('Are you a person?')).toBeVisible();
  await look('desk-mine', desk.page);
  expect(await conversationOf(chat, business)).toBeTruthy();
  void page;
});
