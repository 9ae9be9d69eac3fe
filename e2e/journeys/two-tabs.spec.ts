/** One customer, two tabs of one browser. */
import { conversationOf, expect, test } from './journey';

test('two tabs show the same in the same order, and a page taken over in the second one leaves the first', async ({
  bank,
  chat,
  business,
  tab,
  look,
}) => {
  await bank.goto();
  await chat.open();
  await chat.askForStatement();
  const id = await conversationOf(chat, business);
  const second = await tab();
  await second.bank.goto('/help');
  await second.chat.live();
  expect(await second.chat.lines()).toEqual(await chat.lines());

  // Both write at once, and the bot too.
  await Promise.all([
    chat.send('one from here'),
    second.chat.send('one from there'),
    business.say(id, 'and one from the bank'),
  ]);
  const same = async () => {
    const lines = await business.lines(id);
    const [here, there] = [await chat.lines(), await second.chat.lines()];
    return JSON.stringify(here) === JSON.stringify(lines) && JSON.stringify(there) === JSON.stringify(lines);
  };
  for (const words of ['one from here', 'one from there', 'and one from the bank']) {
    await expect(chat.said(words)).toHaveCount(1);
    await expect(second.chat.said(words)).toHaveCount(1);
  }
  await expect.poll(same).toBe(true);

  // An answer given in one tab is no longer asked for in the other.
  await chat.chip('Send a document').last().click();
  await expect(second.chat.log.getByText('Please send it here')).toBeVisible();
  await expect.poll(same).toBe(true);

  await chat.openCardPage();
  await expect(second.chat.pageButton('Continue: Confirm card')).toBeVisible();
  await second.chat.openCardPage(second.chat.pageButton('Continue: Confirm card'));
  await expect(chat.sheet).toHaveCount(0);
  await expect(chat.log.getByText('Goes on in another tab.')).toBeVisible();
  await look('taken-over');
  expect(business.told(id).filter(({ action }) => action === 'web_view_close')).toEqual([]);

  await second.chat.card.fill();
  await second.chat.card.confirm.click();
  await expect(second.chat.file()).toBeVisible();
  await expect(chat.file()).toBeVisible();
  await expect.poll(same).toBe(true);
  await expect
    .poll(() =>
      business
        .told(id)
        .filter(({ action }) => /web_view_(open|close)/.test(action))
        .map(({ action, data }) => data.reason ?? action),
    )
    .toEqual(['web_view_open', 'submitted']);

  // Unread and read are one for both.
  for (const { frame, scroller } of [chat, second.chat]) {
    // While the log still grows it is put to its end again.
    await expect(async () => {
      await scroller.evaluate((box) => box.scrollTo({ top: 0 }));
      await expect(frame.locator('.pill')).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await frame.locator('.pill').click();
  }
  await expect(chat.frame.locator('.pill')).toHaveCount(0);
  await second.chat.minimise.click();
  await expect(chat.launcher).toHaveAttribute('aria-expanded', 'false');
  await business.say(id, 'Good-bye.');
  await expect(chat.badge).toHaveText('1');
  await expect(second.chat.badge).toHaveText('1');
  await chat.open();
  await expect(second.chat.badge).toBeEmpty();
});
