/** What customers send: chosen, pasted and dropped files, from the first look at them to the bot that fetches them. */
import type { Locator } from '@playwright/test';
import type { Message } from '../../src/protocol/message';
import { fetchLoopback } from '../support/loopback';
import { findings } from './axe';
import type { Business } from './business';
import type { Chat } from './chat';
import { htmlPage, tag } from './hostPage';
import { conversationOf, expect } from './journey';
import { gif, photo, png } from './pictures';
import { test as together } from './together';

type GivenFile = { name: string; mimeType: string; buffer: Buffer };

/** The files above the composer. */
class Tray {
  readonly rows: Locator;
  readonly button: Locator;
  readonly input: Locator;
  readonly sendButton: Locator;
  readonly note: Locator;
  constructor(readonly guest: Chat) {
    this.rows = guest.frame.locator('.chosen');
    this.button = guest.frame.getByRole('button', { name: 'Attach files' });
    this.input = guest.frame.locator('input[type=file]');
    this.sendButton = guest.frame.locator('button.send');
    this.note = guest.frame.locator('.tray-note');
  }
  row = (name: string) => this.rows.filter({ hasText: name });
  /** By the button and the browser's chooser. */
  async choose(...files: GivenFile[]) {
    const asked = this.guest.page.waitForEvent('filechooser');
    await this.button.click();
    await (await asked).setFiles(files);
  }
  /** As if they came from outside of the page. */
  async give(type: 'paste' | 'drop' | 'dragover', files: GivenFile[], text?: string) {
    await this.guest.frame.locator('.composer textarea').evaluate(
      (field, { type, files, text }) => {
        const data = new DataTransfer();
        for (const { name, mimeType, bytes } of files) {
          data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: mimeType }));
        }
        if (text) data.setData('text/plain', text);
        const how = { bubbles: true, cancelable: true };
        field.dispatchEvent(
          type === 'paste'
            ? new ClipboardEvent(type, { ...how, clipboardData: data })
            : new DragEvent(type, { ...how, dataTransfer: data }),
        );
      },
      { type, text, files: files.map(({ buffer, ...file }) => ({ ...file, bytes: buffer.toString('base64') })) },
    );
  }
}

const pdf = (name: string, bytes = 2_000): GivenFile => ({
  name,
  mimeType: 'application/pdf',
  buffer: Buffer.concat([
    Buffer.from('%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<<>>\nendobj\n', 'latin1'),
    Buffer.alloc(bytes, 0x20),
    Buffer.from('\n%%EOF\n'),
  ]),
});
const picture = (name: string, width = 900, height = 600): GivenFile => ({
  name,
  mimeType: 'image/png',
  buffer: png(width, height),
});

const test = together.extend<{ tray: Tray; open: () => Promise<void> }>({
  tray: async ({ guest }, use) => use(new Tray(guest)),
  open: async ({ page, host, guest, tray }, use) =>
    use(async () => {
      await page.goto(host.origin);
      await guest.open();
      await expect(tray.button).toBeVisible();
    }),
});

/** The customer's messages as the business has them, oldest first: a picture's or a file's name, or a text. */
async function stored(guest: Chat, desk: Business): Promise<{ said: string; message: Message }[]> {
  const messages = await desk.messages(await conversationOf(guest, desk));
  return messages
    .filter(({ actor_type }) => actor_type === 'user')
    .flatMap((message) =>
      message.message_parts.map((part) => ({
        message,
        said:
          'text' in part
            ? part.text.content
            : 'image' in part
              ? `picture ${part.image.alt_text}`
              : 'file' in part
                ? `file ${part.file.name}`
                : '?',
      })),
    );
}

/** So few bytes a second go out of the chat from now on, until what it gives is called. */
async function slowDown(guest: Chat, bytesPerSecond: number): Promise<() => Promise<void>> {
  const session = await guest.page.context().newCDPSession(await guest.document());
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 };
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: bytesPerSecond });
  return async () => {
    await session.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: -1 });
    await session.detach();
  };
}

test('chosen files are shown, sent in their order with the text behind them, and the bot can fetch them', async ({
  page,
  guest,
  desk,
  tray,
  open,
  look,
}) => {
  await open();
  await look('attach-empty');
  await tray.choose(picture('branch.png'), pdf('Contract 2026.pdf'));
  await expect(tray.rows).toHaveText([/branch\.png.*Ready to send/, /Contract 2026\.pdf.*Ready to send/]);
  await expect(tray.row('branch.png').locator('img')).toBeVisible();
  await expect(guest.composer).toBeFocused();
  await guest.composer.fill('Here is what you asked for');
  await look('attach-ready');
  expect(await findings(page, 2)).toEqual([]);

  // Nothing is sent by choosing.
  expect(await guest.log.count()).toBe(0);
  await page.keyboard.press('Enter');
  await expect(tray.rows).toHaveCount(0);
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const own = guest.log.locator('.frame img');
  const source = await own.getAttribute('src');
  expect(source).toMatch(/^blob:/);
  await expect(guest.log.locator('article.me[data-message]')).toHaveCount(3);
  await look('attach-sent');
  expect(await findings(page, 2)).toEqual([]);

  const all = await stored(guest, desk);
  expect(all.map(({ said }) => said)).toEqual([
    'picture branch.png',
    'file Contract 2026.pdf',
    'Here is what you asked for',
  ]);
  await expect.poll(() => own.getAttribute('src')).toBe(source);
  const [part] = all[0]?.message.message_parts ?? [];
  if (!part || !('image' in part)) throw new Error('no picture was stored');
  expect(part.image).toMatchObject({ width: 900, height: 600, content_type: 'image/png' });
  const fetched = await fetchLoopback(part.image.url);
  expect(fetched.status).toBe(200);
  expect(Buffer.from(await fetched.arrayBuffer()).equals(png(900, 600))).toBe(true);

  // After a reload it comes from the server, in the same place.
  await page.reload();
  await guest.live();
  await expect(guest.log.locator('.frame.shown img')).toHaveAttribute('src', part.image.url);
});

test('pictures can be pasted, and text that comes with a picture is text', async ({ guest, tray, open, desk }) => {
  await open();
  await tray.give('paste', [picture('image.png', 40, 40)], 'cells of a table');
  await expect(tray.rows).toHaveCount(0);
  await tray.give('paste', [picture('image.png', 40, 40)]);
  await expect(tray.rows).toHaveText([/image\.png.*Ready to send/]);

  await tray.sendButton.click();

  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect((await stored(guest, desk)).map(({ said }) => said)).toEqual(['picture image.png']);
});

test('files can be dropped anywhere on the panel, which shows it', async ({ guest, tray, open, look }) => {
  await open();
  await tray.give('dragover', [pdf('a.pdf')]);
  await expect(guest.frame.locator('.drop')).toBeVisible();
  await look('attach-drop');
  await expect(guest.frame.locator('.drop')).toHaveCount(0);

  await tray.give('drop', [pdf('a.pdf'), { name: 'party.gif', mimeType: 'image/gif', buffer: gif() }]);

  await expect(tray.rows).toHaveText([/a\.pdf.*Ready to send/, /party\.gif.*Ready to send/]);
  await tray.give('drop', [{ name: 'a.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ') }]);
  await expect(tray.row('a.exe')).toContainText('This kind of file can’t be sent.');
});

test('an upload shows how far it is, before and after it is sent, keeps its place and can be taken back', async ({
  page,
  guest,
  desk,
  tray,
  open,
  look,
}) => {
  await open();
  const speedUp = await slowDown(guest, 20_000);
  await tray.choose(pdf('one.pdf', 700_000), pdf('two.pdf', 500_000), pdf('three.pdf', 1_000));
  const bar = (name: string) => guest.frame.getByRole('progressbar', { name });
  await expect(bar('one.pdf')).toHaveAttribute('aria-valuenow', /^([1-9]|[1-9]\d)$/);
  await expect(tray.row('three.pdf')).toContainText('Preparing…');
  await guest.composer.fill('all of them');
  await look('attach-uploading');
  expect(await findings(page, 2)).toEqual([]);
  const before = Number(await bar('one.pdf').getAttribute('aria-valuenow'));

  await page.keyboard.press('Enter');
  await expect(tray.rows).toHaveCount(0);
  const message = (name: string) => guest.log.locator('article.me', { hasText: name });
  await expect(message('one.pdf').locator('.uploading')).toHaveText(/^Sending… \d+% · Remove$/);
  // What had gone out by then isn't sent again.
  const after = await message('one.pdf').getByRole('progressbar').getAttribute('aria-valuenow');
  expect(Number(after)).toBeGreaterThanOrEqual(before);
  await expect(guest.log.locator('article.me')).toHaveText([/one\.pdf/, /two\.pdf/, /three\.pdf/, /all of them/]);
  await look('attach-sending');
  expect(await findings(page, 2)).toEqual([]);
  await message('two.pdf').getByRole('button', { name: 'Remove' }).click();
  await expect(message('two.pdf')).toHaveCount(0);
  await speedUp();

  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect((await stored(guest, desk)).map(({ said }) => said)).toEqual([
    'file one.pdf',
    'file three.pdf',
    'all of them',
  ]);
});

test('what fails says so and can be tried again; what can’t be taken says why', async ({
  page,
  guest,
  desk,
  tray,
  open,
  problems,
  look,
}) => {
  problems.allow(/status of (400|500)/);
  await open();
  let isBroken = true;
  await page.route('**/widget/v1/files', (route) =>
    isBroken
      ? route.fulfill({ status: 500, json: { code: 500, status: 'INTERNAL', message: 'fault' } })
      : route.continue(),
  );
  await tray.choose(pdf('fails.pdf'), pdf('empty.pdf'), {
    name: 'photo.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.from('no photo'),
  });
  await tray.choose({ name: 'huge.png', mimeType: 'image/png', buffer: Buffer.alloc(10_485_761) });
  await tray.choose({ name: 'nothing.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) });
  await expect(tray.row('fails.pdf')).toContainText('The upload failed. Try again');
  await expect(tray.row('huge.png')).toContainText('Too large: 10 MB at most.');
  await expect(tray.row('nothing.pdf')).toContainText('This file is empty.');
  await look('attach-failed');
  expect(await findings(page, 2)).toEqual([]);
  isBroken = false;
  await tray.choose({ ...pdf('disguised.pdf'), buffer: Buffer.from('MZ\x90\0 a program') });
  await expect(tray.row('disguised.pdf')).toContainText('This kind of file can’t be sent.');
  await tray.row('fails.pdf').getByRole('button', { name: 'Try again' }).click();
  await expect(tray.row('fails.pdf')).toContainText('Ready to send');
  await tray.row('empty.pdf').getByRole('button', { name: 'Remove' }).click();
  await guest.composer.focus();
  await page.keyboard.press('Enter');

  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect((await stored(guest, desk)).map(({ said }) => said)).toEqual(['file fails.pdf']);
  // What was not sent is still there to be seen.
  await expect(tray.row('huge.png')).toBeVisible();
});

test('without a connection files are kept and said to be, and go up when there is one', async ({
  page,
  guest,
  desk,
  tray,
  open,
  problems,
  look,
}) => {
  problems.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket/);
  await open();
  await page.route('**/widget/v1/files', (route) => route.abort());
  await tray.choose(pdf('later.pdf'));
  await expect(tray.row('later.pdf')).toContainText('Waiting for a connection');
  await expect(tray.note).toHaveText('These files are only kept while this page stays open.');
  await look('attach-offline');
  await guest.composer.fill('and this');
  await page.keyboard.press('Enter');
  await page.unroute('**/widget/v1/files');

  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect((await stored(guest, desk)).map(({ said }) => said)).toEqual(['file later.pdf', 'and this']);
});

test('a reload forgets files that weren’t sent, and keeps what was', async ({ page, guest, desk, tray, open }) => {
  await open();
  await tray.choose(pdf('sent.pdf'));
  await expect(tray.row('sent.pdf')).toContainText('Ready to send');
  await guest.composer.press('Enter');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  await tray.choose(pdf('unsent.pdf'));
  await guest.composer.fill('a draft');
  await guest.minimise.click();

  await page.reload();
  await guest.launcher.click();
  await guest.live();

  await expect(tray.button).toBeVisible();
  await expect(tray.rows).toHaveCount(0);
  await expect(guest.composer).toHaveValue('a draft');
  await expect(guest.log.locator('.file')).toHaveCount(1);
  expect((await stored(guest, desk)).map(({ said }) => said)).toEqual(['file sent.pdf']);
});

test('a photo loses the place where it was taken, and stands upright', async ({
  page,
  guest,
  desk,
  tray,
  open,
  look,
}) => {
  await open();
  const where = 'N 52.5163 E 13.3777';
  const original = await photo(page, 1_200, 800, where);
  expect(original.includes(where)).toBe(true);
  await tray.choose({ name: 'IMG_2041.jpg', mimeType: 'image/jpeg', buffer: original });
  await expect(tray.row('IMG_2041.jpg')).toContainText('Ready to send');
  await guest.composer.press('Enter');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  await look('attach-photo');

  const [sent] = await stored(guest, desk);
  const [part] = sent?.message.message_parts ?? [];
  if (!part || !('image' in part)) throw new Error('no picture was stored');
  expect(part.image).toMatchObject({ width: 800, height: 1_200, content_type: 'image/jpeg', alt_text: 'IMG_2041.jpg' });
  const bytes = Buffer.from(await (await fetchLoopback(part.image.url)).arrayBuffer());
  expect(bytes.includes(where)).toBe(false);
  expect(bytes.includes('Exif')).toBe(false);
});

test('twenty files at once, a file twice', async ({ guest, tray, open, look }) => {
  await open();
  const many = Array.from({ length: 22 }, (_, n) => pdf(`Statement ${n + 1}.pdf`, n + 1));
  await tray.input.setInputFiles(many);
  await expect(tray.rows).toHaveCount(20);
  await expect(tray.note).toHaveText('At most 20 files at a time.');
  await look('attach-many');
  await expect(guest.composer).toBeVisible();
  await expect(tray.rows.last()).toContainText('Ready to send');
});

test('a customer who signs out in the middle of an upload takes their files along', async ({
  page,
  guest,
  desk,
  tray,
  open,
}) => {
  await open();
  await guest.send('I am Ana');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  const speedUp = await slowDown(guest, 50_000);
  await tray.choose(pdf('ana.pdf', 400_000), pdf('small.pdf', 10));
  await guest.composer.fill('of Ana');
  await guest.composer.press('Enter');
  // Each file is a message of its own by now.
  await expect(guest.frame.getByRole('progressbar').first()).toBeVisible();
  const conversation = await conversationOf(guest, desk);

  await page.evaluate(() => (window as never as { guichet: (command: string) => Promise<void> }).guichet('logout'));
  await expect(tray.rows).toHaveCount(0);
  await expect(guest.composer).toHaveValue('');
  await speedUp();
  if (!(await guest.iframe.isVisible())) await guest.launcher.click();
  await guest.send('I am Ben');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');

  expect(await conversationOf(guest, desk)).not.toBe(conversation);
  expect((await stored(guest, desk)).map(({ said }) => said)).toEqual(['I am Ben']);
  expect(await desk.lines(conversation)).toEqual(['me: I am Ana']);
});

test('a double click sends once', async ({ guest, desk, tray, open }) => {
  await open();
  await tray.choose(pdf('once.pdf'));
  await expect(tray.row('once.pdf')).toContainText('Ready to send');

  await tray.sendButton.dblclick();

  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  expect((await stored(guest, desk)).map(({ said }) => said)).toEqual(['file once.pdf']);
});

const off = test.extend({
  pages: {
    at: (_: string, chat: string) =>
      htmlPage(
        `${tag(chat)}<script>window.guichet=window.guichet||function(){(guichet.q=guichet.q||[]).push(arguments)};guichet('setConfig',{features:{attachments:false}})</script>`,
      ),
  },
});
off('where the site wants none there is no way to send files', async ({ page, host, guest, tray, look }) => {
  await page.goto(host.origin);
  await guest.open();
  await guest.send('hello');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');

  await expect(tray.button).toHaveCount(0);
  await tray.give('paste', [picture('image.png', 40, 40)]);
  await expect(tray.rows).toHaveCount(0);
  await look('attach-off');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

  test('files are chosen and sent by thumb', async ({ page, guest, tray, open, look }) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await open();
    await tray.choose(picture('branch.png'), pdf(`${'A very long name of a contract '.repeat(4)}.pdf`));
    await expect(tray.rows).toHaveText([/Ready to send/, /Ready to send/]);
    await look('attach-phone');
    expect(await findings(page, 2)).toEqual([]);
    for (const name of [/^Remove branch/, /^Attach/]) {
      const box = await guest.frame.getByRole('button', { name }).boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(36);
    }
    await tray.sendButton.tap();
    await expect(guest.frame.locator('.state')).toHaveText('Sent');
    await look('attach-phone-sent');
    for (const frame of page.frames()) {
      expect(await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
  });
});

const arabic = test.extend({
  pages: {
    at: (_: string, chat: string) =>
      htmlPage(tag(chat), '<main><h1>صفحة</h1></main>', 'ar').replace('lang="ar"', 'lang="ar" dir="rtl"'),
  },
});
arabic('from right to left, in Arabic', async ({ page, host, guest, tray, look }) => {
  await page.goto(host.origin);
  await guest.open();
  await expect(guest.frame.getByRole('button', { name: 'إرفاق ملفات' })).toBeVisible();
  const speedUp = await slowDown(guest, 60_000);
  await tray.input.setInputFiles([picture('فرع.png', 200, 200), pdf('كشف حساب أكتوبر.pdf', 300_000)]);
  await expect(guest.frame.getByRole('progressbar').last()).toHaveAttribute('aria-valuenow', /[1-9]/);
  await look('attach-arabic');
  await speedUp();
  await expect(tray.rows).toHaveText([/جاهز للإرسال/, /جاهز للإرسال/]);
  await tray.sendButton.click();
  await expect(guest.frame.locator('.state')).toHaveText('أُرسلت');
  await look('attach-arabic-sent');
});
