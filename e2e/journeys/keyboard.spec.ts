/** The whole story without a pointer. */
import { expiryAhead, testCard } from './cardPage';
import { expect, test } from './journey';

test('the statement story by the keyboard alone', async ({ bank, chat, page }) => {
  await bank.goto();
  await expect(chat.launcher).toBeVisible();
  const { keyboard } = page;
  /** Tabs on until the focus is there. */
  const tabTo = async (isThere: () => Promise<boolean>, key = 'Tab') => {
    for (let steps = 0; steps < 30; steps++) {
      if (await isThere()) return;
      await keyboard.press(key);
    }
    throw new Error('the focus never came there');
  };
  const has = (locator: typeof chat.launcher) => () =>
    locator.evaluate((element) => (element.getRootNode() as Document).activeElement === element && document.hasFocus());

  // The launcher comes last on the page: backwards it is the first.
  await tabTo(has(chat.launcher), 'Shift+Tab');
  await keyboard.press('Enter');
  await chat.live();
  await expect(chat.composer).toBeFocused();
  await tabTo(has(chat.suggestion('Account statement')), 'Shift+Tab');
  await keyboard.press('Enter');
  await expect(chat.pageButton()).toBeEnabled();
  await expect(chat.composer).toBeFocused();

  await tabTo(has(chat.pageButton()), 'Shift+Tab');
  await keyboard.press('Enter');
  await chat.card.ready();
  await expect(chat.card.number).toBeFocused();
  await chat.escapeInPage();
  await expect(chat.sheet).toHaveCount(0);
  await expect(chat.pageButton()).toBeFocused();
  await expect(chat.chip('Go on now')).toBeVisible();

  await tabTo(has(chat.chip('Go on now')));
  await keyboard.press('Enter');
  await expect(chat.said('Here’s the page again.')).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await tabTo(has(chat.pageButton()), 'Shift+Tab');
  await keyboard.press('Space');
  await chat.card.ready();
  await expect(chat.card.number).toBeFocused();
  await keyboard.type(testCard);
  await keyboard.press('Tab');
  await keyboard.type(expiryAhead());
  await keyboard.press('Tab');
  await keyboard.type('123');

  // ✕ is before the page, and asks, since something was typed.
  await tabTo(has(chat.closeSheet), 'Shift+Tab');
  await keyboard.press('Enter');
  await expect(chat.ask.getByRole('button', { name: 'Stay' })).toBeFocused();
  await keyboard.press('Enter');
  await expect(chat.closeSheet).toBeFocused();
  await tabTo(has(chat.card.confirm));
  await keyboard.press('Enter');

  await expect(chat.file()).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await tabTo(has(chat.file()), 'Shift+Tab');
  await expect(chat.file()).toBeFocused();
  await tabTo(has(chat.chip('That’s all')));
  await keyboard.press('Enter');
  await expect(chat.said('You’re welcome. Have a good day!')).toBeVisible();
  await expect(chat.composer).toBeFocused();

  // The log scrolls by the arrows.
  await tabTo(has(chat.scroller), 'Shift+Tab');
  const scrollTop = () => chat.scroller.evaluate((box) => box.scrollTop);
  const atEnd = await scrollTop();
  await keyboard.press('ArrowUp');
  await expect.poll(scrollTop).toBeLessThan(atEnd);

  await keyboard.press('Escape');
  await expect(chat.iframe).toBeHidden();
  await expect(chat.launcher).toBeFocused();
});
