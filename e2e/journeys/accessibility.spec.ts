/** What axe finds by itself, on each main state, light and dark. */
import { test as alone } from './alone';
import { findings } from './axe';
import { expect, test } from './journey';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing found on the bank’s page, panel, conversation and sheet, ${colorScheme}`, async ({
    bank,
    chat,
    page,
    look,
    problems,
  }) => {
    // The page's backend refuses an empty form, which browsers note.
    problems.allow(/status of 422 .*\/confirm\)/);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await bank.goto();
    await expect(chat.launcher).toBeVisible();
    expect(await findings(page, 1, colorScheme), 'bank and launcher').toEqual([]);
    await chat.open();
    expect(await findings(page, 2, colorScheme), 'empty panel').toEqual([]);
    await look(`${colorScheme}-empty`);

    await chat.askForStatement();
    await chat.openCardPage();
    expect(await findings(page, 3, colorScheme), 'sheet').toEqual([]);
    await look(`${colorScheme}-sheet`);
    await page.evaluate("guichet('setConfig', { locale: 'ar' })");
    await expect(chat.frame.locator('html')).toHaveAttribute('dir', 'rtl');
    expect(await findings(page, 3, colorScheme), 'sheet, from right to left').toEqual([]);
    await look(`${colorScheme}-sheet-arabic`);
    await page.evaluate("guichet('setConfig', { locale: 'en' })");
    await expect(chat.frame.locator('html')).toHaveAttribute('dir', 'ltr');
    await chat.card.confirm.click();
    await expect(chat.card.fault('number')).toBeVisible();
    expect(await findings(page, 3, colorScheme), 'sheet with faults').toEqual([]);
    await look(`${colorScheme}-faults`);
    await chat.card.fill();
    await chat.closeSheet.click();
    await expect(chat.ask).toBeVisible();
    expect(await findings(page, 3, colorScheme), 'leave without finishing').toEqual([]);
    await look(`${colorScheme}-leave`);
    await chat.ask.getByRole('button', { name: 'Stay' }).click();
    await chat.card.confirm.click();

    await expect(chat.file()).toBeVisible();
    await expect(chat.chips).toBeVisible();
    expect(await findings(page, 2, colorScheme), 'conversation with chips and file').toEqual([]);
    await look(`${colorScheme}-conversation`);
    await chat.minimise.click();
  });

  alone(
    `nothing found where the chat can’t be reached, ${colorScheme}`,
    async ({ page, server, host, guest, problems, look }) => {
      problems.allow(/ERR_CONNECTION_REFUSED/);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(host.origin);
      await guest.launcher.hover();
      await expect(guest.frame.locator('.composer')).toBeAttached();
      await server.kill();
      await guest.launcher.click();
      await expect(guest.frame.getByRole('alert')).toContainText('The chat can’t be reached');
      expect(await findings(page, 2, colorScheme)).toEqual([]);
      await look(`${colorScheme}-failed`);
    },
  );
}
