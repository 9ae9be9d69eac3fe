/** A phone with touch, and a page that is read from right to left. */
import { findings } from './axe';
import { testCard } from './cardPage';
import { htmlPage, tag } from './hostPage';
import { expect, test } from './journey';
import { test as together } from './together';

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

  test('the statement story fills the screen, and leaves the page as it was', async ({ bank, chat, page, look }) => {
    await bank.goto();
    await page.evaluate(() => scrollTo(0, 300));
    const before = await page.evaluate(() => ({
      y: scrollY,
      overflow: getComputedStyle(document.documentElement).overflowY,
    }));
    await look('phone-launcher');
    await chat.launcher.tap();
    await chat.live();
    const box = await chat.iframe.boundingBox();
    expect(box).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).overflowY)).toBe('hidden');
    await look('phone-empty');
    // Below 16 pixels a phone zooms into a field that gets the focus.
    expect(
      await chat.composer.evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize)),
    ).toBeGreaterThanOrEqual(16);

    await chat.suggestion('Account statement').tap();
    await expect(chat.pageButton()).toBeEnabled();
    await chat.settled();
    await look('phone-conversation');
    await chat.pageButton().tap();
    await chat.card.ready();
    await look('phone-sheet');
    // It slides in from below: what counts is where it comes to rest.
    const bottomOf = (box: { y: number; height: number } | null) => (box ? box.y + box.height : undefined);
    await expect.poll(async () => bottomOf(await chat.sheet.boundingBox())).toBe(844);
    const sheet = await chat.sheet.boundingBox();
    expect(sheet?.x).toBe(0);
    expect(sheet?.width).toBe(390);
    expect(sheet?.height).toBeLessThan(800);
    expect(await findings(page, 3)).toEqual([]);
    const close = await chat.closeSheet.boundingBox();
    expect(Math.min(close?.width ?? 0, close?.height ?? 0)).toBeGreaterThanOrEqual(44);
    expect(
      await chat.card.number.evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize)),
    ).toBeGreaterThanOrEqual(16);
    await chat.card.number.tap();
    await chat.card.fill();
    await chat.card.confirm.tap();

    await expect(chat.said(`Card ending in ${testCard.slice(-4)} confirmed`)).toBeVisible();
    await expect(chat.file()).toBeVisible();
    await expect(chat.chips).toBeVisible();
    await look('phone-statement');
    for (const frame of page.frames()) {
      const wide = await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, frame.url()).toBeLessThanOrEqual(0);
    }
    const small = await chat.frame.locator('button:visible, a:visible').evaluateAll((all) =>
      all
        .map((element) => ({ name: element.textContent, box: element.getBoundingClientRect() }))
        .filter(({ box }) => Math.min(box.width, box.height) < 24)
        .map(({ name }) => name),
    );
    expect(small, 'targets below 24 px').toEqual([]);

    await chat.minimise.tap();
    await expect(chat.iframe).toBeHidden();
    expect(
      await page.evaluate(() => ({ y: scrollY, overflow: getComputedStyle(document.documentElement).overflowY })),
    ).toEqual(before);

    // A phone's whole screen isn't taken unasked on the next page.
    await bank.goto('/help');
    await expect(chat.launcher).toBeVisible();
    await expect(chat.launcher).toHaveAttribute('aria-expanded', 'false');
  });
});

const arabic = together.extend({
  pages: {
    at: (_: string, chat: string) =>
      htmlPage(tag(chat), '<main><h1>صفحة</h1><p>نص</p></main>', 'ar').replace('lang="ar"', 'lang="ar" dir="rtl"'),
  },
});

arabic(
  'on an Arabic page the panel is mirrored, speaks Arabic, and each text runs its own way',
  async ({ page, host, desk, guest, look }) => {
    await page.goto(host.origin);
    await expect(guest.launcher).toBeVisible();
    const width = page.viewportSize()?.width ?? 0;
    expect((await guest.launcher.boundingBox())?.x).toBeLessThan(width / 2);
    await guest.open();
    expect((await guest.iframe.boundingBox())?.x).toBeLessThan(width / 4);
    const widget = guest.frame.locator('html');
    await expect(widget).toHaveAttribute('dir', 'rtl');
    await expect(widget).toHaveAttribute('lang', 'ar');
    await expect(guest.composer).toHaveAttribute('placeholder', 'اكتب رسالة');
    await expect(guest.composer).toHaveCSS('direction', 'rtl');
    await look('arabic-empty');
    await guest.composer.fill('Hello');
    await expect(guest.composer).toHaveCSS('direction', 'ltr');

    await guest.send('مرحبا، أريد كشف حساب');
    await expect(guest.frame.locator('.state')).toBeVisible();
    const { customer } = await guest.customer();
    await expect.poll(() => desk.conversationsOf(customer).then((all) => all.length)).toBe(1);
    const [conversation] = await desk.conversationsOf(customer);
    const id = conversation?.id ?? '';
    await desk.say(id, 'أهلًا بك!');
    await desk.say(id, 'Your card ends in 0003 (VISA).');
    const english = guest.said('Your card ends in 0003 (VISA).');
    await expect(english).toBeVisible();
    await look('arabic-conversation');
    const direction = (locator: typeof english) => locator.evaluate((bubble) => getComputedStyle(bubble).direction);
    expect(await direction(english)).toBe('ltr');
    expect(await direction(guest.said('أهلًا بك!'))).toBe('rtl');
    const panel = await guest.iframe.boundingBox();
    const own = await guest.said('مرحبا، أريد كشف حساب').boundingBox();
    const theirs = await english.boundingBox();
    const middle = (panel?.x ?? 0) + (panel?.width ?? 0) / 2;
    // One's own words stand at the end of the line: on the left.
    expect((own?.x ?? 0) + (own?.width ?? 0)).toBeLessThan(middle + 60);
    expect((theirs?.x ?? 0) + (theirs?.width ?? 0)).toBeGreaterThan(middle);
    expect(own?.x).toBeLessThan(theirs?.x ?? 0);
  },
);
