/**
 * Uploads by somebody who means harm, opened as a person would be made to open them: by their URL, in a tab of its own, and
 * out of other pages. Nothing of them runs, and the origin that serves them has nothing to take.
 */
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download, Page } from '@playwright/test';
import type { FileAnswer, SessionAnswer } from '../../src/protocol/live';
import * as samples from '../../src/server/files/samples';
import { test as base, expect } from '../support/browser';
import { type BuiltServer, startServer } from '../support/server';
import { startWeb, type Web } from './web';

/** Does in a tab of its own, where it may, what nothing else may; resolves once all of it has been heard. */
type Loud = () => Promise<void>;
type Place = { server: BuiltServer; web: Web; script: string; html: string };
const test = base.extend<{ loud: Loud }, { place: Place }>({
  loud: async ({ context, place: { web } }, use) => {
    const hit = `${web.origin('control')}/hit`;
    const url = web.put('control', '/loud', `<script>fetch('${hit}'); new Image().src = '${hit}'; alert(1)</script>`);
    let tab: Page | undefined;
    await use(async () => {
      tab ??= await context.newPage();
      const before = web.asked.length;
      const dialog = tab.waitForEvent('dialog').then((each) => each.dismiss());
      await Promise.all([dialog, tab.goto(url)]);
      await expect.poll(() => web.asked.slice(before).filter((each) => each.url === hit).length).toBe(2);
    });
  },
  place: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const [server, web] = await Promise.all([startServer(), startWeb()]);
      await server.addSite();
      web.put('canary', '/hit', 'x');
      const script = `top.hacked = self.hacked = 1; alert(1); new Image().src = '${web.origin('canary')}/hit'; fetch('${web.origin('canary')}/hit')`;
      await use({
        server,
        web,
        script,
        html: `<html><body><img src=x onerror="${script}"><script>${script}</script></body></html>`,
      });
      await Promise.all([server.stop(), web.close()]);
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

async function upload({ server }: Place, bytes: Uint8Array, name: string, type = 'image/png') {
  const session = await server.fetch('/widget/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ site: 'ag-bank' }),
  });
  const { token } = (await session.json()) as SessionAnswer;
  const answer = await server.fetch('/widget/v1/files', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type, 'x-file-name': encodeURIComponent(name) },
    body: bytes,
  });
  return { status: answer.status, body: (await answer.json()) as FileAnswer & { status: string } };
}

const joined = (...pieces: (Uint8Array | string)[]) =>
  Buffer.concat(pieces.map((each) => (typeof each === 'string' ? Buffer.from(each, 'latin1') : each)));

/** Opens a URL in a tab; what it shows, or that it is downloaded. */
async function open(page: Page, url: string): Promise<'shown' | 'downloaded'> {
  const download = page.waitForEvent('download', { timeout: 10_000 }).then(
    async (each) => {
      await each.cancel();
      return true;
    },
    () => false,
  );
  const shown = await page.goto(url).then(
    () => true,
    (error) => (/download is starting|ERR_ABORTED/i.test(String(error)) ? false : Promise.reject(error)),
  );
  if (shown) return 'shown';
  expect(await download).toBe(true);
  return 'downloaded';
}

/** Nothing ran: no dialog, no request to the canary, no mark. What had begun before the loud tab's is heard before it. */
async function expectQuiet(page: Page, place: Place, dialogs: string[], loud: Loud): Promise<void> {
  await loud();
  expect(dialogs).toEqual([]);
  expect(place.web.asked.filter(({ url }) => url.startsWith(place.web.origin('canary')))).toEqual([]);
  for (const frame of page.frames()) expect(await frame.evaluate(() => 'hacked' in self)).toBe(false);
}
function dialogsOf(page: Page): string[] {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return dialogs;
}

test('what could hold a script is refused', async ({ place }) => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="${place.script}"><script>${place.script}</script></svg>`;
  for (const text of [
    svg,
    `<?xml version="1.0"?>${svg}`,
    place.html,
    `<!-- -->${place.html}`,
    `\n\n  <script>${place.script}</script>`,
  ])
    for (const [name, type] of [
      ['cat.png', 'image/png'],
      ['cat.svg', 'image/svg+xml'],
      ['cat.html', 'text/html'],
      ['cat.txt', 'text/plain'],
    ])
      expect(await upload(place, Buffer.from(text), name as string, type)).toMatchObject({
        status: 400,
        body: { status: 'FILE_REFUSED' },
      });
});

test('two things in one, opened by their URL, run nothing', async ({ page, place, loud }) => {
  const dialogs = dialogsOf(page);
  const words = `*/=1;${place.script}//`.slice(0, 255);
  const gifScript = joined(
    'GIF89a/*\x01\0\0\0\0',
    samples.gif(1, 1).subarray(13, -1),
    `\x21\xfe${String.fromCharCode(words.length)}${words}\0;`,
  );
  const jpegComment = samples.jpeg(8, 8);
  const comment = Buffer.from(place.html);
  const length = Buffer.from([(comment.length + 2) >> 8, (comment.length + 2) & 255]);
  const things: [string, Buffer, 'shown' | 'downloaded'][] = [
    ['a PNG with HTML in its words', samples.png(1, 1, samples.pngPiece('tEXt', comment)), 'shown'],
    ['a PNG with HTML behind it', joined(samples.png(1, 1), place.html), 'shown'],
    ['a GIF that is a script', gifScript, 'shown'],
    [
      'a JPEG with HTML as its comment',
      joined(jpegComment.subarray(0, 2), '\xff\xfe', length, comment, jpegComment.subarray(2)),
      'shown',
    ],
    [
      'sound with HTML in its tag',
      joined('ID3\x04\0\0\0\0\x07\x7f', place.html.padEnd(1_023), samples.mp3().subarray(15)),
      'shown',
    ],
    ['a PDF that is HTML', joined('%PDF-1.7\n', place.html, '\n%%EOF'), 'downloaded'],
    ['a ZIP with HTML in it', samples.zip({ 'a.html': place.html }), 'downloaded'],
    ['text that goes on as HTML', joined('Hello ', place.html), 'downloaded'],
    ['a script', Buffer.from(place.script), 'downloaded'],
  ];
  for (const [what, bytes, wanted] of things) {
    const { status, body } = await upload(place, bytes, 'page.html', 'text/html');
    expect({ what, status }).toEqual({ what, status: 200 });

    expect({ what, way: await open(page, body.url) }).toEqual({ what, way: wanted });
    await expectQuiet(page, place, dialogs, loud);
    if (wanted === 'shown') expect(await page.evaluate(() => self.origin)).toBe('null');
  }
});

test('even bytes that got past every look run nothing, in a tab or out of a page', async ({ page, place, loud }) => {
  const dialogs = dialogsOf(page);
  const { body } = await upload(place, samples.png(1, 1), 'cat.png');
  const folder = join(place.server.data, 'files', body.id.slice(-2));
  expect(readdirSync(folder)).toContain(body.id);
  const png = await readFile(join(folder, body.id));
  // As if the kinds had been told apart wrongly: the server sends what stands there as the PNG that it was.
  const plant = (text: string) => writeFile(join(folder, body.id), text.padEnd(png.length).slice(0, png.length));
  expect(png.length).toBeLessThan(100);

  await plant('<script>hacked=1;alert(1)</script>');
  const tab = await page.context().newPage();
  const inTab = dialogsOf(tab);
  await tab.goto(body.url);
  await expectQuiet(tab, place, inTab, loud);
  await tab.close();

  await plant('hacked=1;alert(1)');
  const host = place.web.put(
    'evil',
    '/page',
    `<script src="${body.url}?1"></script><iframe src="${body.url}?2"></iframe><object data="${body.url}?3"></object>
     <embed src="${body.url}?4"><link rel="stylesheet" href="${body.url}?5"><script type="module" src="${body.url}?6"></script>
     <script>try { new Worker('${body.url}?7') } catch {}</script>`,
  );
  await page.goto(host);
  await expectQuiet(page, place, dialogs, loud);
});

test('the origin of files has no page, no cookie and no door of the chat', async ({ page, place }) => {
  const { body } = await upload(place, samples.pdf(), 'a.pdf');
  const { origin, pathname } = new URL(body.url);
  expect(origin).not.toBe(place.server.origin);

  for (const path of [
    '/',
    '/widget/?site=ag-bank',
    '/guichet.js',
    '/webview.js',
    '/v2/users',
    '/widget/v1/session',
    '/openapi.json',
  ])
    expect((await page.goto(`${origin}${path}`))?.status(), path).toBe(404);
  expect((await page.goto(`${place.server.origin}${pathname}`))?.status()).toBe(404);
  expect(await page.context().cookies()).toEqual([]);
});

test('a picture is shown in a tab and in pages of other origins; a document is downloaded under its name', async ({
  page,
  place,
}) => {
  const picture = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const image = (await upload(place, picture, 'cat.png')).body;
  const document = (await upload(place, samples.pdf(), 'Kontoauszug März.pdf')).body;

  await page.goto(image.url);
  await expect(page.locator('img')).toHaveJSProperty('naturalWidth', 1);
  const host = place.web.put('bank', '/page', {
    headers: { 'cross-origin-embedder-policy': 'require-corp' },
    body: `<img src="${image.url}"><a href="${document.url}" target="_blank">Open</a>`,
  });
  await page.goto(host);
  await expect(page.locator('img')).toHaveJSProperty('naturalWidth', 1);
  const downloaded = new Promise<Download>((resolve) => {
    page.on('download', resolve);
    page.context().on('page', (popup) => popup.on('download', resolve));
  });
  await page.getByText('Open').click();
  const download = await downloaded;

  expect(download.suggestedFilename()).toBe('Kontoauszug März.pdf');
  expect(await readFile((await download.path()) ?? '')).toEqual(samples.pdf());
});

test('sound plays in a tab and in a page, and can be moved to any place', async ({ page, place }) => {
  const seconds = 4;
  const samplesOf = Buffer.alloc(8_000 * seconds, 128);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samplesOf.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samplesOf.length, 40);
  const { body } = await upload(place, Buffer.concat([head, samplesOf]), 'note.wav', 'audio/wav');

  await page.goto(body.url);
  await expect(page.locator('video')).toHaveJSProperty('duration', seconds);
  await page.goto(place.web.put('bank', '/sound', `<audio controls src="${body.url}"></audio>`));
  const audio = page.locator('audio');
  await expect(audio).toHaveJSProperty('duration', seconds);
  await audio.evaluate((element) => {
    (element as HTMLAudioElement).currentTime = 3;
  });
  await expect(audio).toHaveJSProperty('seeking', false);
  await expect(audio).toHaveJSProperty('currentTime', 3);
});

test('a browser that still sends is told why its file is refused', async ({ page, place }) => {
  const session = await place.server.fetch('/widget/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ site: 'ag-bank' }),
  });
  const { token } = (await session.json()) as SessionAnswer;
  await page.goto(`${place.server.origin}/health`);
  const send = (head: string, bytes: number) =>
    page.evaluate(
      async ([bearer, start, size]) => {
        const answer = await fetch('/widget/v1/files', {
          method: 'POST',
          headers: { authorization: `Bearer ${bearer}`, 'x-file-name': 'a' },
          body: new Blob([start, new Uint8Array(size)]),
        });
        return ((await answer.json()) as { status: string }).status;
      },
      [token, head, bytes] as const,
    );

  for (let time = 0; time < 3; time += 1) {
    expect(await send('<svg>', 15_000_000)).toBe('FILE_REFUSED');
    expect(await send('\x89PNG\r\n\x1a\n', 15_000_000)).toMatch(/FILE_REFUSED|PAYLOAD_TOO_LARGE/);
    expect(await send('%PDF-1.7', 40_000_000)).toBe('PAYLOAD_TOO_LARGE');
  }
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 50,
    downloadThroughput: 1_000_000,
    uploadThroughput: 1_000_000,
  });
  expect(await send('<svg>', 8_000_000)).toBe('FILE_REFUSED');
});

test('what browsers make themselves is taken, measured right and shown', async ({ page, place }) => {
  await page.goto(place.web.put('maker', '/page', '<canvas width="64" height="48"></canvas>'));
  const made = await page.evaluate(async () => {
    const canvas = document.querySelector('canvas') as HTMLCanvasElement;
    canvas.getContext('2d')?.fillRect(8, 8, 20, 20);
    const blobs: Blob[] = [];
    for (const type of ['image/png', 'image/jpeg', 'image/webp']) {
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.8));
      if (blob) blobs.push(blob);
    }
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm' });
    recorder.ondataavailable = ({ data }) => blobs.push(data);
    const stopped = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start();
    const draw = setInterval(() => canvas.getContext('2d')?.fillRect(Math.random() * 64, 0, 5, 5), 30);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    recorder.stop();
    await stopped;
    clearInterval(draw);
    const bytesOf = async (blob: Blob) => [...new Uint8Array(await blob.arrayBuffer())];
    return Promise.all(blobs.map(async (blob) => ({ type: blob.type, bytes: await bytesOf(blob) })));
  });
  expect(made.map(({ type }) => type.split(';')[0])).toEqual(['image/png', 'image/jpeg', 'image/webp', 'video/webm']);

  for (const { type, bytes } of made) {
    const { status, body } = await upload(place, Buffer.from(bytes), 'mine', type);
    expect({ type, status, size: body.size }).toEqual({ type, status: 200, size: bytes.length });
    expect(type).toContain(body.content_type);
    if (type.startsWith('image/')) expect(body).toMatchObject({ width: 64, height: 48 });
    await page.goto(body.url);
    const shown = page.locator(type.startsWith('image/') ? 'img' : 'video');
    await expect(shown).toHaveJSProperty(type.startsWith('image/') ? 'naturalWidth' : 'videoWidth', 64);
  }
});
