/** Nobody reaches into anybody: the host page not into the chat or the page in it, the page not out of its frame. */
import type { Frame, Page } from '@playwright/test';
import { inPage } from './puppet';
import { expect, openChat, openView, test, type World, webViewButton } from './world';

async function withView(page: Page, world: World, host: { head?: string; body?: string } = {}) {
  const talk = await world.talk([webViewButton(world.puppet())]);
  const chat = await openChat(page, world.hostPage(talk, host));
  return { talk, chat, view: await openView(chat) };
}

/** What comes of each expression: the name of the error, or what it gave. */
const outcomes = (frame: Frame | Page, expressions: readonly string[]) =>
  frame.evaluate(async (all) => {
    const seen: Record<string, string> = {};
    for (const expression of all) {
      try {
        const value = await new Function(`return (${expression})`)();
        seen[expression] = `gave ${String(value)}`;
      } catch (error) {
        seen[expression] = error instanceof DOMException || error instanceof Error ? error.name : String(error);
      }
    }
    return seen;
  }, expressions);

const all = (expressions: readonly string[], outcome: string) =>
  Object.fromEntries(expressions.map((expression) => [expression, outcome]));

const insides = [
  'document',
  'document.body.innerHTML',
  'location.href',
  'location.search',
  'location.assign',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'caches',
  'navigator',
  'history.length',
  'origin',
  'name',
  'frameElement',
  'eval',
  'fetch',
  'onmessage',
  'heard',
  'customElements',
  'Object',
  'navigation',
];

test('a script of the host page that reaches into the chat or into the page in it gets a SecurityError', async ({
  page,
  world,
}) => {
  await withView(page, world);
  const inChat = insides.map((inside) => `window[0].${inside}`);
  const inView = insides.flatMap((inside) => [`window[0][0].${inside}`, `frames[0].frames[0].${inside}`]);
  const reaches = [
    ...inChat,
    ...inView,
    `document.querySelector('guichet-chat > iframe').contentWindow.document`,
    'Object.getOwnPropertyDescriptor(window[0], "document")',
    'Reflect.get(window[0][0], "document")',
    'Reflect.set(window[0][0], "onkeydown", () => {})',
    'window[0][0].addEventListener("keydown", () => {})',
    'window[0].constructor',
    'window[0][0].setTimeout("")',
    'window[0][0].opener = window',
  ];

  expect(await page.evaluate('[window.length, window[0].length]')).toEqual([1, 1]);
  expect(await outcomes(page, reaches)).toEqual(all(reaches, 'SecurityError'));
  expect(
    await outcomes(page, [
      `document.querySelector('guichet-chat > iframe').contentDocument`,
      'window[0].document?.x ?? 0',
      'window[0][0].opener',
    ]),
  ).toEqual({
    "document.querySelector('guichet-chat > iframe').contentDocument": 'gave null',
    'window[0].document?.x ?? 0': 'SecurityError',
    'window[0][0].opener': 'gave null',
  });
});

test('the same host script reads a frame of its own origin: the test could fail', async ({ page, world }) => {
  world.web.put('host', '/own', '<p>own</p>');
  await page.goto(world.web.put('host', '/framing', '<iframe src="/own"></iframe>'));

  expect(await outcomes(page, ['window[0].document.body.textContent', 'window[0].name'])).toEqual({
    'window[0].document.body.textContent': 'gave own',
    'window[0].name': 'gave ',
  });
});

test('no frame of ours has a name by which another tab could find it', async ({ page, world, context }) => {
  const { chat, view } = await withView(page, world);

  expect(await chat.widget.evaluate('name')).toBe('');
  expect(await view.evaluate('name')).toBe('');

  // A tab that the host page opens by any name is a new one, not the chat.
  const [opened] = await Promise.all([
    context.waitForEvent('page'),
    page.evaluate(`void open(${JSON.stringify(world.web.put('evil', '/tab', 'tab'))}, 'guichet')`),
  ]);
  await opened.waitForURL(/evil/);
  expect(page.frames().map((frame) => new URL(frame.url()).host.split('.')[0])).toEqual(['host', 'chat', 'page']);
});

test('a host script can send the frame of the page nowhere but to the site’s own origins', async ({ page, world }) => {
  const evil = world.web.put('evil', '/look-alike', 'evil');
  const { chat, view } = await withView(page, world);

  await page.evaluate(`void (window[0][0].location = ${JSON.stringify(evil)})`);

  await expect(chat.at.getByText('This page can’t be shown in the chat')).toBeVisible();
  expect(world.web.asked.filter(({ url }) => url === evil)).toEqual([]);
  expect(view.isDetached()).toBe(true);
});

test('the page in the chat reads nothing of the chat or of the host page', async ({ page, world }) => {
  const { view } = await withView(page, world);
  const reaches = insides.flatMap((inside) => [`parent.${inside}`, `top.${inside}`, `parent.parent.${inside}`]);

  expect(await outcomes(view, reaches)).toEqual(all(reaches, 'SecurityError'));
  expect(await outcomes(view, ['frameElement', 'opener', 'document.referrer'])).toEqual({
    frameElement: 'gave null',
    opener: 'gave null',
    'document.referrer': 'gave ',
  });
});

test('the page in the chat learns of its surroundings their origins only', async ({ page, world }) => {
  const { view } = await withView(page, world);

  expect(await view.evaluate('[...location.ancestorOrigins]')).toEqual([world.server.origin, world.web.origin('host')]);
  expect(await view.evaluate('location.href + document.cookie + window.name')).toMatch(
    /^http:\/\/page\.localhost:\d+\/view\/\d+$/,
  );
});

/** Each is run in the page without a gesture, and again by a real click. */
const escapes: Record<string, string> = {
  'top.location by assignment': 'top.location = evil',
  'top.location.href': 'top.location.href = evil',
  'top.location.replace': 'top.location.replace(evil)',
  'parent.location': 'parent.location = evil',
  'a javascript: URL for the parent': 'parent.location = "javascript:alert(1)"',
  'a link to _top': 'link("_top")',
  'a link to _parent': 'link("_parent")',
  'a link to _blank': 'link("_blank")',
  'a form to _top': 'form("_top")',
  'a form to _blank': 'form("_blank")',
  'window.open': 'window.open(evil)',
  'window.open of _top': 'window.open(evil, "_top")',
  'window.open of _parent': 'window.open(evil, "_parent")',
  'window.open of a named frame': 'window.open(evil, "guichet")',
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

for (const how of ['without a click', 'with a click']) {
  test(`the page in the chat can’t get out of its frame ${how}`, async ({ page, context, world }) => {
    const evil = world.web.put('evil', '/caught', 'caught');
    world.web.put('page', '/attachment', {
      headers: { 'content-disposition': 'attachment; filename=loot.txt' },
      body: 'x',
    });
    const elsewhere = world.web.put('evil', '/inside', 'a frame inside the page is the page’s own affair');
    world.web.put('page', '/meta', `<base target="_top"><meta http-equiv="refresh" content="0; url=${elsewhere}">`);
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
    const { chat, view } = await withView(page, world);
    happened.length = 0;
    await view.evaluate((url) => {
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
      document.body.insertAdjacentHTML('beforeend', '<button id="go">Go</button>');
    }, evil);
    const hostUrl = page.url();
    const widgetUrl = chat.widget.url();
    const links = /_self/;

    for (const [name, code] of Object.entries(escapes)) {
      // A frame may send itself where it likes, inside the site's origins: that is in hello.spec.
      if (links.test(code)) continue;
      if (how === 'with a click') {
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
      } else {
        await view.evaluate(`(async () => { ${code} })().catch(() => {})`);
      }
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
    expect(context.pages()).toHaveLength(2);
    expect(await chat.at.locator('.sheet iframe').getAttribute('sandbox')).toBe(
      'allow-scripts allow-forms allow-same-origin',
    );
  });
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

test('the frame carries nothing but what the design grants', async ({ page, world }) => {
  const { chat } = await withView(page, world);
  const attributes = await chat.at
    .locator('.sheet iframe')
    .evaluate((frame) => Object.fromEntries([...frame.attributes].map(({ name, value }) => [name, value])));

  expect(attributes).toEqual({
    sandbox: 'allow-scripts allow-forms allow-same-origin',
    referrerpolicy: 'no-referrer',
    allow: '',
    title: 'The page',
    src: expect.stringMatching(/^http:\/\/page\.localhost:/),
  });
});

test('camera, microphone, place, payment and clipboard stay closed to the page', async ({ page, world }) => {
  const features = [
    'camera',
    'microphone',
    'geolocation',
    'payment',
    'clipboard-read',
    'usb',
    'fullscreen',
    'autoplay',
  ];
  const allowed = features.map((name) => `document.featurePolicy.allowsFeature("${name}")`).join();
  const { view } = await withView(page, world);

  expect(await view.evaluate(`[${allowed}]`)).toEqual(features.map(() => false));

  await page.goto(view.url());
  expect(await page.evaluate(`[${allowed}]`), 'in a tab of its own they are open').toEqual(features.map(() => true));
});
