/** The page in the chat tries to get out of its frame: by every way that is known, in every mode, in both mounts. */
import type { BrowserContext, Frame, Page } from '@playwright/test';
import { offer, tap } from './hostMount';
import { inPage } from './puppet';
import { type Chat, expect, openChat, openView, test, type World } from './world';

/** Each is run in the page without a gesture, or by a real click. */
const escapes: Record<string, string> = {
  'top.location by assignment': 'top.location = evil',
  'top.location.href': 'top.location.href = evil',
  'top.location.replace': 'top.location.replace(evil)',
  'parent.location': 'parent.location = evil',
  'a javascript: URL for the parent': 'parent.location = "javascript:alert(1)"',
  'a link to _top': 'link("_top")',
  'a link to _parent': 'link("_parent")',
  'a form to _top': 'form("_top")',
  'window.open of _top': 'window.open(evil, "_top")',
  'window.open of _parent': 'window.open(evil, "_parent")',
  'a link with download': 'link("_self", "loot.txt")',
  'a download by blob':
    'Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob(["x"])), download: "x.txt" }).click()',
  'a frame with a download': 'frame("/attachment")',
  alert: 'alert(1)',
  confirm: 'confirm("sure?")',
  prompt: 'prompt("card?")',
  print: 'print()',
  'beforeunload asks': 'onbeforeunload = (event) => { event.preventDefault(); event.returnValue = "stay"; }',
  'meta refresh in a nested frame to _top': 'frame("/meta")',
  'its own sandbox attribute': 'frameElement.removeAttribute("sandbox")',
  'closing the window': 'top.close()',
  fullscreen: 'document.documentElement.requestFullscreen()',
  'pointer lock': 'document.documentElement.requestPointerLock()',
  'an app by its scheme': 'top.location = "mailto:someone@bank.example"',
};
/** These a page may do that was granted popups; nobody else. */
const popups: Record<string, string> = {
  'a link to _blank': 'link("_blank")',
  'a form to _blank': 'form("_blank")',
  'window.open': 'window.open(evil)',
  'window.open of a named frame': 'window.open(evil, "guichet")',
};

interface Mode {
  readonly mount: 'widget' | 'host';
  readonly mode: 'default' | 'popups' | 'strict';
  readonly how: 'without a click' | 'with a click';
}
const modes: readonly Mode[] = [
  { mount: 'widget', mode: 'default', how: 'without a click' },
  { mount: 'widget', mode: 'default', how: 'with a click' },
  { mount: 'widget', mode: 'popups', how: 'with a click' },
  { mount: 'widget', mode: 'strict', how: 'with a click' },
  { mount: 'host', mode: 'default', how: 'with a click' },
  { mount: 'host', mode: 'popups', how: 'with a click' },
  { mount: 'host', mode: 'strict', how: 'with a click' },
];
const sandboxes = {
  default: 'allow-scripts allow-forms allow-same-origin',
  popups: 'allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox',
  strict: 'allow-scripts allow-forms',
};

test.afterAll(({ world }) => world.configure());

for (const { mount, mode, how } of modes)
  test(`the page can’t get out of its frame ${how}: ${mode}, in the ${mount === 'host' ? 'host page' : 'widget'}`, async ({
    page,
    context,
    world,
  }) => {
    const { evil, happened } = watch(page, context, world);
    const { address } = await offer(world, {
      mount,
      button: {
        ...(mode === 'strict' ? { strict: true } : {}),
        ...(mode === 'popups' ? { permissions: ['popups'] } : {}),
      },
    });
    const chat = await openChat(page, address);
    const view = mount === 'host' ? await tap(page, chat) : await openView(chat);
    const hostUrl = page.url();
    const widgetUrl = chat.widget.url();
    happened.length = 0;
    await equip(view, evil);

    for (const [name, code] of Object.entries({ ...escapes, ...(mode === 'popups' ? {} : popups) })) {
      await run(view, code, how, name);
      expect(happened, name).toEqual([]);
    }

    // Whatever was only queued has happened by now: the page has had a turn since, and what the host page may do is heard,
    // each by the way of its own by which the page's would have been.
    await inPage(view, 'ask("resize", { height: 300 })');
    const permitted = world.web.put('host', '/permitted', 'permitted');
    await page.evaluate((url) => {
      const link = Object.assign(document.createElement('a'), { href: 'data:text/plain,x', download: 'permitted.txt' });
      document.body.append(link);
      link.click();
      open(url);
      setTimeout(() => alert('permitted'));
    }, permitted);
    await expect.poll(() => [...happened].sort()).toEqual(['a new page', 'dialog permitted', 'download permitted.txt']);
    await expect.poll(() => world.web.asked.map(({ url }) => url)).toContain(permitted);
    expect(page.url()).toBe(hostUrl);
    expect(chat.widget.url()).toBe(widgetUrl);
    for (const frame of [page.mainFrame(), chat.widget, view])
      expect(await frame.evaluate('[document.pointerLockElement, document.fullscreenElement]')).toEqual([null, null]);
    expect(world.web.asked.filter(({ url }) => url === evil)).toEqual([]);
    const [, opened] = context.pages();
    expect(context.pages()).toHaveLength(2);
    await opened?.close();
    expect(await (await view.frameElement()).getAttribute('sandbox')).toBe(sandboxes[mode]);
    if (mode === 'popups') await expectNoWayByPopup(page, context, world, chat, view);
  });

/** What would be an escape, as it happens. */
function watch(page: Page, context: BrowserContext, world: World) {
  const evil = world.web.put('evil', '/caught', 'caught');
  const elsewhere = world.web.put('evil', '/inside', 'a frame inside the page is the page’s own affair');
  for (const name of ['page', 'cards.bank']) {
    world.web.put(name, '/attachment', {
      headers: { 'content-disposition': 'attachment; filename=loot.txt' },
      body: 'x',
    });
    world.web.put(name, '/meta', `<base target="_top"><meta http-equiv="refresh" content="0; url=${elsewhere}">`);
  }
  const happened: string[] = [];
  page.on('dialog', (dialog) => {
    happened.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('download', (download) => happened.push(`download ${download.suggestedFilename()}`));
  context.on('page', () => happened.push('a new page'));
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) happened.push(`the top went to ${frame.url()}`);
  });
  return { evil, happened };
}

/** Gives the page the words that the escapes are written in. */
const equip = (view: Frame, evil: string) =>
  view.evaluate((url) => {
    const scope = globalThis as unknown as Record<string, unknown>;
    scope.evil = url;
    scope.link = (target: string, download?: string) => {
      const made = Object.assign(document.createElement('a'), { href: url, target, textContent: 'x' });
      if (download) made.download = download;
      document.body.append(made);
      made.click();
    };
    scope.form = (target: string) => {
      const made = Object.assign(document.createElement('form'), { action: url, target });
      document.body.append(made);
      made.submit();
    };
    scope.frame = (path: string) => {
      const made = document.createElement('iframe');
      made.src = path;
      document.body.append(made);
      return new Promise((resolve) => {
        made.onload = resolve;
        setTimeout(resolve, 500);
      });
    };
    document.body.insertAdjacentHTML('afterbegin', '<button id="go">Go</button>');
  }, evil);

async function run(view: Frame, code: string, how: Mode['how'], name: string): Promise<void> {
  // A frame may send itself where it likes, inside the site's origins: that is in hello.spec.
  if (/_self/.test(code)) return;
  if (how === 'without a click') return void (await view.evaluate(`(async () => { ${code} })().catch(() => {})`));
  await view.evaluate((source) => {
    const go = document.getElementById('go');
    if (go)
      go.onclick = () => {
        go.textContent = 'done';
        return new Function(source)();
      };
  }, code);
  await view.locator('#go').click();
  await expect(view.locator('#go'), name).toHaveText('done');
  await view.evaluate("document.getElementById('go').textContent = 'Go'");
}

/** A window that the page opens is free of the sandbox; the windows above the page are as far from it as ever. */
async function expectNoWayByPopup(page: Page, context: BrowserContext, world: World, chat: Chat, view: Frame) {
  const evil = world.web.put('evil', '/caught-by-popup', 'caught');
  const popup = world.web.put(
    'cards.bank',
    '/popup',
    `<script>
      var outcomes = [() => { opener.top.location = '${evil}' }, () => { opener.parent.location = '${evil}' }, () => opener.top.document.title,
        () => opener.parent.document.title].map((way) => { try { return 'gave ' + way() } catch (error) { return error.name } });
    </script>`,
  );
  const [opened] = await Promise.all([
    context.waitForEvent('page'),
    run(view, `window.open(${JSON.stringify(popup)})`, 'with a click', 'a popup'),
  ]);
  await opened.waitForFunction('window.outcomes');
  expect(await opened.evaluate<string[]>('outcomes')).toEqual(Array(4).fill('SecurityError'));
  await opened.close();
  await inPage(view, 'ask("resize", { height: 300 })');
  expect(world.web.asked.filter(({ url }) => url === evil)).toEqual([]);
  expect(new URL(chat.widget.url()).origin).toBe(world.server.origin);
  expect(page.isClosed()).toBe(false);
}

test('without a sandbox the same page does get out: the test could fail', async ({ page, context, world }) => {
  const evil = world.web.put('evil', '/caught', 'caught');
  const happened: string[] = [];
  page.on('dialog', (dialog) => {
    happened.push('dialog');
    void dialog.dismiss();
  });
  context.on('page', () => happened.push('popup'));
  const inner = world.web.put(
    'page',
    '/free',
    `<button onclick="alert(1); window.open('${evil}'); top.location = '${evil}'">Go</button>`,
  );
  await page.goto(world.web.put('host', '/no-sandbox', `<iframe src="${inner}"></iframe>`));

  await page.frameLocator('iframe').getByRole('button').click();

  await page.waitForURL(evil);
  expect(happened).toEqual(['dialog', 'popup']);
});
