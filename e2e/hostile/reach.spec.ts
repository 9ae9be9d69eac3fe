/** Nobody reaches into anybody: the host page not into the chat or the page in it, the page not out of its frame. */
import type { Frame, Page } from '@playwright/test';
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
  await expect.poll(() => view.isDetached()).toBe(true);
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
