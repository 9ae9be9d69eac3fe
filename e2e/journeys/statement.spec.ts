/** The main story, with all that the customer sees and all that the bank, its bot and its API learn of it. */
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Download, Locator } from '@playwright/test';
import { testCard, wrongCard } from './cardPage';
import { conversationOf, expect, test } from './journey';

test('an anonymous customer gets a statement: the page closes itself and the conversation goes on', {
  tag: '@cookies',
}, async ({ bank, chat, business, stack, context, look, problems }) => {
  // The page's backend refuses wrong input, which browsers note.
  problems.allow(/status of 422 .*\/confirm\)/);
  await bank.goto();
  await look('bank-launcher');
  await chat.open();
  await expect(chat.frame.getByRole('heading', { name: 'How can we help?' })).toBeVisible();
  await look('panel-empty');
  await chat.askForStatement();
  expect(await chat.lines()).toEqual([
    'me: Account statement',
    'them: Hello! I’m Freddy, AG Bank’s assistant.',
    'them: Happy to. First I have to know that it’s you.',
    'them: Please confirm your card on the bank’s own page. Nobody in this chat can see what you type there.',
    'them: Confirm card',
  ]);
  await expect(chat.frame.locator('.state')).toHaveText(/^Read/);
  await chat.composer.fill('Could you also tell me the IBAN');
  await look('conversation-asked');

  await chat.openCardPage();
  await expect(chat.sheet.getByRole('heading', { name: 'Confirm card' })).toBeVisible();
  await expect(chat.sheet.locator('.origin')).toHaveText(new URL(stack.addresses.cards).host);
  await expect(chat.sheet.locator('.trust')).toHaveText(/AG Bank.?’s own page\. The chat can’t read it\./);
  await expect(chat.sheet.locator('iframe')).toHaveAttribute('sandbox', 'allow-scripts allow-forms allow-same-origin');
  await expect(chat.frame.locator('main')).toHaveAttribute('inert');
  await look('sheet-open');

  await chat.card.fill({ number: wrongCard });
  await chat.card.confirm.click();
  await expect(chat.card.fault('number')).toHaveText(
    'There’s a digit wrong somewhere. Please compare it with your card.',
  );
  await expect(chat.card.number).toBeFocused();
  await look('sheet-wrong-number');
  await chat.card.fill({ expiry: '0120' });
  await chat.card.confirm.click();
  await expect(chat.card.fault('expiry')).toHaveText('This card has expired.');
  await expect(chat.card.fault('number')).toBeHidden();
  await chat.card.fill();
  await chat.card.confirm.click();

  await expect(chat.sheet).toHaveCount(0);
  await expect(chat.said(`Card ending in ${testCard.slice(-4)} confirmed`)).toBeVisible();
  await expect(chat.said('Thank you. Here it is:')).toBeVisible();
  await expect(chat.file()).toBeVisible();
  await expect(chat.chips.getByRole('button')).toHaveText(['Another month', 'Block a card', 'That’s all']);
  await look('conversation-statement');
  await expect(chat.composer).toBeFocused();
  await expect(chat.composer).toHaveValue('Could you also tell me the IBAN');
  await expect(chat.pageButton(/Confirm card/)).toBeDisabled();

  const { name, text } = await downloaded(context, chat.file());
  expect(name).toMatch(/^Statement-\d{4}-\d{2}\.pdf$/);
  await expect(chat.file()).toHaveAccessibleName(`Download ${name}`);
  expect(text.slice(0, 5)).toBe('%PDF-');

  const id = await conversationOf(chat, business);
  await expect
    .poll(() =>
      business.told(id).map(({ action, data }) => `${action} ${data.message?.actor_type ?? data.reason ?? ''}`),
    )
    .toEqual([
      'message_create user',
      'message_create bot',
      'message_create bot',
      'web_view_open ',
      'web_view_submit ',
      'message_create user',
      'web_view_close submitted',
      'message_create bot',
    ]);
  const told = business.told(id);
  const closed = told.find(({ action }) => action === 'web_view_close')?.data;
  expect(closed).toMatchObject({ submitted: true, web_view: { origin: stack.addresses.cards } });
  const view = await business.webView(closed?.web_view?.id ?? '');
  expect(view).toMatchObject({
    state: 'closed',
    reason: 'submitted',
    submitted: true,
    source: 'business',
    result: { outcome: 'confirmed', last4: testCard.slice(-4) },
  });
  expect(JSON.stringify([told, await business.messages(id)])).not.toContain(testCard.slice(0, 12));
});

test('a vouched customer is known by name, and after signing out nothing of theirs is left for the next one', {
  tag: '@cookies',
}, async ({ bank, chat, business, context, page, look }) => {
  await bank.signIn('Ana Ferreira');
  await chat.open();
  await chat.askForStatement();
  await expect(chat.said('Hello Ana! I’m Freddy, AG Bank’s assistant.')).toBeVisible();
  await chat.openCardPage();
  await chat.card.fill();
  await chat.card.confirm.click();
  await expect(chat.said('Thank you, Ana. Here it is:')).toBeVisible();
  await look('conversation-vouched');
  const { text } = await downloaded(context, chat.file());
  expect(text).toContain('%PDF-');
  const { customer } = await chat.customer();
  expect((await business.users()).find((user) => user.id === customer)).toMatchObject({
    reference_id: 'ag-10017',
    first_name: 'Ana',
  });
  await chat.composer.fill('only for me');
  await chat.composer.blur();
  expect(await hostStorage()).toEqual({ 'guichet:ag-bank': expect.any(String) });

  await chat.minimise.click();
  await bank.signOut();
  await expect.poll(() => hostStorage()).toEqual({});
  await expect.poll(() => chat.storage()).toEqual({});
  await expect(chat.badge).toBeEmpty();
  await chat.open();
  await expect(chat.frame.getByRole('heading', { name: 'How can we help?' })).toBeVisible();
  await expect(chat.log).toHaveCount(0);
  await expect(chat.composer).toHaveValue('');
  expect(JSON.stringify(await chat.storage())).not.toContain(customer);

  await bank.signIn('Karim Haddad');
  await chat.open();
  await expect(chat.log).toHaveCount(0);
  await chat.suggestion('Find a branch').click();
  await expect(chat.said('Hello Karim! I’m Freddy, AG Bank’s assistant.')).toBeVisible();
  expect((await chat.lines()).join()).not.toContain('Ana');

  function hostStorage() {
    return page.evaluate(() => ({ ...localStorage }));
  }
});

test('the bank’s policy is strict, and a breach of it would have failed each of these journeys', async ({
  page,
  chat,
  problems,
  stack,
}) => {
  const answer = await page.goto(stack.addresses.bank);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/unsafe|\*|data:|blob:/);
  await chat.open();
  expect(problems.all).toEqual([]);

  await page.evaluate(() => document.body.setAttribute('style', 'color: red'));

  await expect.poll(() => problems.all.join()).toContain('content security policy: style-src');
  problems.all.length = 0;
});

/** Follows a file's link and reads what the browser saved. */
async function downloaded(context: BrowserContext, link: Locator): Promise<{ name: string; text: string }> {
  const begun = new Promise<Download>((resolve) => {
    for (const page of context.pages()) page.once('download', resolve);
    context.once('page', (page) => page.once('download', resolve));
  });
  await link.click();
  const download = await begun;
  const text = await readFile(await download.path(), 'latin1');
  return { name: download.suggestedFilename(), text };
}
