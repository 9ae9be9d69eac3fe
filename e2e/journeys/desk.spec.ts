/** The bank's people at their desk: agents and customers, each in a browser of their own. */
import { findings } from './axe';
import { test } from './deskFixture';
import type { DeskPage } from './deskPage';
import { conversationOf, expect } from './journey';

const secret = 'Canary note: ask her about the mortgage, 7e1b';

test('a customer asks for a person, gets one, and nothing of what colleagues write to each other', async ({
  bank,
  chat,
  deskOf,
  business,
  page,
  look,
}) => {
  const desk = await deskOf('Mira Okafor');
  const wire: string[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => wire.push(String(payload))));
  await bank.signIn('Ana Ferreira');
  await chat.open();

  await chat.suggestion('Talk to a person').click();
  await expect(desk.row('Ana Ferreira').first()).toContainText('Asks for a person');
  await chat.settled();
  await desk.open('Ana Ferreira');
  await expect(desk.page.getByRole('complementary', { name: 'Customer' })).toContainText('Signed in at the bank');
  await expect(desk.page.getByRole('complementary', { name: 'Customer' })).toContainText('ag-10017');
  await look('desk-bot', desk.page);
  await desk.takeOver.click();
  await expect(desk.thread).toContainText('You took over');
  await expect(desk.answer).toBeFocused();

  await desk.answer.pressSequentially('Good morning, Ana. ');
  await expect(chat.frame.locator('.typing-row')).toBeVisible();
  await desk.send('Good morning, Ana. This is Mira.');
  await expect(chat.said('Good morning, Ana. This is Mira.')).toBeVisible();
  await expect(desk.thread.locator('.us[data-by=agent] .read').last()).toHaveText('Read');

  const conversation = await conversationOf(chat, business);
  const before = (await business.messages(conversation)).length;
  await chat.composer.pressSequentially('Are you a');
  await expect(desk.thread.locator('.typing')).toBeVisible();
  await chat.send('Are you a person?');
  await expect(desk.said('Are you a person?')).toBeVisible();
  await expect(desk.thread.locator('.typing')).toHaveCount(0);

  await desk.button('Private note').click();
  await desk.note.fill(secret);
  await desk.note.press('Enter');
  await expect(desk.thread.locator('[data-by=note] .bubble')).toHaveText(secret);
  await desk.button('Private note').click();

  await desk.button('Quick replies').click();
  await desk.page.getByLabel('Quick reply 1', { exact: true }).fill('Call me');
  await desk.page.getByLabel('Quick reply 1', { exact: true }).press('Enter');
  await desk.page.getByLabel('Quick reply 2', { exact: true }).fill('Write to me');
  await look('desk-replies', desk.page);
  await desk.send('I am. How shall I reach you?');
  await chat.chip('Write to me').click();
  await expect(desk.thread.locator('.them .bubble').last()).toContainText('Write to me');
  await expect(desk.thread.locator('.option[data-chosen]')).toContainText('Write to me');
  await expect(desk.thread.locator('.them .quoted').last()).toContainText('How shall I reach you?');
  await look('desk-answered', desk.page);
  // Only what scrolls by itself scrolls.
  expect(await desk.page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);

  // Freddy is silent: what came since Mira took over is hers and Ana's.
  const since = (await business.messages(conversation)).slice(before);
  expect(since.map(({ actor_type }) => actor_type)).toEqual(['user', 'agent', 'agent', 'user']);

  await desk.button('Resolve').click();
  await expect(desk.page.locator('.held')).toContainText('This conversation is resolved');
  await chat.send('One more thing');
  await expect(desk.said('One more thing')).toBeVisible();
  await expect(desk.page.locator('.held').filter({ hasText: 'resolved' })).toHaveCount(0);
  await expect(desk.thread).toContainText('opened it again');

  expect(await (await chat.document()).evaluate(() => document.documentElement.outerHTML)).not.toContain('7e1b');
  expect(JSON.stringify(await chat.storage())).not.toContain('7e1b');
  expect(wire.join('\n')).toContain('One more thing');
  expect(wire.join('\n')).not.toContain('7e1b');
});

test('two agents see the same, and who has a conversation', async ({ bank, chat, deskOf }) => {
  const [mira, jonas] = await Promise.all([deskOf('Mira Okafor'), deskOf('Jonas Lind')]);
  await bank.goto();
  await chat.open();
  await chat.send('Anybody there? 4711');
  for (const desk of [mira, jonas]) await desk.openGuest('Anybody there? 4711');
  await mira.takeOver.click();

  await expect(jonas.page.locator('.held')).toContainText('Mira Okafor has this conversation.');
  await mira.send('I am.');
  await expect(jonas.said('I am.')).toBeVisible();
  await jonas.note.fill('She called yesterday');
  await jonas.note.press('Enter');
  await expect(mira.said('She called yesterday')).toBeVisible();
  await jonas.takeOver.click();
  await expect(mira.page.locator('.held')).toContainText('Jonas Lind has this conversation.');
  await jonas.send('I go on.');
  await expect(chat.said('I go on.')).toBeVisible();

  await jonas.button('Hand back').click();
  await expect(mira.page.locator('.held')).toContainText('The bot answers here');
  await expect(chat.log).toContainText('I’m back');
});

test('what is sent while the chat can’t be reached goes out later, once; what is refused can be tried again', async ({
  bank,
  chat,
  deskOf,
  business,
  problems,
}) => {
  problems.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket connection/);
  problems.allow(/status of (500|400)/);
  const desk = await deskOf('Mira Okafor');
  await bank.goto();
  await chat.open();
  await chat.send('Hello from the train');
  await desk.openGuest('Hello from the train');
  await desk.takeOver.click();
  await expect(desk.answer).toBeFocused();

  await desk.page.context().setOffline(true);
  await desk.send('Typed without a network');
  await expect(desk.thread.locator('.state').last()).toContainText('Sending');
  await desk.page.context().setOffline(false);
  await expect(chat.said('Typed without a network')).toBeVisible();

  let refusals = 0;
  await desk.page.route('**/v2/conversations/*/messages', async (route) => {
    refusals += 1;
    if (refusals > 1) return route.continue();
    await route.fulfill({
      status: 400,
      headers: { 'access-control-allow-origin': desk.origin },
      json: { code: 400, status: 'INVALID_VALUE', message: 'not today' },
    });
  });
  await desk.send('Refused once');
  await expect(desk.thread.getByRole('alert')).toContainText('Not sent: not today');
  await desk.button('Try again').click();
  await expect(chat.said('Refused once')).toBeVisible();
  await expect(desk.thread.getByRole('alert')).toHaveCount(0);

  const texts = await business.lines(await conversationOf(chat, business));
  for (const text of ['Typed without a network', 'Refused once'])
    expect(texts.filter((line) => line === `them: ${text}`)).toHaveLength(1);
});

test('the keyboard alone does all of it', async ({ bank, chat, deskOf }) => {
  const desk = await deskOf('Jonas Lind');
  const keys = desk.page.keyboard;
  await bank.goto();
  await chat.open();
  await chat.send('By keys alone, 0815');
  await desk.openGuest('By keys alone, 0815');
  await chat.settled();
  await keys.press('Escape');

  await desk.page.locator('.filters button').last().focus();
  await keys.press('Tab');
  await expect(desk.rows.first()).toBeFocused();
  await keys.press('ArrowDown');
  await keys.press('Home');
  await keys.press('Enter');
  await expect(desk.said('By keys alone, 0815')).toBeVisible();
  await keys.press('Alt+Shift+T');
  await expect(desk.answer).toBeFocused();
  await keys.type('Typed');
  await keys.press('Enter');
  await expect(chat.said('Typed')).toBeVisible();
  await keys.press('Alt+Shift+P');
  await expect(desk.note).toBeFocused();
  await keys.press('Alt+Shift+P');
  await keys.press('Alt+Shift+K');
  await expect(desk.page.getByRole('dialog')).toBeVisible();
  await keys.press('Escape');
  await expect(desk.page.getByRole('dialog')).toHaveCount(0);
  await keys.press('Alt+Shift+R');
  await expect(desk.page.locator('.held')).toContainText('resolved');
  await keys.press('Escape');
  await expect(desk.page.getByRole('region', { name: 'Open conversation' })).toContainText('Choose a conversation');
  expect(await desk.page.evaluate(() => document.activeElement?.closest('.list') !== null)).toBe(true);
});

test('who signs out leaves nothing in the tab', async ({ deskOf, bank, chat }) => {
  const desk = await deskOf('Mira Okafor');
  await bank.goto();
  await chat.open();
  await chat.send('Not for those who come later');
  await desk.openGuest('Not for those who come later');
  const kept = () =>
    desk.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]));
  expect(await kept()).toContain('gct_');

  await desk.button('Sign out').click();

  await expect(desk.page.getByRole('heading', { name: 'AG Bank Desk' })).toBeVisible();
  expect(await kept()).toBe('[{},{},""]');
  await desk.page.goBack().catch(() => {});
  await expect(desk.page.locator('body')).not.toContainText('Not for those who come later');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing at the desk, ${colorScheme}`, async ({ bank, chat, deskOf, look, stack, browser }) => {
    // The customer is the same in both, and so it's somebody else who takes over.
    const desk = await deskOf(colorScheme === 'light' ? 'Mira Okafor' : 'Jonas Lind', {
      colorScheme,
      reducedMotion: 'reduce',
    });
    await bank.signIn('Karim Haddad');
    await chat.open();
    await chat.send('مرحبا، أين بطاقتي؟');
    await chat.settled();
    await desk.open('Karim Haddad');
    await findNothing(desk, 'with the bot', colorScheme);
    await desk.takeOver.click();
    await expect(desk.answer).toBeFocused();
    // The conversation is the same in both, too.
    await desk.send(`أهلاً كريم. لحظة من فضلك، أنظر إلى https://bank.example/cards/${colorScheme}`);
    await desk.button('Private note').click();
    await desk.note.fill(`Speaks English, too (${colorScheme})`);
    await desk.note.press('Enter');
    await expect(desk.said(`Speaks English, too (${colorScheme})`)).toBeVisible();
    await desk.button('Private note').click();
    await desk.button('Quick replies').click();
    await findNothing(desk, 'an agent’s', colorScheme);
    await look(`desk-${colorScheme}-rtl`, desk.page);
    await desk.page.keyboard.press('Alt+Shift+K');
    await findNothing(desk, 'shortcuts', colorScheme);
    await look(`desk-${colorScheme}-shortcuts`, desk.page);
    await desk.page.keyboard.press('Escape');

    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(stack.addresses.desk);
    expect(await findings(page, 1, colorScheme), 'sign-in').toEqual([]);
    await look(`desk-${colorScheme}-sign-in`, page);
    await context.close();
  });
}

const findNothing = async (desk: DeskPage, where: string, scheme?: 'light' | 'dark') =>
  expect(await findings(desk.page, 1, scheme), where).toEqual([]);

test('on a phone one thing at a time fills the screen, and Back leads to the list', async ({
  bank,
  chat,
  deskOf,
  look,
}) => {
  const desk = await deskOf('Jonas Lind', {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
  });
  await bank.signIn('Ana Ferreira');
  await chat.open();
  await chat.send('From a phone to a phone, with a wordwithoutanyendthatgoesonandonandonandonandonandonandon');
  await chat.settled();
  await expect(desk.row('Ana Ferreira').first()).toBeVisible();
  await look('desk-phone-list', desk.page);
  await desk.row('Ana Ferreira').first().tap();
  await desk.takeOver.tap();
  await desk.send('Here we are.');
  const width = () => desk.page.evaluate(() => document.documentElement.scrollWidth);
  expect(await width()).toBe(390);
  expect(
    await desk.answer.evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize)),
  ).toBeGreaterThanOrEqual(16);
  await desk.button('Quick replies').tap();
  const right = (at: { x: number; width: number } | null) => (at?.x ?? 0) + (at?.width ?? 0);
  expect(right(await desk.button('Send').boundingBox())).toBeLessThan(382);
  await look('desk-phone', desk.page);
  await desk.page.locator('.who').tap();
  await expect(desk.page.getByRole('complementary', { name: 'Customer' })).toBeVisible();
  await look('desk-phone-card', desk.page);
  await desk.page.locator('.customer-close').tap();
  await desk.page.goBack();
  await expect(desk.row('Ana Ferreira').first()).toBeVisible();
  expect(await width()).toBe(390);
});

test('every part that the bot showed can be read, pages that were opened are told, and files go both ways', async ({
  bank,
  chat,
  deskOf,
  look,
}) => {
  const desk = await deskOf('Jonas Lind', { viewport: { width: 1280, height: 1400 } });
  await bank.signIn('Ana Ferreira');
  await chat.open();
  await chat.send('offers');
  await expect(chat.log.getByText('Sunny saver').first()).toBeVisible();
  await chat.send('account statement');
  await chat.settled();
  await chat.openCardPage();
  await chat.closeSheet.click();
  await expect(chat.sheet).toHaveCount(0);
  await chat.send('block a card');
  await chat.settled();

  await desk.row('Ana Ferreira').first().click();
  await expect(desk.thread.locator('.card-title').first()).toContainText('Sunny saver');
  await expect(desk.thread).toContainText('The customer opened “');
  await expect(desk.thread).toContainText('closed by the customer');
  await expect(desk.thread.locator('.url-button')).toContainText('Confirm card');
  await desk.takeOver.click();
  await expect(desk.answer).toBeFocused();
  await desk.page.locator('.composer input[type=file]').setInputFiles({
    name: 'branch.png',
    mimeType: 'image/png',
    buffer: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
      'base64',
    ),
  });
  await expect(desk.thread.locator('.us .picture img').last()).toBeVisible();
  await expect(chat.log.locator('img').last()).toBeVisible();
  const wider = await desk.thread
    .locator('.bubble')
    .evaluateAll((bubbles) =>
      bubbles.filter((bubble) => bubble.scrollWidth > bubble.clientWidth).map(({ innerHTML }) => innerHTML),
    );
  expect(wider, 'bubbles that something sticks out of').toEqual([]);
  await look('desk-parts', desk.page);
});
