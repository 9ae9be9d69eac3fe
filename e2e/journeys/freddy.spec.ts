/** Freddy's menu, item by item, as a customer goes through it and as the bank sees it. */
import type { Page } from '@playwright/test';
import { type Stack, startStack } from '../support/stack';
import { findings } from './axe';
import type { Business } from './business';
import type { Chat } from './chat';
import { conversationOf, expect, test as journey } from './journey';

/** In a bank of its own: other stories want to be the first that its customers tell. */
const test = journey.extend<{ refused: undefined }, { stack: Stack }>({
  /** What the browser couldn't get: told with a test that fails, for a picture that isn't there has its cause there. */
  refused: [
    async ({ page }, use, testInfo) => {
      const all: string[] = [];
      page.on('requestfailed', (request) => all.push(`${request.url()} ${request.failure()?.errorText}`));
      page.on('response', (response) => response.status() >= 400 && all.push(`${response.url()} ${response.status()}`));
      await use(undefined);
      if (testInfo.status !== testInfo.expectedStatus)
        await testInfo.attach('requests that failed', { body: all.join('\n') });
    },
    { auto: true },
  ],
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const stack = await startStack({ BOT_PACE_MS: '100' });
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

test('a card is blocked first, then one may say what happened, and gets a reference, a letter and an article', async ({
  bank,
  chat,
  business,
  context,
  page,
  look,
}) => {
  test.slow();
  await bank.signIn('Ana Ferreira');
  await chat.open();
  await chat.suggestion('Block a card').click();
  await chat.chip('Debit card').click();
  await expect(chat.said('I’m sorry to hear that. Your debit card is blocked from now on.')).toBeVisible();
  const reason = chat.log.getByRole('combobox');
  await expect(reason).toBeVisible();
  await chat.settled();
  await look('freddy-block-asked');
  await reason.pressSequentially('lo');
  await expect(chat.log.getByRole('option', { name: 'Lost at home' })).toBeVisible();
  await look('freddy-block-search');
  await chat.log.getByRole('option', { name: 'Lost at home' }).click();

  await expect(chat.said('Lost at home').first()).toBeVisible();
  await expect(chat.log.getByText(/Your reference is AGB-[B-Z]{6}\./)).toBeVisible();
  const letter = chat.log.locator('.letter');
  await expect(letter).toContainText('Your debit card is blocked');
  await expect(letter).toContainText('Good day Ana,');
  await expect(letter.getByRole('listitem')).toHaveText([/^Reference: AGB-[B-Z]{6}$/, 'What happened: Lost at home']);
  await chat.settled();
  await look('freddy-block-done');
  expect(await findings(page, 2), 'letter and article').toEqual([]);
  await dark(page, () => look('freddy-block-done-dark'));
  await opensTab(
    page,
    () => chat.log.getByRole('link', { name: /How we protect your card/ }).click(),
    async (tab) => {
      await expect(tab.getByRole('heading', { name: 'How we protect your card', level: 1 })).toBeVisible();
      await look('bank-card-protection', tab);
      expect(await findings(tab, 2)).toEqual([]);
    },
  );

  // The same card again, in words: it has its reference already.
  await chat.send('please block my debit card');
  await expect(chat.log.getByText(/^Your debit card is blocked already, under the reference AGB-/)).toBeVisible();
  const payload = (await business.messages(await conversationOf(chat, business))).find(
    ({ in_reply_to: reply }) => reply?.payload === 'reason:debit:lost_home',
  );
  expect(payload?.message_parts).toEqual([{ text: { content: 'Lost at home' } }]);
  expect(context.pages()).toHaveLength(1);
});

test('offers are cards to go through, to look at in the chat and in a tab, and to choose', async ({
  bank,
  chat,
  page,
  look,
}) => {
  test.slow();
  await bank.signIn('Ana Ferreira');
  await chat.open();
  await chat.send('What offers do you have?');
  const cards = chat.log.locator('[aria-roledescription=carousel] [role=group]');
  await expect(cards).toHaveCount(3);
  await expect(chat.log.getByText('Three offers fit your account:')).toBeVisible();
  await picture(chat, 'sunny-saver.gif');
  await chat.settled();
  await look('freddy-offers');
  expect(await findings(page, 2), 'offers').toEqual([]);
  await dark(page, () => look('freddy-offers-dark'));
  await chat.log.getByRole('button', { name: 'Next' }).click();
  const home = cards.filter({ hasText: 'First home' });
  await expect(home).toBeInViewport({ ratio: 0.9 });
  await look('freddy-offers-second');

  await home.getByRole('button', { name: 'Details' }).click();
  const details = chat.frame.frameLocator('.layer:not(.leaving) .sheet iframe');
  await expect(details.getByRole('heading', { name: 'First home' })).toBeVisible();
  await expect(details.locator('#month')).toHaveText('€844');
  await details.getByLabel('Paid back in').fill('10');
  await expect(details.locator('#month')).toHaveText('€1,730');
  await expect(chat.sheet.locator('.dots')).toHaveCount(0);
  await look('freddy-offer-details');
  expect(await findings(page, 3), 'details').toEqual([]);
  await details.getByRole('button', { name: 'Back to the chat' }).click();
  await expect(chat.sheet).toHaveCount(0);
  await opensTab(
    page,
    () =>
      cards
        .filter({ hasText: 'Sunny saver' })
        .getByRole('link', { name: /Details/ })
        .click(),
    async (tab) => {
      await expect(tab.getByRole('heading', { name: 'Sunny saver', level: 1 })).toBeVisible();
      await look('bank-offer', tab);
      expect(await findings(tab, 2)).toEqual([]);
    },
  );

  await home.getByRole('button', { name: 'Choose' }).click();
  await expect(chat.log.getByText(/^First home, with pleasure, Ana\./)).toBeVisible();
  // A page to read asks for nothing when it is closed.
  expect((await chat.lines()).join()).not.toContain('Shall we go on');
  await chat.send('yes please');
  await expect(chat.log.getByText(/^Done: First home is on its way\./)).toBeVisible();
  await chat.settled();
  await look('freddy-offer-taken');
});

test('limits are changed on a page in the bank’s own, which knows the customer by the bank’s sign-in', async ({
  bank,
  chat,
  page,
  look,
}) => {
  await bank.signIn('Karim Haddad');
  await chat.open();
  await chat.send('What are my card limits?');
  await chat.log.getByRole('button', { name: 'Change limits' }).click();
  const limits = page.locator('guichet-chat').locator('div iframe').contentFrame();
  await expect(limits.getByRole('radio', { name: 'Debit card ··8120' })).toBeChecked();
  expect(page.frames().filter((frame) => frame.parentFrame() === page.mainFrame())).toHaveLength(2);
  await look('freddy-limits');
  expect(await findings(page, 2)).toEqual([]);
  await dark(page, async () => {
    await look('freddy-limits-dark');
    expect(await findings(page, 2, 'dark'), 'dark').toEqual([]);
  });
  await limits.getByRole('radio', { name: 'Credit card ··4444' }).check();
  await limits.getByRole('slider').fill('2000');
  await look('freddy-limits-changed');
  await limits.getByRole('button', { name: 'Save' }).click();
  await expect(
    chat.log.getByText(/^Done, Karim. Your credit card ending in 4444 pays up to €2,000 a week/),
  ).toBeVisible();
  await expect(page.locator('guichet-chat').locator('div iframe')).toHaveCount(0);
  await look('freddy-limits-done');

  // What was saved is there again; leaving without a change changes nothing.
  await chat.send('card limits again');
  await chat.log.getByRole('button', { name: 'Change limits' }).nth(1).click();
  await limits.getByRole('radio', { name: 'Credit card ··4444' }).check();
  await expect(limits.getByRole('slider')).toHaveValue('2000');
  await chat.closeSheet.click();
  await expect(chat.said('All right, your limits stay as they are.')).toBeVisible();
});

test('whom nobody knows is asked to sign in before anything is opened', async ({ bank, chat, page }) => {
  await bank.goto();
  await chat.open();
  await chat.send('offers');
  const cards = chat.log.locator('[aria-roledescription=carousel] [role=group]');
  await cards.filter({ hasText: 'Sunny saver' }).getByRole('button', { name: 'Choose' }).click();

  await opensTab(
    page,
    () => chat.log.getByRole('link', { name: /Sign in/ }).click(),
    async (tab) => {
      await expect(tab.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    },
  );
  await chat.send('yes');
  await expect(chat.log.getByText(/I don’t understand/)).toBeVisible();
});

test('a branch is found on a map that opens large, in a list, and on the bank’s own page', async ({
  bank,
  chat,
  page,
  look,
}) => {
  await bank.goto();
  await chat.open();
  await chat.suggestion('Find a branch').click();
  await expect(chat.log.getByText('We have three branches in Avenmouth:')).toBeVisible();
  await expect(chat.log.locator('.bubble').getByRole('listitem')).toHaveText([
    /^Counter Square/,
    /^Harbour/,
    /^North Gate/,
  ]);
  await expect(chat.log.getByRole('link', { name: '000 555 0142' })).toHaveAttribute('href', 'tel:0005550142');
  await picture(chat, 'branches.png');
  await chat.settled();
  await look('freddy-branch');
  expect(await findings(page, 2), 'branches').toEqual([]);
  await dark(page, () => look('freddy-branch-dark'));

  await chat.log.getByRole('button', { name: /Map of Avenmouth/ }).click();
  await expect(chat.frame.getByRole('dialog').getByRole('img', { name: /Map of Avenmouth/ })).toBeVisible();
  await look('freddy-branch-large');
  await page.keyboard.press('Escape');
  await opensTab(
    page,
    () => chat.log.getByRole('link', { name: /Hours and ways there/ }).click(),
    async (tab) => {
      await expect(tab.getByRole('heading', { name: 'Our branches' })).toBeVisible();
      await look('bank-branches', tab);
      expect(await findings(tab, 2)).toEqual([]);
      await tab.setViewportSize({ width: 390, height: 844 });
      expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      await look('bank-branches-phone', tab);
    },
  );
});

test('a document is asked for, taken, looked at, and thanked for by its name and size', async ({
  bank,
  chat,
  business,
  look,
}) => {
  await bank.signIn('Ana Ferreira');
  await chat.open();
  await chat.send('I’d like to send you a document');
  await expect(chat.log.getByText(/paper clip/)).toBeVisible();
  const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(41_982, 32), Buffer.from('\n%%EOF\n')]);
  await chat.frame
    .locator('input[type=file]')
    .setInputFiles({ name: 'Proof of address.pdf', mimeType: 'application/pdf', buffer: pdf });
  await expect(chat.frame.getByText('Proof of address.pdf').first()).toBeVisible();
  await chat.frame.getByRole('button', { name: 'Send', exact: true }).click();

  await expect(
    chat.said(
      'Thank you, Ana. I have “Proof of address.pdf” (42 kB). A colleague looks at it on the next working day.',
    ),
  ).toBeVisible();
  await chat.settled();
  await look('freddy-document');
  const id = await conversationOf(chat, business);
  expect(
    (await business.messages(id)).filter((message) => message.message_parts.some((part) => 'file' in part)),
  ).toHaveLength(1);
});

test('a person takes over, Freddy is silent until he is handed the conversation back, and then says one line', async ({
  bank,
  chat,
  business,
  look,
}) => {
  await bank.signIn('Karim Haddad');
  await chat.open();
  await chat.send('Can I talk to a person?');
  await expect(chat.log.getByText(/^A colleague will answer here\./)).toBeVisible();
  await chat.settled();
  const id = await conversationOf(chat, business);
  const inQueue = async () =>
    (await business.api<{ assigned_group_id?: string }>(`/conversations/${id}`)).assigned_group_id;
  expect(await inQueue()).toMatch(/./);

  const me = await myself(business);
  await assign(me);
  await chat.send('Account statement');
  await expect.poll(() => business.lines(id)).toContain('me: Account statement');
  await business.say(id, 'Good morning Karim, this is Maria. What can I do for you?');
  await expect(chat.said('Good morning Karim, this is Maria. What can I do for you?')).toBeVisible();
  await chat.send('Block a card');
  await expect.poll(() => business.lines(id)).toContain('me: Block a card');
  await look('freddy-person');

  await assign('');
  const back = 'I’m back: my colleague has handed you over to me. What else can I do for you, Karim?';
  await expect(chat.said(back)).toBeVisible();
  // He takes what happens in its order: this is the first thing that he says after all of it.
  const lines = await chat.lines();
  expect(lines.slice(lines.indexOf('me: Account statement'))).toEqual([
    'me: Account statement',
    'them: Good morning Karim, this is Maria. What can I do for you?',
    'me: Block a card',
    `them: ${back}`,
  ]);
  expect(await inQueue()).toBeUndefined();
  await chat.chip('Block a card').click();
  await expect(chat.said('I can do that right away. Which card is it?')).toBeVisible();

  // Taken over once more, and resolved: when the customer comes again, Freddy is there.
  await assign(me);
  await business.api(`/conversations/${id}`, { method: 'PUT', body: { status: 'resolved' } });
  await chat.send('Hello again');
  await expect(chat.said('Welcome back, Karim. Good to hear from you again.')).toBeVisible();

  async function assign(agent: string) {
    await business.api(`/conversations/${id}`, { method: 'PUT', body: { assigned_agent_id: agent } });
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

  test('the whole menu fits: the system’s own list for the reason, cards to swipe, nothing wider than the screen', async ({
    bank,
    chat,
    page,
    look,
  }) => {
    await bank.goto();
    await chat.launcher.tap();
    await chat.live();
    await look('freddy-phone-empty');
    await chat.suggestion('Block a card').tap();
    await chat.chip('Credit card').tap();
    const reason = chat.log.getByRole('combobox');
    await reason.selectOption({ label: 'I typed it into a strange page' });
    await look('freddy-phone-block');
    await chat.log.getByRole('button', { name: 'Send', exact: true }).tap();
    await expect(chat.log.locator('.letter')).toContainText('What happened: I typed it into a strange page');
    await chat.settled();
    await look('freddy-phone-blocked');
    await chat.send('offers');
    await picture(chat, 'sunny-saver.gif');
    await chat.settled();
    await look('freddy-phone-offers');
    await chat.send('branch');
    await expect(chat.log.getByRole('link', { name: /Hours and ways there/ })).toBeVisible();
    await picture(chat, 'branches.png');
    await chat.settled();
    await look('freddy-phone-branch');
    for (const frame of page.frames()) {
      expect(
        await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        frame.url(),
      ).toBeLessThanOrEqual(0);
    }
  });
});

/** The newest picture has come, and no other one failed. Those out of sight come when they are wanted. */
async function picture(chat: Chat, name: string) {
  const one = chat.log.locator(`img[src$="/${name}"]`).last();
  // A browser begins with a lazy picture once it has drawn where it stands.
  await one.scrollIntoViewIfNeeded();
  await expect(one.locator('xpath=ancestor::*[contains(concat(" ", @class, " "), " frame ")]')).toHaveClass(/shown/);
  expect(await one.evaluate((each) => (each as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
  await expect(chat.log.locator('.broken')).toHaveCount(0);
}

async function opensTab(page: Page, tap: () => Promise<void>, then: (tab: Page) => Promise<void>) {
  const opened = page.context().waitForEvent('page');
  await tap();
  const tab = await opened;
  await tab.waitForLoadState();
  await then(tab);
  await tab.close();
}

async function dark(page: Page, then: () => Promise<void>) {
  await page.emulateMedia({ colorScheme: 'dark' });
  await then();
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The journeys' own id among the agents: for Freddy, somebody else. */
async function myself(business: Business): Promise<string> {
  const { agents } = await business.api<{ agents: { id: string; first_name: string }[] }>('/agents');
  const me = agents.find(({ first_name }) => first_name === 'Journeys');
  if (!me) throw new Error('the journeys have no agent');
  return me.id;
}
