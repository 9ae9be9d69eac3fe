/** The SDK as it is built, in a page of the business's own that uses all of it: by import, by script tag, and by the names of other chats' SDKs. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame, Page } from '@playwright/test';
import type { View } from '../../src/webview/sdk';
import { test as base, closeReason, expect, openChat, openView, type World, webViewButton } from '../hostile/world';
import { repository } from '../support/program';

type InPage = { view: View; heard: [string, unknown][]; GuichetWebView: { view: Promise<View> } };
declare const view: View;
declare const heard: InPage['heard'];

const files = ['webview.mjs', 'webview.js', 'webview-shims.js'];

/** The business serves its own copies of the SDK, and its pages beside them; `notes` are what these told their backend. */
const test = base.extend<{ site: { page: (name: string, body: string) => string; notes: () => string[] } }>({
  site: async ({ world }, use) => {
    for (const file of files) {
      const body = await readFile(join(repository, 'dist/client', file));
      world.web.put('page', `/${file}`, { headers: { 'content-type': 'text/javascript' }, body });
    }
    const note = world.web.put('page', '/note', { status: 204 });
    const before = world.web.asked.length;
    await use({
      page: (name, body) =>
        world.web.put('page', `/sdk/${name}`, {
          headers: { 'content-security-policy': "script-src 'self' 'unsafe-inline'; connect-src 'self'" },
          body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title>
            <style>body { background: var(--guichet-surface); color: var(--guichet-text); font: 16px var(--guichet-font) }</style>
            <h1>A page of the bank</h1><label>Name <input></label>${body}`,
        }),
      notes: () => world.web.asked.slice(before).flatMap(({ url, body }) => (url === note ? [body] : [])),
    });
  },
});

const listening = `
  window.heard = [];
  window.note = (text) => fetch('/note', { method: 'POST', body: text, keepalive: true });
  window.use = (view) => {
    window.view = view;
    view.on('update', (data) => heard.push(['update', data]));
    view.on('contextChanged', (context) => heard.push(['contextChanged', context]));
    view.on('closing', ({ reason, deadline }) => { note('closing ' + reason + ' ' + (deadline > 0)); return { saved: 'in the end' }; });
  };`;
const byImport = (world: World) => `<script>${listening}</script><img src="/slow" alt="">
  <script type="module">
    import { connect } from '/webview.mjs';
    use(await connect({ chatOrigins: ${JSON.stringify(world.server.origin)} }));
  </script>`;
const byTag = (origin: string, file = 'webview.js') => `<script>${listening}</script>
  <script src="/${file}" data-chat-origin="${origin}"></script>
  <script>GuichetWebView.view.then(use, (error) => { window.failed = error.code; });</script>`;

/** Playwright's own waiting would need `unsafe-eval`, which the page's policy hasn't. */
const until = (frame: Frame, code: string) =>
  expect.poll(() => frame.evaluate(code).then(Boolean), { intervals: [20] }).toBe(true);
const connected = (frame: Frame) => until(frame, 'window.view');
const variable = (frame: Frame, name: string) =>
  frame.evaluate((of) => getComputedStyle(document.documentElement).getPropertyValue(of), name);
const errorOf = (frame: Frame, code: string) =>
  frame.evaluate<{ code: string; message: string }>(
    `(async () => { try { await (${code}); } catch ({ code, message }) { return { code, message }; } })()`,
  );
function consoleOf(page: Page): string[] {
  const lines: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().startsWith('guichet')) lines.push(message.text());
  });
  return lines;
}

test('a page that imports the SDK uses each call and hears each event', async ({ page, world, site }) => {
  const complaints = consoleOf(page);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/slow', async (route) => {
    await held;
    await route.fulfill({ body: '' });
  });
  const schema = { type: 'object', required: ['last4'], properties: { last4: { type: 'string', maxLength: 4 } } };
  const button = webViewButton(site.page('import', byImport(world)), { data: { step: 1 }, result_schema: schema });
  const talk = await world.talk([button]);
  await page.emulateMedia({ colorScheme: 'light' });
  const chat = await openChat(page, world.hostPage(talk));
  const frame = await openView(chat, { silent: true });
  await connected(frame);

  // What it was welcomed with.
  const { context, ...welcome } = await frame.evaluate(() => {
    const { id, data, state, code, context, capabilities } = view;
    return { id, data, state, code, context, capabilities };
  });
  expect(welcome).toMatchObject({ data: { step: 1 }, code: expect.stringMatching(/^gcc_/) });
  expect(welcome.id).toBe(talk.told('web_view_open')[0]?.data.web_view?.id);
  expect(welcome.capabilities).toContain('submit');
  expect(context).toEqual({
    locale: 'en-US',
    direction: 'ltr',
    time_zone: expect.stringMatching(/./),
    color_scheme: 'light',
    contrast: 'no-preference',
    reduced_motion: false,
    size: 'tall',
    safe_area: { top: 0, right: 0, bottom: 0, left: 0 },
    theme: expect.objectContaining({ '--guichet-surface': '#fff', '--guichet-brand': '#0f6b5c' }),
  });
  expect(Object.keys(context.theme)).toHaveLength(18);
  for (const [name, value] of Object.entries(context.theme)) {
    expect(value, name).not.toBe('');
    expect((await variable(frame, name)).trim(), name).toBe(value);
  }
  expect(await variable(frame, '--guichet-safe-bottom')).toBe('0px');

  // Ready, before a picture that never comes has.
  await expect(chat.at.locator('.sheet .loading')).toBeVisible();
  await frame.evaluate(() => view.ready());
  await expect(chat.at.locator('.sheet .loading')).toHaveCount(0);
  letGo();

  // The look, live: the system's scheme, then the site's own.
  await page.emulateMedia({ colorScheme: 'dark' });
  await until(frame, "document.documentElement.dataset.guichetScheme === 'dark'");
  expect(await variable(frame, '--guichet-surface')).toBe('#15191d');
  expect(await frame.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(21, 25, 29)');
  await page.evaluate("guichet('setConfig', { color_scheme: 'light', brand_color: '#7a1fa2', locale: 'ar' })");
  await until(frame, "view.context.color_scheme === 'light' && view.context.direction === 'rtl'");
  expect(await variable(frame, '--guichet-brand')).toBe('#7a1fa2');
  expect(await frame.evaluate(() => view.context.locale)).toMatch(/^ar/);
  await page.evaluate("guichet('setConfig', { locale: 'en' })");
  await page.emulateMedia({ colorScheme: 'light', contrast: 'more', reducedMotion: 'reduce' });
  await until(frame, "view.context.contrast === 'more' && view.context.reduced_motion");
  expect(await variable(frame, '--guichet-muted')).toBe(await variable(frame, '--guichet-text'));
  await until(frame, "view.context.locale.startsWith('en')");

  // Sizes: answered with what was really set.
  expect(await frame.evaluate(() => view.requestSize('full'))).toBe('full');
  await until(frame, "view.context.size === 'full'");
  const room = await chat.widget.evaluate<number>('innerHeight');
  expect(await frame.evaluate(() => view.resize(1e300))).toBeLessThanOrEqual(room);
  expect(await frame.evaluate(() => view.resize(-5))).toBe(120);
  for (const wrong of ['view.resize(NaN)', 'view.resize(1 / 0)', "view.requestSize('huge')"])
    expect(await errorOf(frame, wrong), wrong).toMatchObject({ code: 'invalid' });

  // Words are text.
  const html = '<img src=x onerror=alert(1)>Step 2';
  await frame.evaluate((text) => {
    view.setTitle(text);
    view.announce(text);
    view.openLink('https://bank.example/terms');
  }, html);
  await expect(chat.at.locator('.sheet h2').first()).toHaveText(html);
  await expect(chat.at.locator('[aria-live=polite]', { hasText: html })).toHaveCount(1);
  await expect(chat.at.getByText('Open bank.example in a new tab?')).toBeVisible();
  await chat.at.getByRole('button', { name: 'Not now' }).click();
  expect(await errorOf(frame, "view.openLink('javascript:alert(1)')")).toMatchObject({ code: 'invalid' });

  // Unsaved input is asked about.
  await frame.evaluate(() => view.setDirty(true));
  await chat.at.getByRole('button', { name: /^Close / }).click();
  await chat.at.getByRole('button', { name: 'Stay' }).click();
  await frame.evaluate(() => view.setDirty(false));

  // What the business changes while it is open.
  await world.api('PATCH', `/v2/web-views/${welcome.id}`, { data: { step: 2 } });
  await until(frame, "heard.some(([name]) => name === 'update')");
  expect(await frame.evaluate(() => view.data)).toEqual({ step: 2 });

  // Saved state comes back after a reload of everything.
  await frame.evaluate(() => view.saveState({ kept: true }));
  expect(await errorOf(frame, "view.saveState('x'.repeat(8200))")).toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/8192/),
  });
  await page.reload();
  const again = await openChat(page, page.url());
  const resumed = await openView(again, { silent: true });
  await connected(resumed);
  expect(await resumed.evaluate(() => [view.id, view.state, view.data])).toEqual([
    welcome.id,
    { kept: true },
    { step: 2 },
  ]);

  // Results: refused with their places, told in the page's console, and then taken.
  expect(await resumed.evaluate(() => view.submit({ last4: '00311' }))).toEqual({
    accepted: false,
    errors: [{ path: 'result.last4', message: expect.stringContaining('result.last4') }],
  });
  expect(complaints.at(-1)).toMatch(/^guichet: the result was not taken: result\.last4 /);
  expect(await errorOf(resumed, "view.submit({ last4: '31', card: ['4111 1111 1111 1111'] })")).toMatchObject({
    code: 'card_number',
  });
  expect(complaints.at(-1)).toMatch(/^guichet: result\.card\[0\] looks like a card number/);
  expect(complaints.join()).not.toContain('4111');
  await resumed.evaluate(`for (const press of [1, 2])
    void view.submit({ last4: '0031' }, { summary: '<b>Card</b> ending in 0031' }).then(({ accepted }) => note(press + ' ' + accepted))`);

  await expect(again.at.locator('.sheet')).toHaveCount(0);
  await expect(again.at.locator('article').getByText('<b>Card</b> ending in 0031', { exact: true })).toHaveCount(1);
  expect(await closeReason(talk)).toBe('submitted');
  expect(talk.told('web_view_submit').map(({ data }) => data.source)).toEqual(['page']);
  await expect.poll(site.notes).toEqual(expect.arrayContaining(['1 true', '2 true', 'closing submitted true']));
});

test('by its script tag it is the same; a wrong chat origin is explained; without the SDK a page works too', async ({
  page,
  world,
  site,
}) => {
  const complaints = consoleOf(page);
  const { origin } = world.server;
  // Twice, as tag managers do.
  const twice = `${byTag(`https://old.example ${origin}`)}<script src="/webview.js" data-chat-origin="https://old.example ${origin}"></script>`;
  const wrong = site.page('wrong', byTag('https://old.example'));
  const none = site.page('none', byTag('').replace(' data-chat-origin=""', ''));
  const talk = await world.talk([
    webViewButton(site.page('tag', twice), {}, 'By tag'),
    webViewButton(wrong, {}, 'Wrong'),
    webViewButton(none, {}, 'None'),
    webViewButton(site.page('without', ''), {}, 'Without'),
  ]);
  const chat = await openChat(page, world.hostPage(talk));
  const open = (label: string) => openView(chat, { label, silent: true });
  const gone = () => expect(chat.at.locator('.sheet')).toHaveCount(0);

  const tagged = await open('By tag');
  await connected(tagged);
  expect(await tagged.evaluate(() => view.resize(200))).toBe(200);
  await tagged.evaluate('GuichetWebView.view.then((view) => view.close())');
  await gone();
  expect(await closeReason(talk)).toBe('page');
  await expect.poll(site.notes).toContain('closing page true');
  expect(complaints).toEqual([]);

  const lost = await open('Wrong');
  await until(lost, 'window.failed');
  expect(await lost.evaluate('window.failed')).toBe('foreign_frame');
  expect(complaints).toEqual([
    expect.stringContaining(`framed by ${origin}, which is not among its chat origins (https://old.example). If`),
  ]);
  await chat.at.getByRole('button', { name: /^Close / }).click();
  await gone();

  const untold = await open('None');
  await until(untold, 'window.failed');
  expect(await untold.evaluate('window.failed')).toBe('bad_origin');
  await chat.at.getByRole('button', { name: /^Close / }).click();
  await gone();

  const plain = await open('Without');
  await plain.getByRole('textbox').fill('Ada');
  expect(await plain.getByRole('textbox').inputValue()).toBe('Ada');
  const id = talk.told('web_view_open').at(-1)?.data.web_view?.id;
  await world.api('POST', `/v2/web-views/${id}/submit`, { result: { ok: true }, summary: 'Done by the bank' });
  await gone();
  await expect(chat.at.getByText('Done by the bank', { exact: true })).toBeVisible();
  expect(talk.told('web_view_submit').map(({ data }) => data.source)).toEqual(['business']);
});

test('pages that were written for other chats close themselves', async ({ page, world, site }) => {
  const tag = `<script src="/webview-shims.js" data-chat-origin="${world.server.origin}"></script>`;
  const note =
    "<script>const note = (text) => fetch('/note', { method: 'POST', body: text, keepalive: true });</script>";
  const messenger = site.page(
    'messenger',
    `${note}${tag}<button>Done</button><script>
      window.extAsyncInit = () => {
        document.querySelector('button').onclick = () =>
          MessengerExtensions.requestCloseBrowser(() => note('messenger closed'), (code, words) => note(code + words));
      };
    </script>`,
  );
  const sunshine = site.page(
    'sunshine',
    `${note}<button>Done</button><script>
      window.webviewSdkInit = (sdk) => {
        sdk.setTitle('Pick a seat');
        document.querySelector('button').onclick = () => WebviewSdk.close(() => note('sunshine closed'), (e) => note(String(e)));
      };
    </script>${tag}`,
  );
  const talk = await world.talk([webViewButton(messenger, {}, 'Messenger'), webViewButton(sunshine, {}, 'Sunshine')]);
  const chat = await openChat(page, world.hostPage(talk));

  for (const label of ['Messenger', 'Sunshine']) {
    const frame = await openView(chat, { label, silent: true });
    if (label === 'Sunshine') await expect(chat.at.locator('.sheet h2').first()).toHaveText('Pick a seat');
    await frame.getByRole('button', { name: 'Done' }).click();
    await expect(chat.at.locator('.sheet')).toHaveCount(0);
    await expect.poll(site.notes).toContain(`${label.toLowerCase()} closed`);
  }
  await expect.poll(() => talk.told('web_view_close').map(({ data }) => data.reason)).toEqual(['page', 'page']);

  // In a tab of its own, where the button's fallback leads, the page is told that it can't be closed.
  await page.goto(sunshine);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect.poll(site.notes).toContain('Error: this page is not open in a chat');
});
