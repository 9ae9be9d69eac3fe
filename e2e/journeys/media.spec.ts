/** Pictures, GIFs, video, sound and files in a conversation. */
import type { ServerResponse } from 'node:http';
import type { Locator, Page } from '@playwright/test';
import type { MessagePart } from '../../src/protocol/parts';
import { findings } from './axe';
import type { Business } from './business';
import type { Chat } from './chat';
import { htmlPage, tag } from './hostPage';
import { conversationOf, expect } from './journey';
import { gif, type MediaServer, png, serveMedia, wav, webm } from './pictures';
import { test as together } from './together';

type Post = (...parts: MessagePart[]) => Promise<string>;

const test = together.extend<{ media: MediaServer; post: Post }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
  media: async ({}, use) => {
    const media = await serveMedia();
    await use(media);
    await media.close();
  },
  /** Opens the chat, and posts as the bot. */
  post: async ({ page, host, guest, desk }, use) => {
    let id: string | undefined;
    await use(async (...parts) => {
      id ??= await start(page, host.origin, guest, desk);
      const message = await desk.api<{ id: string }>(`/conversations/${id}/messages`, {
        method: 'POST',
        body: { message_parts: parts, message_type: 'normal', actor_type: 'bot' },
      });
      await expect(guest.frame.locator(`[data-message="${message.id}"]`)).toBeAttached();
      return message.id;
    });
  },
});

async function start(page: Page, origin: string, guest: Chat, desk: Business): Promise<string> {
  await page.goto(origin);
  await guest.open();
  await guest.send('Show me');
  await expect(guest.frame.locator('.state')).toHaveText('Sent');
  return conversationOf(guest, desk);
}

/** Its first pixel on the screen, as `r,g,b`. */
async function colorOf(page: Page, locator: Locator): Promise<string> {
  const shot = await locator.screenshot();
  return page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0);
    const [r, g, b] = context?.getImageData(image.width >> 1, image.height >> 2, 1, 1).data ?? [];
    return `${r},${g},${b}`;
  }, shot.toString('base64'));
}
const [red, blue] = ['255,0,0', '0,0,255'];
/** Both pictures of the GIF come by, however seldom it's looked at; while it fades in there is a shade of one, too. */
async function expectPlaying(page: Page, locator: Locator): Promise<void> {
  const seen = new Set<string>();
  await expect
    .poll(async () => [...seen.add(await colorOf(page, locator))])
    .toEqual(expect.arrayContaining([blue, red]));
}
/** For longer than a picture of the GIF stands, only the first is there. */
async function expectStill(page: Page, locator: Locator): Promise<void> {
  const seen = new Set<string>();
  for (const until = Date.now() + 1_500; Date.now() < until; ) seen.add(await colorOf(page, locator));
  expect([...seen]).toEqual([red]);
}

test('a picture has its room before it comes, opens large and closes by every way', async ({
  page,
  guest,
  media,
  post,
  look,
}) => {
  const held: ServerResponse[] = [];
  media.serve('/slow.png', (response) => void held.push(response));
  media.serve('/second.png', png(900, 1_600, [180, 90, 20]));
  await post(
    { image: { url: `${media.origin}/slow.png`, alt_text: 'The branch in Main Street', width: 1_600, height: 900 } },
    { text: { content: 'Both of them' } },
    { collection: { sub_parts: [{ image: { url: `${media.origin}/second.png`, width: 900, height: 1_600 } }] } },
  );
  const opener = guest.log.getByRole('button', { name: 'Enlarge: The branch in Main Street' });
  const before = await opener.boundingBox();
  expect((before?.width ?? 0) / (before?.height ?? 1)).toBeCloseTo(16 / 9, 1);
  await look('media-picture-slow');
  await expect.poll(() => held.length).toBe(1);
  held[0]?.writeHead(200, { 'content-type': 'image/png' }).end(png(1_600, 900));
  await expect(guest.log.locator('.frame.shown')).toHaveCount(2);
  expect(await opener.boundingBox()).toEqual(before);
  await look('media-picture');

  const dialog = guest.frame.getByRole('dialog');
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveAttribute('aria-label', 'The branch in Main Street, Picture 1 of 2');
  expect(await guest.focused()).toBe('Close');
  await expect(dialog.getByRole('img')).toBeVisible();
  const panel = await guest.iframe.boundingBox();
  const large = await dialog.locator('img').boundingBox();
  expect(large?.width).toBeGreaterThan((panel?.width ?? 0) - 20);
  expect(large?.width).toBeLessThanOrEqual(panel?.width ?? 0);
  await look('media-lightbox');
  expect(await findings(page, 2)).toEqual([]);

  await page.keyboard.press('ArrowRight');
  await expect(dialog).toHaveAttribute('aria-label', 'Picture, Picture 2 of 2');
  await page.keyboard.press('ArrowRight');
  await expect(dialog.getByRole('button', { name: 'Next picture' })).toHaveAttribute('aria-disabled', 'true');
  await expect(dialog.locator('.frame.shown')).toBeVisible();
  await look('media-lightbox-tall');
  await dialog.getByRole('button', { name: 'Actual size' }).click();
  await expect.poll(async () => (await dialog.locator('img').boundingBox())?.width).toBe(900);
  await look('media-lightbox-actual');
  await dialog.getByRole('button', { name: 'Fit into the window' }).click();
  await page.keyboard.press('Home');
  await expect(dialog).toHaveAttribute('aria-label', /1 of 2/);

  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  // Escape closed the picture, not the panel.
  await expect(guest.composer).toBeVisible();
  expect(await guest.focused()).toBe('Enlarge: The branch in Main Street');
  await opener.click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await guest.focused()).toBe('Enlarge: The branch in Main Street');
  await opener.click();
  const tab = dialog.getByRole('link', { name: 'Open in a new tab' });
  await expect(tab).toHaveAttribute('href', `${media.origin}/slow.png`);
  await expect(tab).toHaveAttribute('rel', 'noopener noreferrer');
  await guest.page.mouse.click((panel?.x ?? 0) + 40, (panel?.y ?? 0) + 90);
  await expect(dialog).toHaveCount(0);
});

test('a broken picture says what it was, and comes when it can be had again', async ({
  guest,
  media,
  post,
  problems,
  look,
}) => {
  problems.allow(/404/);
  await post(
    { image: { url: `${media.origin}/gone.png`, alt_text: 'Map of the branch', width: 800, height: 600 } },
    { image: { url: `${media.origin}/gone2.png` } },
  );
  const tries = () => media.asked.filter((path) => path === '/gone.png').length;
  await expect.poll(tries).toBeGreaterThan(0);
  const first = tries();
  // It's tried again by itself for a while, and as soon as the network is back: which it is here until all tries are used up.
  const broken = guest.log.locator('.frame.broken');
  await expect(async () => {
    await guest.frame.locator('html').evaluate(() => window.dispatchEvent(new Event('online')));
    await expect(broken).toHaveCount(2, { timeout: 500 });
  }).toPass();
  await expect(broken).toHaveText(['Map of the branchLoad again', /can’t be shown/]);
  expect(tries()).toBeGreaterThan(first + 2);
  await look('media-broken');
  media.serve('/gone.png', png(800, 600));

  await guest.log.getByRole('button', { name: 'Load again' }).first().press('Enter');

  await expect(guest.log.getByRole('button', { name: 'Enlarge: Map of the branch' })).toBeVisible();
  await expect(guest.log.locator('.frame.shown')).toHaveCount(1);
});

test('pictures of every shape keep within the log and can be hit', async ({ page, guest, media, post, look }) => {
  const shapes = [
    [1, 1],
    [4_000, 20],
    [20, 4_000],
    [3_000, 3_000],
  ] as const;
  for (const [width, height] of shapes) media.serve(`/${width}x${height}.png`, png(width, height));
  await post(
    ...shapes.map(([width, height]) => ({ image: { url: `${media.origin}/${width}x${height}.png`, width, height } })),
  );
  await post({ image: { url: `${media.origin}/3000x3000.png` } });

  await expect(guest.log.locator('.picture')).toHaveCount(5);
  const log = await guest.log.boundingBox();
  for (const box of await guest.log.locator('.opener').all()) {
    const { width = 0, height = 0, x = 0 } = (await box.boundingBox()) ?? {};
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(40);
    expect(height).toBeLessThanOrEqual(360);
    expect(x + width).toBeLessThanOrEqual((log?.x ?? 0) + (log?.width ?? 0));
  }
  await look('media-shapes');
  expect(await findings(page, 2)).toEqual([]);
});

test('a GIF plays in view, can be stopped and started, and its still comes from another origin', async ({
  page,
  guest,
  media,
  post,
  look,
}) => {
  media.serve('/party', gif(), 'image/gif');
  await post({
    image: { url: `${media.origin}/party`, alt_text: 'Balloons', width: 320, height: 180, content_type: 'image/gif' },
  });
  const picture = guest.log.locator('.picture').last();
  const button = picture.getByRole('button', { name: 'Pause GIF' });
  await expect(button).toBeVisible();
  await expectPlaying(page, picture);
  await look('media-gif');

  await button.press('Enter');
  await expectStill(page, picture);
  await expect(picture.getByRole('button', { name: 'Play GIF' })).toBeFocused();
  await look('media-gif-paused');
  await picture.getByRole('button', { name: 'Play GIF' }).press('Enter');
  await expectPlaying(page, picture);

  // Out of view it rests.
  for (let n = 0; n < 3; n++) await post({ text: { content: 'line\n'.repeat(14) } });
  await expect(picture.locator('canvas')).not.toHaveClass(/unseen/);
  // The log may still be on its way down to what came last.
  await expect(async () => {
    await picture.scrollIntoViewIfNeeded();
    await expect(picture.locator('canvas')).toHaveClass(/unseen/, { timeout: 1_000 });
  }).toPass();
});

test('where less motion is asked for a GIF is a still until it is started', async ({
  page,
  guest,
  media,
  post,
  look,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'dark' });
  media.serve('/party.gif', gif(), 'image/gif');
  await post({ image: { url: `${media.origin}/party.gif`, alt_text: 'Balloons', width: 640, height: 360 } });
  const picture = guest.log.locator('.picture').last();
  const button = picture.getByRole('button', { name: 'Play GIF' });

  await expect(button).toBeVisible();
  await expectStill(page, picture);
  await look('media-gif-less-motion');
  expect(await findings(page, 2)).toEqual([]);
  await button.click();
  await expectPlaying(page, picture);
});

test('video and sound are fetched in view only, one plays at a time, and none behind a closed panel', async ({
  page,
  guest,
  media,
  post,
  problems,
  look,
}) => {
  problems.allow(/404/);
  await page.goto('about:blank');
  media.serve('/film.webm', await webm(page), 'video/webm');
  media.serve('/tone.wav', wav(), 'audio/wav');
  await post({ text: { content: 'first' } });
  await guest.frame.locator('html').evaluate(() => {
    const section = document.querySelector('.scroller');
    if (section) section.scrollTop = 0;
  });
  await post(
    { video: { url: `${media.origin}/film.webm`, width: 320, height: 180 } },
    { audio: { url: `${media.origin}/tone.wav`, name: 'What our branch sounds like on a long Monday morning.wav' } },
    { video: { url: `${media.origin}/none.webm` } },
    { audio: { url: `${media.origin}/none.wav` } },
  );
  const video = guest.log.locator('video').first();
  const audio = guest.log.locator('audio').first();
  await expect(guest.log.locator('.player.broken')).toHaveCount(2);
  await expect.poll(() => video.evaluate((film: HTMLVideoElement) => film.readyState)).toBeGreaterThanOrEqual(1);
  await look('media-players');
  expect(await findings(page, 2)).toEqual([]);

  await audio.evaluate((sound: HTMLAudioElement) => sound.play());
  await video.evaluate((film: HTMLVideoElement) => {
    film.loop = true;
    return film.play();
  });
  await expect.poll(() => audio.evaluate((sound: HTMLAudioElement) => sound.paused)).toBe(true);
  expect(await video.evaluate((film: HTMLVideoElement) => film.paused)).toBe(false);
  await guest.minimise.click();
  await expect(guest.iframe).toBeHidden();
  // Not by its role's ancestors: what is hidden has none.
  const hidden = guest.frame.locator('video').first();
  await expect.poll(() => hidden.evaluate((film: HTMLVideoElement) => film.paused)).toBe(true);
});

test('nothing of a film is fetched while it is out of view', async ({ page, guest, media, post, host, desk }) => {
  media.serve('/far.wav', wav(), 'audio/wav');
  await post({ audio: { url: `${media.origin}/far.wav` } });
  for (let n = 0; n < 3; n++) await post({ text: { content: 'line\n'.repeat(14) } });
  const fetched = media.asked.length;
  await conversationOf(guest, desk);

  await page.goto(host.origin);
  await guest.live();
  await expect(guest.log.locator('audio')).toBeAttached();
  await expect(guest.said('Show me')).toBeAttached();
  expect(media.asked).toHaveLength(fetched);
  await guest.log.locator('audio').scrollIntoViewIfNeeded();
  await expect.poll(() => media.asked.length).toBeGreaterThan(fetched);
});

test('a file’s name hides nothing, however long and whichever way it runs', async ({ guest, post, look, media }) => {
  const url = `${media.origin}/x`;
  await post(
    { file: { name: 'Statement-2026-10.pdf', url, file_size_in_bytes: 84_000, content_type: 'application/pdf' } },
    {
      file: {
        name: `${'Agreement on the general terms of the account '.repeat(4)}2026.pdf`,
        url,
        file_size_in_bytes: 1,
      },
    },
    { file: { name: 'كشف حساب أكتوبر.pdf', url, file_size_in_bytes: 20_000_000 } },
    { file: { name: 'a'.repeat(200), url } },
  );

  await look('media-files');
  const log = await guest.log.boundingBox();
  for (const file of await guest.log.locator('.file').all()) {
    const box = await file.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((log?.x ?? 0) + (log?.width ?? 0));
    expect(box?.height).toBeLessThan(140);
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

  test('a picture fills the screen', async ({ page, guest, media, post, look }) => {
    media.serve('/a.png', png(1_600, 900));
    media.serve('/b.gif', gif(), 'image/gif');
    await post(
      { image: { url: `${media.origin}/a.png`, alt_text: 'The branch', width: 1_600, height: 900 } },
      { image: { url: `${media.origin}/b.gif`, alt_text: 'Balloons', width: 640, height: 360 } },
    );
    const opener = guest.log.getByRole('button', { name: 'Enlarge: The branch' });
    await opener.tap();
    const dialog = guest.frame.getByRole('dialog');
    await expect(dialog.locator('.frame.shown')).toBeVisible();
    await expect.poll(() => dialog.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    const close = await dialog.getByRole('button', { name: 'Close' }).boundingBox();
    expect(Math.min(close?.width ?? 0, close?.height ?? 0)).toBeGreaterThanOrEqual(44);
    // Not by touch: on a busy machine a tap's end comes late, and that is a long press.
    await page.mouse.click(195, 700);
    await expect(dialog).toHaveCount(0);
    // Last: a screenshot of a phone's page moves, for a moment, where its frames are hit.
    await look('media-phone');
    await opener.press('Enter');
    await expect(dialog.locator('.frame.shown')).toBeVisible();
    await look('media-phone-lightbox');
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
arabic('from right to left the arrows turn', async ({ page, guest, host, desk, media, look }) => {
  for (const n of [1, 2]) media.serve(`/${n}.png`, png(800, 600));
  media.serve('/3.gif', gif(), 'image/gif');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(host.origin);
  await guest.open();
  await guest.send('مرحبا');
  await expect(guest.frame.locator('.state')).toBeVisible();
  await expect.poll(async () => (await desk.conversationsOf((await guest.customer()).customer)).length).toBe(1);
  const id = await conversationOf(guest, desk);
  await desk.api(`/conversations/${id}/messages`, {
    method: 'POST',
    body: {
      message_parts: [
        { image: { url: `${media.origin}/1.png`, alt_text: 'الفرع', width: 800, height: 600 } },
        { image: { url: `${media.origin}/3.gif`, width: 64, height: 36 } },
        { image: { url: `${media.origin}/2.png`, width: 800, height: 600 } },
      ],
      message_type: 'normal',
      actor_type: 'bot',
    },
  });
  await expect(guest.log.locator('.frame.shown')).toHaveCount(3);
  await look('media-arabic-dark');
  await guest.log.getByRole('button', { name: 'تكبير: الفرع' }).click();
  await expect(guest.frame.getByRole('dialog')).toHaveAttribute('aria-label', /1/);
  await page.keyboard.press('ArrowLeft');
  await expect(guest.frame.getByRole('dialog')).toHaveAttribute('aria-label', /2/);
  await look('media-arabic-lightbox');
});
