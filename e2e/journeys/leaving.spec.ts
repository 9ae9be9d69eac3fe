/** Every way out of the bank's page in the chat: by the customer and by the bank. */
import type { Page } from '@playwright/test';
import { watchLeaving } from '../hostile/view';
import { fetchLoopback } from '../support/loopback';
import type { Bank } from './bank';
import { browserHistory } from './browserHistory';
import type { Business } from './business';
import { testCard } from './cardPage';
import type { Chat } from './chat';
import { conversationOf, expect, test } from './journey';

type Way = { name: string; reason: 'customer' | 'page'; leave: (chat: Chat, page: Page) => Promise<unknown> };
const ways: Way[] = [
  { name: 'by ✕', reason: 'customer', leave: (chat) => chat.closeSheet.click() },
  {
    name: 'by Escape in the chat’s own part',
    reason: 'customer',
    async leave(chat) {
      await chat.closeSheet.focus();
      await chat.closeSheet.press('Escape');
    },
  },
  {
    name: 'by Escape inside the page',
    reason: 'customer',
    async leave(chat) {
      await chat.card.number.focus();
      await chat.escapeInPage();
    },
  },
  { name: 'by Back', reason: 'customer', leave: async (_, page) => (await browserHistory(page)).back() },
  { name: 'by the page’s own button', reason: 'page', leave: (chat) => chat.card.cancel.click() },
];

for (const { name, reason, leave } of ways) {
  test(`leaving ${name} brings back to the same place, and Freddy asks whether to go on`, async ({
    bank,
    chat,
    business,
    page,
  }) => {
    const id = await askOnHelpPage(bank, chat, business);
    await fillLog(chat, business, id);
    await chat.composer.fill('half a thought');
    // While the log still grows it is put to its end again.
    await expect(async () => {
      const below = await chat.scroller.evaluate(async (box) => {
        box.scrollTo(0, box.scrollHeight - box.clientHeight - 100);
        for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame);
        return box.scrollHeight - box.clientHeight - box.scrollTop;
      });
      expect(below).toBeGreaterThan(90);
    }).toPass();
    const { index } = await browserHistory(page);
    const before = { place: await placeOf(chat), history: await index() };
    const key = await chat.pageButton().getAttribute('data-button');

    await chat.openCardPage();
    expect(await index()).toBe(before.history + 1);
    const order = await watchLeaving(await chat.document());
    await leave(chat, page);

    await expect(chat.sheet).toHaveCount(0);
    await expect.poll(order).toEqual(['the conversation can be used', 'the page is gone']);
    await expect.poll(() => chat.focused()).toBe(key);
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('iframe');
    await expect(chat.composer).toHaveValue('half a thought');
    await expect.poll(() => closings(business, id)).toEqual([{ reason, submitted: false }]);
    await expect(chat.said('You’ve closed the page before it was finished. Shall we go on?')).toBeAttached();
    expect(await placeOf(chat)).toBe(before.place);
    await expect.poll(index).toBe(before.history);

    // No dead entry stays behind: one step leads to the page of the bank before this one.
    await page.goBack({ waitUntil: 'commit' });
    expect(new URL(page.url()).pathname).toBe('/');
  });
}

test('going on opens the page again, and leaving it once more leaves nothing behind either', async ({
  bank,
  chat,
  business,
  page,
}) => {
  const id = await askOnHelpPage(bank, chat, business);
  const { index } = await browserHistory(page);
  const start = await index();
  await chat.openCardPage();
  await chat.closeSheet.click();

  await chat.chip('Go on now').click();
  await expect(chat.said('Here’s the page again.')).toBeVisible();
  await chat.openCardPage();
  await chat.closeSheet.click();

  await expect.poll(() => closings(business, id).then((all) => all.length)).toBe(2);
  await expect.poll(index).toBe(start);
  await page.goBack({ waitUntil: 'commit' });
  expect(new URL(page.url()).pathname).toBe('/');
});

test('Forward does not open a page again', async ({ bank, chat, business, page }) => {
  await bank.goto();
  await chat.open();
  await chat.askForStatement();
  const id = await conversationOf(chat, business);
  const history = await browserHistory(page);
  const start = await history.index();
  await chat.openCardPage();
  await chat.closeSheet.click();
  await expect.poll(history.index).toBe(start);
  await expect(chat.chips).toBeVisible();

  await history.forward();

  await expect.poll(history.index).toBe(start + 1);
  await chat.send('branch');
  await expect(chat.log.getByText('We have three branches in Avenmouth:')).toBeVisible();
  await expect(chat.sheet).toHaveCount(0);
  expect(business.told(id).filter(({ action }) => action === 'web_view_open')).toHaveLength(1);
});

test('something typed is not lost by one tap: the chat asks, and one can stay', async ({
  bank,
  chat,
  business,
  page,
  look,
}) => {
  await bank.goto();
  await chat.open();
  await chat.askForStatement();
  const id = await conversationOf(chat, business);
  await chat.openCardPage();
  await chat.card.fill();

  await chat.closeSheet.click();
  await expect(chat.ask).toContainText('Leave without finishing?');
  await look('sheet-leave');
  await expect(chat.ask.getByRole('button', { name: 'Stay' })).toBeFocused();
  await chat.ask.getByRole('button', { name: 'Stay' }).click();
  await expect(chat.ask).toHaveCount(0);
  await expect(chat.card.number).toHaveValue(testCard.replace(/\d{4}(?=\d)/g, '$& '));

  await chat.card.cvc.press('Escape');
  await expect(chat.ask).toBeVisible();
  await chat.ask.getByRole('button', { name: 'Stay' }).press('Escape');
  await expect(chat.ask).toHaveCount(0);
  await expect(chat.sheet).toBeVisible();

  await (await browserHistory(page)).back();
  await expect(chat.ask).toBeVisible();
  await chat.ask.getByRole('button', { name: 'Stay' }).click();
  await expect(chat.card.number).toHaveValue(/\d/);
  expect(await closings(business, id)).toEqual([]);

  await (await browserHistory(page)).back();
  await chat.ask.getByRole('button', { name: 'Leave' }).click();
  await expect(chat.sheet).toHaveCount(0);
  await expect.poll(() => closings(business, id)).toEqual([{ reason: 'customer', submitted: false }]);
  await expect(chat.said('You’ve closed the page before it was finished. Shall we go on?')).toBeVisible();
});

test('the bank closes the page: by its staff page, and from its server', async ({
  bank,
  chat,
  business,
  stack,
  context,
}) => {
  await bank.goto();
  await chat.open();
  await chat.askForStatement();
  const id = await conversationOf(chat, business);
  await chat.openCardPage();
  const first = await runningView(business, id);

  const staff = await context.newPage();
  await staff.goto(`${stack.addresses.cards}/staff`);
  await staff
    .getByRole('listitem')
    .filter({ hasText: first.slice(-8) })
    .getByRole('button', { name: 'Close' })
    .click();
  await expect(staff.getByText(first.slice(-8))).toHaveCount(0);
  await staff.close();

  await expect(chat.sheet).toHaveCount(0);
  await expect(chat.said('The bank has closed the page before it was finished. Shall we go on?')).toBeVisible();
  await expect.poll(() => closings(business, id)).toEqual([{ reason: 'business', submitted: false }]);
  expect(await business.webView(first)).toMatchObject({ state: 'closed', reason: 'business', submitted: false });

  await chat.chip('Go on now').click();
  await expect(chat.said('Here’s the page again.')).toBeVisible();
  await chat.openCardPage();
  const second = await runningView(business, id);
  expect(second).not.toBe(first);
  const answer = await fetchLoopback(`${stack.addresses.cards}/internal/web-views/close`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.internalSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ web_view_id: second }),
  });
  expect(answer.status).toBe(200);
  await expect(chat.sheet).toHaveCount(0);
  await expect.poll(() => closings(business, id)).toHaveLength(2);
  await expect(chat.composer).toBeEditable();
});

/** On the second of the bank's pages, so that there is one to go back to; gives the conversation. */
async function askOnHelpPage(bank: Bank, chat: Chat, business: Business): Promise<string> {
  await bank.goto();
  await bank.visit('Help');
  await chat.open();
  await chat.askForStatement();
  return conversationOf(chat, business);
}

/** Makes the log long enough to be scrolled. */
async function fillLog(chat: Chat, business: Business, conversationId: string) {
  for (let n = 1; n <= 8; n++) await business.say(conversationId, `By the way, number ${n}.`);
  await expect(chat.said('By the way, number 8.')).toBeAttached();
}

/** Where the button stands on screen: nothing moved under the reader. */
const placeOf = async (chat: Chat) => Math.round((await chat.pageButton().boundingBox())?.y ?? 0);

async function closings(business: Business, conversationId: string) {
  return business
    .told(conversationId)
    .filter(({ action }) => action === 'web_view_close')
    .map(({ data: { reason, submitted } }) => ({ reason, submitted }));
}

async function runningView(business: Business, conversationId: string): Promise<string> {
  const opened = () =>
    business.told(conversationId).findLast(({ action }) => action === 'web_view_open')?.data.web_view?.id;
  let id: string | undefined;
  await expect
    .poll(async () => {
      id = opened();
      return id && (await business.webView(id)).state;
    })
    .toBe('open');
  return id ?? '';
}
