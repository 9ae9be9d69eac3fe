/** The parts where things are otherwise: downloads that don’t come, in the dark, on a phone, from right to left, very small. */
import { dropdown, findings, many, offers, option, reasons, test, text } from './asked';
import { htmlPage, tag } from './hostPage';
import { expect } from './journey';

test('what reads markup doesn’t come: the words are there all the same', async ({ page, guest, ask, problems }) => {
  problems.allow(/RichText|ERR_FAILED/);
  await page.route(/RichText-.*\.js$/, (route) => route.abort());
  await ask([text('<p>Dear <b>Ana</b></p><p>Here it is: https://bank.example/a</p>')]);
  await expect(guest.frame.locator('.them .bubble').last()).toHaveText('Dear Ana\nHere it is: https://bank.example/a');
  await expect(guest.frame.locator('.them .bubble').last().locator('a')).toHaveAttribute(
    'href',
    'https://bank.example/a',
  );
});

test('a drop-down and a carousel whose downloads don’t come can be answered all the same', async ({
  page,
  guest,
  ask,
  heard,
  pictures,
  problems,
}) => {
  problems.allow(/DropdownPart|CarouselPart|ERR_FAILED/);
  await page.route(/(?:DropdownPart|CarouselPart)-.*\.js$/, (route) => route.abort());
  await ask([text('What happened?')], [dropdown(many.map((label) => option(label)))]);
  await guest.chip('Damaged').click();
  await expect(guest.said('Damaged')).toBeVisible();
  expect(await heard()).toMatchObject({ in_reply_to: { payload: 'Damaged' } });
  await ask([text('Offers')], [offers(pictures)]);
  await expect(guest.log).toContainText('Sunny saver 3.1 %');
  await guest.chips.nth(1).getByRole('button').click();
  await expect(guest.said('First home')).toBeVisible();
  expect(await heard()).toMatchObject({ in_reply_to: { payload: 'First home' } });
});

test.describe('in dark', () => {
  test('nothing is found on cards, list, chips, letter and markup', async ({ page, guest, ask, pictures, look }) => {
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await ask([text('<h3>Title</h3><p><mark>Marked</mark> <code>code</code></p><blockquote>Quote</blockquote>')]);
    await ask([{ email: { subject: 'Subject', content: 'Text' } }, { reference: { label: 'Article', url: pictures } }]);
    await ask([text('Why?')], [dropdown(reasons.map((label) => option(label)))]);
    await expect(guest.frame.getByRole('button', { name: 'Damaged' })).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await ask([text('Offers')], [offers(pictures)]);
    await expect(guest.frame.getByRole('group').first()).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await look('parts-dark');
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

  test('many options are the phone’s own list, and it takes a tap more to send', async ({
    page,
    guest,
    ask,
    heard,
    look,
    pictures,
  }) => {
    await ask([text('What happened?')], [dropdown(many.map((label) => option(label)))]);
    const list = guest.frame.getByRole('combobox', { name: 'Answer' });
    await expect(list).toHaveJSProperty('tagName', 'SELECT');
    await list.selectOption('Damaged');
    await look('parts-phone-dropdown');
    expect(await findings(page)).toEqual([]);
    await expect(guest.said('Damaged')).toHaveCount(0);
    await list.locator('xpath=..').getByRole('button', { name: 'Send' }).tap();
    await expect(guest.said('Damaged')).toBeVisible();
    expect(await heard()).toMatchObject({ in_reply_to: { payload: 'Damaged' } });

    await ask([text('Offers')], [offers(pictures)]);
    await expect(guest.frame.getByRole('group').first()).toBeVisible();
    const small = await guest.frame.locator('.under :is(button, a):visible').evaluateAll((all) =>
      all
        .map((element) => ({ name: element.textContent, box: element.getBoundingClientRect() }))
        .filter(({ box }) => Math.min(box.width, box.height) < 44)
        .map(({ name }) => name),
    );
    expect(small, 'targets below 44 px').toEqual([]);
    for (const frame of page.frames())
      expect(await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await look('parts-phone-carousel');
  });
});

test.describe('from right to left', () => {
  test.use({
    pages: {
      at: (_, chat) => htmlPage(tag(chat), undefined, 'ar').replace('lang="ar"', 'lang="ar" dir="rtl"'),
    },
  });

  test('the arrows of cards and keys turn with the reading direction', async ({ page, guest, ask, pictures, look }) => {
    await ask([text('عروض')], [offers(pictures)]);
    const group = guest.frame.getByRole('region');
    const cards = group.getByRole('group');
    const [first, second] = [await cards.nth(0).boundingBox(), await cards.nth(1).boundingBox()];
    expect(first?.x ?? 0).toBeGreaterThan(second?.x ?? 0);
    await group.getByRole('button', { name: 'البطاقة التالية' }).click();
    await expect(group.locator('.position')).toHaveText(
      '٢ من ٣'.replace(/[٠-٩]/g, (digit) => String('٠١٢٣٤٥٦٧٨٩'.indexOf(digit))),
    );
    await cards.nth(1).getByRole('button').first().focus();
    await page.keyboard.press('ArrowLeft');
    await expect(cards.nth(2).getByRole('button').first()).toBeFocused();
    await look('parts-rtl');
  });
});

test.describe('in a very small window', () => {
  test.use({ viewport: { width: 320, height: 256 } });

  test('at 400 % one can choose as well', async ({ page, guest, ask, heard, pictures }) => {
    await ask([text('Offers')], [offers(pictures)]);
    await guest.frame.getByRole('button', { name: 'Choose' }).first().focus();
    await page.keyboard.press('Enter');
    await expect(guest.said('Sunny saver')).toBeAttached();
    expect(await heard()).toMatchObject({ in_reply_to: { payload: 'Sunny saver' } });
    for (const frame of page.frames())
      expect(await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});
