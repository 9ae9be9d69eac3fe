/** The whole story without a pointer. */
import type { Locator } from '@playwright/test';
import { expiryAhead, testCard } from './cardPage';
import { expect, test } from './journey';
import { tabTo } from './tabTo';

test('the statement story by the keyboard alone', async ({ bank, chat, page }) => {
  await bank.goto();
  await expect(chat.launcher).toBeVisible();
  const { keyboard } = page;
  const forwards = (wanted: Locator) => tabTo(page, wanted);
  const backwards = (wanted: Locator) => tabTo(page, wanted, 'Shift+Tab');

  // The launcher comes last on the page: backwards it is the first.
  await backwards(chat.launcher);
  await keyboard.press('Enter');
  await chat.live();
  await expect(chat.composer).toBeFocused();
  await backwards(chat.suggestion('Account statement'));
  await keyboard.press('Enter');
  await expect(chat.pageButton()).toBeEnabled();
  await expect(chat.composer).toBeFocused();

  await backwards(chat.pageButton());
  await keyboard.press('Enter');
  await chat.card.ready();
  await expect(chat.card.number).toBeFocused();
  await chat.escapeInPage();
  await expect(chat.sheet).toHaveCount(0);
  await expect(chat.pageButton()).toBeFocused();
  await expect(chat.chip('Go on now')).toBeVisible();

  await forwards(chat.chip('Go on now'));
  await keyboard.press('Enter');
  await expect(chat.said('Here’s the page again.')).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await backwards(chat.pageButton());
  await keyboard.press('Space');
  await chat.card.ready();
  await expect(chat.card.number).toBeFocused();
  await keyboard.type(testCard);
  await keyboard.press('Tab');
  await keyboard.type(expiryAhead());
  await keyboard.press('Tab');
  await keyboard.type('123');

  // Past its last button the page lets go of the focus, to what comes after the chat on the host page; and takes it again.
  await forwards(chat.launcher);
  await backwards(chat.card.cvc);

  // ✕ is before the page, and asks, since something was typed.
  await backwards(chat.closeSheet);
  await keyboard.press('Enter');
  await expect(chat.ask.getByRole('button', { name: 'Stay' })).toBeFocused();
  await keyboard.press('Enter');
  await expect(chat.closeSheet).toBeFocused();
  await forwards(chat.card.confirm);
  await keyboard.press('Enter');

  await expect(chat.file()).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await backwards(chat.file());
  await expect(chat.file()).toBeFocused();
  await forwards(chat.chip('That’s all'));
  await keyboard.press('Enter');
  await expect(chat.said('You’re welcome. Have a good day!')).toBeVisible();
  await expect(chat.composer).toBeFocused();

  // The log scrolls by the arrows.
  await backwards(chat.scroller);
  const scrollTop = () => chat.scroller.evaluate((box) => box.scrollTop);
  const atEnd = await scrollTop();
  await keyboard.press('ArrowUp');
  await expect.poll(scrollTop).toBeLessThan(atEnd);

  await keyboard.press('Escape');
  await expect(chat.iframe).toBeHidden();
  await expect(chat.launcher).toBeFocused();
});
