/** Reload, navigation and the back/forward cache: the conversation is there again, and so is the panel. */
import { testCard } from './cardPage';
import { conversationOf, expect, test } from './journey';
import { openRestoredChat } from './restored';

test('a reload in mid-conversation keeps it, and the open page becomes Continue under the same id', {
  tag: '@cookies',
}, async ({ bank, chat, business, page, look }) => {
  await bank.goto('/help');
  await chat.open();
  await chat.askForStatement();
  const id = await conversationOf(chat, business);
  const lines = await chat.lines();
  await chat.openCardPage();
  await chat.card.number.pressSequentially('4000');
  const opened = () => business.told(id).filter(({ action }) => action === 'web_view_open');
  await expect.poll(() => opened().length).toBe(1);
  const view = opened()[0]?.data.web_view?.id ?? '';

  await page.reload();

  await chat.live();
  await expect(chat.pageButton('Continue: Confirm card')).toBeEnabled();
  await expect(chat.sheet).toHaveCount(0);
  expect(await chat.lines()).toEqual(lines.map((line) => line.replace('Confirm card', 'Continue: Confirm card')));
  // At once by the tab's last words, or by its silence: the server waits 10 s for it to come back.
  await expect.poll(async () => (await business.webView(view)).state, { timeout: 30_000 }).toBe('paused');
  await look('conversation-continue');

  await chat.openCardPage(chat.pageButton('Continue: Confirm card'));
  await expect(chat.card.number).toHaveValue('');
  await expect(chat.card.frame.getByText('For your safety we kept nothing of what you typed before.')).toBeVisible();
  await expect
    .poll(() => opened().map(({ data }) => [data.web_view?.id, data.resumed]))
    .toEqual([
      [view, false],
      [view, true],
    ]);
  await chat.card.fill();
  await chat.card.confirm.click();

  await expect(chat.file()).toBeVisible();
  await expect(chat.said(`Card ending in ${testCard.slice(-4)} confirmed`)).toBeVisible();
  await expect
    .poll(() =>
      business
        .told(id)
        .filter(({ action }) => action === 'web_view_close')
        .map(({ data }) => data.web_view?.id),
    )
    .toEqual([view]);
});

test('on the bank’s next page the panel is open again, takes no focus, and has what came meanwhile', async ({
  bank,
  chat,
  business,
  page,
}) => {
  await bank.goto();
  await chat.open();
  await chat.suggestion('Talk to a person').click();
  await expect(chat.chips).toBeVisible();
  await chat.composer.fill('half a thought');
  const id = await conversationOf(chat, business);

  await bank.visit('Cards');
  await business.say(id, 'Something came while you were on your way.');

  await chat.live();
  await expect(chat.launcher).toHaveAttribute('aria-expanded', 'true');
  await expect(chat.said('Something came while you were on your way.')).toBeVisible();
  expect(await page.evaluate(() => document.activeElement?.localName)).toBe('body');
  await expect(chat.composer).toHaveValue('half a thought');
  const lines = await business.lines(id);
  expect(lines.at(-1)).toBe('them: Something came while you were on your way.');
  expect(await chat.lines()).toEqual(lines);

  // Closed by the customer it stays closed on the next page; what comes is on the badge and beside the launcher.
  await chat.minimise.click();
  await expect(chat.launcher).toBeFocused();
  await bank.visit('Help');
  await expect(chat.launcher).toHaveAttribute('aria-expanded', 'false');
  await business.say(id, 'And one more.');
  await expect(chat.badge).toHaveText('1');
  await expect(chat.peek).toContainText('And one more.');
  await business.say(id, 'And another one.');
  await expect(chat.badge).toHaveText('2');
  await chat.open();
  await expect(chat.frame.locator('.unread-line')).toHaveText('New');
  await expect(chat.badge).toBeEmpty();
  await expect
    .poll(async () => (await chat.lines()).slice(-2))
    .toEqual(['them: And one more.', 'them: And another one.']);
});

test('out of the back/forward cache the chat comes back alive', async ({ bank, chat, business, page, stack }) => {
  await page.addInitScript(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }));
  });
  // Where it wasn't kept, the browser says why.
  const persisted = () =>
    page.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation') as unknown as [{ notRestoredReasons: unknown }];
      return (window as unknown as { persisted?: boolean }).persisted || JSON.stringify(navigation.notRestoredReasons);
    });
  await bank.goto();
  await chat.open();
  await chat.suggestion('Find a branch').click();
  await expect(chat.chips).toBeVisible();
  const id = await conversationOf(chat, business);

  await bank.visit('Cards');
  await chat.live();
  await business.say(id, 'Said while the first page was away.');
  await expect(chat.said('Said while the first page was away.')).toBeVisible();
  const restored = await openRestoredChat(page, stack.addresses.chat);
  for (const [step, path] of [
    ['goBack', '/'],
    ['goForward', '/cards'],
  ] as const) {
    await page[step]({ waitUntil: 'commit' });
    await expect.poll(persisted).toBe(true);
    expect(new URL(page.url()).pathname).toBe(path);
    await expect(chat.launcher).toHaveAttribute('aria-expanded', 'true');
    await expect.poll(() => restored.state()).toMatchObject({ status: 'dot online' });
    await business.say(id, `Said when ${path} was back.`);
    let words = '';
    await expect
      .poll(async () => {
        words = (await restored.state())?.words ?? '';
        return words;
      })
      .toContain(`Said when ${path} was back.`);
    expect(words.match(/Said while the first page was away/g)).toHaveLength(1);
  }
  await restored.close();
});
