/**
 * The canary in every mode of a web view and in both mounts. The whole of what Guichet holds and sends is gathered over
 * all of them, in one browser and on one server, and is searched once.
 */
import type { BrowserContext, Frame, Page } from '@playwright/test';
import { findCanary } from '../support/canary';
import { cardNumber } from './bankStory';
import {
  documentsOf,
  type Evidence,
  eavesdrop,
  type Find,
  heapOf,
  overhearMessages,
  record,
  searchAll,
  searchFolderForAll,
  storagesOf,
  telling,
  watchTexts,
} from './evidence';
import { inPage } from './puppet';
import { type Chat, expect, openChat, test, type World, webViewButton, welcomed } from './world';

interface Kind {
  /** Where the button asks for the frame to stand. */
  readonly mount: 'widget' | 'host';
  /** Whose site the page is of: one of its own, or a host page's, on a subdomain. */
  readonly site: 'page' | 'page.host';
  readonly mode: 'default' | 'popups' | 'strict';
  /** Which of the site's host pages the customer is on; `shop` is of another site than all the others. */
  readonly on?: 'shop';
}
const kinds: readonly Kind[] = [
  { mount: 'widget', site: 'page', mode: 'default' },
  { mount: 'widget', site: 'page', mode: 'popups' },
  { mount: 'widget', site: 'page', mode: 'strict' },
  { mount: 'widget', site: 'page.host', mode: 'default' },
  { mount: 'widget', site: 'page.host', mode: 'popups' },
  { mount: 'widget', site: 'page.host', mode: 'strict' },
  { mount: 'host', site: 'page.host', mode: 'default' },
  { mount: 'host', site: 'page.host', mode: 'popups' },
  { mount: 'host', site: 'page.host', mode: 'strict' },
  // On a page of another site it doesn't stand in the host page, whatever its button asks for.
  { mount: 'host', site: 'page.host', mode: 'default', on: 'shop' },
];
const options = ({ mount, mode }: Kind) => ({
  ...(mount === 'host' ? { mount } : {}),
  ...(mode === 'strict' ? { strict: true } : {}),
  ...(mode === 'popups' ? { permissions: ['popups'] } : {}),
});
const standsInHost = ({ mount, on }: Kind) => mount === 'host' && on !== 'shop';
const isCrossSite = ({ site, on }: Kind) => site === 'page' || on === 'shop';

/** Keeps what is typed in a variable, sends it to its own server, and shows it to a window of its own if it can open one. */
const payPage = `<button id="pop">Pop</button><script>
  var typed = '';
  addEventListener('input', ({ target }) => {
    typed = target.value;
    void fetch('/pay', { method: 'POST', body: typed });
  });
  pop.onclick = () => { window.popped = open('/popup'); };
</script>`;
const popup = `<title>Popup</title><script>fetch('/pay', { method: 'POST', body: 'popup ' + opener.typed })</script>`;

/** Its styles are for its own frames and boxes; ours stand as they are. */
const hostBody = `<label>Search <input></label><style>
  iframe, div { display: none !important; width: 1px !important; opacity: 0 !important; pointer-events: none !important }
</style>`;

test('in no mode and no mount anything of ours holds or hears what is typed into the page', {
  tag: '@cookies',
}, async ({ context, world, thirdPartyCookies }) => {
  test.setTimeout(300_000);
  // What a mode allows has nothing to do with cookies: without those of third parties, one of each mount and site.
  const lived = kinds.filter(({ mode }) => thirdPartyCookies === 'allowed' || mode === 'default');
  const sites = ['page', 'page.host'] as const;
  for (const site of sites) {
    world.web.put(site, '/pay', 'ok');
    world.web.put(site, '/popup', popup);
  }
  await world.configure({
    hosts: [world.web.origin('host'), world.web.origin('shop')],
    webViewOrigins: sites.map((site) => world.web.origin(site)),
    more: { allow_host_mount: true, web_view_permissions: ['popups'] },
  });
  const recorder = record(context, (url) => sites.some((site) => url.startsWith(`${world.web.origin(site)}/`)));
  const messages = await overhearMessages(context);
  const evidence: Evidence[] = [];
  const canaries: { name: string; canary: string }[] = [];
  try {
    for (const kind of lived) {
      const name = Object.values(kind).join(' ');
      const canary = cardNumber();
      canaries.push({ name, canary });
      await test.step(name, async () => {
        evidence.push(...(await live(context, world, kind, canary, messages)));
      });
    }
  } finally {
    await world.configure();
  }

  const { ours, business } = await recorder.evidence();
  evidence.push(...ours);
  evidence.push({ place: 'log', data: await world.server.log() });
  for (const { url, body, headers } of world.web.asked) {
    if (url.endsWith('/hook')) evidence.push({ place: 'webhook', data: body + JSON.stringify(headers) });
  }
  expect(recorder.unread).toEqual([]);
  for (const place of ['socket sent', 'socket received', 'request body', 'response body', 'webhook', 'log'])
    expect(new Set(evidence.map((one) => one.place)), 'each place was looked at').toContain(place);
  const typed = canaries.map(({ canary }) => canary);
  const each = <T>(finds: readonly T[]) => Object.fromEntries(canaries.map(({ name }, at) => [name, finds[at]]));
  const all = (finds: Find[]) => each(canaries.map(() => finds));
  expect(each(searchAll(evidence, typed))).toEqual(all([]));
  expect(each(await searchFolderForAll(world.server.data, typed))).toEqual(all([]));
  // At the business it is.
  expect(each(searchAll(business, typed))).toEqual(all([{ place: 'request body', forms: ['plain'] }]));
});

/** One customer's visit: opens the page, types, and leaves. Gives what host page and widget were left with. */
async function live(
  context: BrowserContext,
  world: World,
  kind: Kind,
  canary: string,
  messages: Awaited<ReturnType<typeof overhearMessages>>,
): Promise<Evidence[]> {
  const inHost = standsInHost(kind);
  const url = world.puppet(undefined, {
    name: kind.site,
    chat: inHost ? world.web.origin('host') : world.server.origin,
    body: payPage,
  });
  const talk = await world.talk([{ text: { content: 'Please pay.' } }, webViewButton(url, options(kind))]);
  const page = await context.newPage();
  const chat = await openChat(page, world.hostPage(talk, { name: kind.on ?? 'host', body: hostBody }));
  const frames = { host: page.mainFrame(), widget: chat.widget };
  const texts = await watchTexts(frames);
  const view = await open(page, chat, url);
  expect(view.parentFrame() === page.mainFrame()).toBe(inHost);
  const standing = await view.frameElement();
  expect(
    await standing.evaluate((frame) => frame.getRootNode() === document),
    'in no shadow tree: Chromium fills in no card number in a frame that is',
  ).toBe(true);
  expect(await view.evaluate('self.origin')).toBe(kind.mode === 'strict' ? 'null' : new URL(url).origin);
  const overheard = await eavesdrop(frames);
  const bodies = () => world.web.asked.map(({ body }) => body);

  // The sheet may still slide, and a click miss.
  const field = view.getByLabel('Number');
  await expect(async () => {
    await field.click();
    await expect(field).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.type(canary);
  await view.locator('#number').evaluate((input) => (input as HTMLInputElement).select());
  await expect.poll(bodies).toContain(canary);
  expect(await inPage(view, 'typed'), 'what the page itself holds').toBe(canary);
  await view.locator('#pop').click();
  if (kind.mode === 'popups') {
    await expect.poll(bodies).toContain(`popup ${canary}`);
    await inPage(view, 'popped.close()');
  } else {
    expect(await inPage(view, 'popped')).toBe(null);
  }

  expect(findCanary(await heapOf(context, chat.widget), canary), 'the widget’s heap').toEqual([]);
  if (isCrossSite(kind)) {
    expect(findCanary(await heapOf(context, page), canary), 'the host page’s heap').toEqual([]);
    expect(findCanary(await heapOf(context, view), canary), 'the page’s own heap').not.toEqual([]);
  }
  await expectNoWayFrom(frames.host, ['chat', 'page']);
  await expectNoWayFrom(frames.widget, ['host', 'page']);
  const { host = [], widget = [] } = await overheard();
  expect(telling([...host, ...widget])).toEqual([]);

  await chat.at.getByRole('button', { name: /^Close / }).click();
  await expect.poll(() => talk.told('web_view_close').length).toBe(1);
  await expectEars(page, chat, overheard);
  const found = [
    ...(await documentsOf(frames)),
    ...(await storagesOf(frames, context)),
    ...(await texts()),
    ...(await messages(frames)),
  ];
  await page.close();
  return found;
}

async function open(page: Page, chat: Chat, url: string): Promise<Frame> {
  await chat.at.getByRole('button', { name: 'Open the page' }).click();
  await expect.poll(() => page.frames().map((frame) => frame.url())).toContain(url);
  const view = page.frames().find((frame) => frame.url() === url) as Frame;
  await welcomed(view);
  return view;
}

/**
 * Every window that this document can find, the page's among them, gives it nothing: where two sites share a process, and
 * so a heap, it's this that keeps them apart.
 */
async function expectNoWayFrom(frame: Frame, others: string[]): Promise<void> {
  const found = await frame.evaluate(() => {
    const windows = new Set<Window>([parent, top as Window]);
    const collect = (from: Window) => {
      for (let at = 0; at < from.length; at += 1) windows.add(from[at] as Window);
    };
    const walk = (root: Document | ShadowRoot) => {
      for (const element of root.querySelectorAll('*')) {
        if (element instanceof HTMLIFrameElement) windows.add(element.contentWindow as Window);
        if (element.shadowRoot) walk(element.shadowRoot);
      }
    };
    walk(document);
    for (const one of [window, ...windows]) collect(one);
    windows.delete(window);
    const ways: ((other: Window & { typed?: string; eval?: unknown }) => unknown)[] = [
      (other) => other.document,
      (other) => other.location.href,
      (other) => other.localStorage,
      (other) => other.typed,
      (other) => other.eval,
      (other) => other.name,
      (other) => other.frameElement,
      (other) => other.getSelection,
    ];
    return [...windows].map((other) =>
      ways.map((way) => {
        try {
          return `gave ${way(other)}`;
        } catch (error) {
          return (error as Error).name;
        }
      }),
    );
  });
  expect(found.length, `windows of ${others}`).toBe(others.length);
  expect(new Set(found.flat())).toEqual(new Set(['SecurityError']));
}

/** The same ears hear what is typed into the chat, and into the host page. */
async function expectEars(page: Page, chat: Chat, overheard: Awaited<ReturnType<typeof eavesdrop>>): Promise<void> {
  await chat.at.getByRole('textbox', { name: 'Write a message' }).click();
  await page.keyboard.type('h');
  await page.getByLabel('Search').click();
  await page.keyboard.type('h');
  const { host = [], widget = [] } = await overheard();
  expect(telling(widget).map(({ key }) => key)).toContain('h');
  expect(telling(host).map(({ text }) => text)).toContain('h');
}
