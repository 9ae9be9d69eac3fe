/** The page that stands in the host page: who may speak for it and for the widget, where it may go, and what it never gets. */
import type { Frame } from '@playwright/test';
import { hostName, inHost, isGone, offer, pageName, settledInHost, tap, withViewInHost } from './hostMount';
import { inPage } from './puppet';
import { close, title, watchTitles, welcomes } from './view';
import { closeReason, expect, expectUsable, openChat, test, type World, welcomed } from './world';

test.afterAll(({ world }) => world.configure());

/** The host page's policy, with what its frames may show. */
const policy = (world: World, ...frames: string[]) => ({
  headers: {
    'content-security-policy': `script-src 'nonce-a' ${world.server.origin}; frame-src ${[world.server.origin, ...frames].join(' ')}`,
  },
  nonce: 'a',
});
/** By a frame: in a tab the customer may look at what they like, and another test's did. */
const askedFor = (world: World, url: string) =>
  world.web.asked.filter((one) => one.url === url && one.headers['sec-fetch-dest'] === 'iframe');

test.describe('who is listened to', () => {
  test('a hello for the page counts from that very frame and its declared origin alone', async ({ page, world }) => {
    const host = world.web.origin(hostName);
    const twin = world.puppet('/twin', { name: pageName, chat: host, greet: false });
    const { view } = await withViewInHost(page, world, { host: { body: `<iframe src="${twin}"></iframe>` } });
    const other = page.frames().find((frame) => frame.url() === twin) as Frame;
    const inner = world.puppet('/inner', { name: pageName, chat: host, greet: false });
    await view.evaluate((src) => document.body.append(Object.assign(document.createElement('iframe'), { src })), inner);
    await expect.poll(() => view.childFrames()[0]?.url()).toBe(inner);
    const nested = view.childFrames()[0] as Frame;
    await nested.waitForFunction("typeof hello === 'function'");

    // Of the page's origin, but in another frame of the host page; and in a frame of the page's own.
    await inPage(other, 'hello(); hello("*"); 0');
    await inPage(nested, 'hello(chat, Math.random(), parent.parent); hello("*", Math.random(), parent.parent); 0');
    await page.evaluate(`postMessage({ guichet: 1, hello: 'page', id: 5 }, '*')`);
    await settledInHost(page, other);
    await settledInHost(page, view);

    expect([await welcomes(other), await welcomes(nested), await welcomes(view)]).toEqual([0, 0, 1]);
    expect(await inPage(view, 'ask("resize", { height: 200 })')).toMatchObject({ ok: true });
  });

  test('a page on another origin in that frame, even one of the site’s, gets no port', async ({ page, world }) => {
    const host = world.web.origin(hostName);
    const other = world.puppet('/elsewhere', { chat: host });
    const redirect = world.web.put(pageName, '/redirect', { status: 302, headers: { location: other } });
    const { chat, view } = await withViewInHost(page, world, { url: redirect, silent: true });
    await view.waitForURL(other);

    await inPage(view, 'hello(); hello("*"); 0');
    await settledInHost(page, view);

    expect(await welcomes(view)).toBe(0);
    await expect(chat.at.locator('.origin svg')).toBeHidden();
  });

  test('a hello for a view counts from the widget’s window and the chat’s origin alone', async ({ page, world }) => {
    const chatFrame = `<iframe id="other" src="${world.server.origin}/widget/?site=${world.site}"></iframe>`;
    const { chat, view } = await withViewInHost(page, world, { host: { body: chatFrame } });
    const sayHello = `new Promise((done) => {
      const heard = [];
      addEventListener('message', ({ data }) => {
        if (data?.welcome === 'host') heard.push(data);
        if (data === 'over') done(heard.length);
      });
      for (const id of [1, 2]) parent.postMessage({ guichet: 1, hello: 'view', id }, '*');
      parent.postMessage('over?', '*');
    })`;
    await page.evaluate(() =>
      addEventListener(
        'message',
        ({ data, source }) => data === 'over?' && (source as Window).postMessage('over', '*'),
      ),
    );
    const twin = page.frames().find((frame) => frame !== chat.widget && frame.url() === chat.widget.url()) as Frame;

    expect(await page.evaluate(sayHello), 'the host page itself').toBe(0);
    expect(await view.evaluate(sayHello), 'the page').toBe(0);
    expect(await twin.evaluate(sayHello), 'another frame of the chat’s origin').toBe(0);
    await expect(inHost(page)).toHaveCount(1);
    expect(await inPage(view, 'ask("resize", { height: 200 })')).toMatchObject({ ok: true });

    expect(await chat.widget.evaluate(sayHello), 'the widget: the test could fail').toBe(2);
  });

  test('the widget itself gets nothing that no page may have', async ({ page, world }) => {
    const { chat, url } = await withViewInHost(page, world);
    await close(chat);
    await isGone(page);
    const own = world.web.put(hostName, '/own', 'a page of the host’s own');
    /** What becomes of a frame that a broken widget asks for. */
    const stand = (view: object) =>
      chat.widget.evaluate(
        (wanted) =>
          new Promise<string>((done) => {
            addEventListener('message', function listen({ data, ports: [port] }) {
              if (data?.welcome !== 'host' || !port) return;
              removeEventListener('message', listen);
              port.onmessage = ({ data: { t } }) => done(t);
              port.postMessage({ t: 'view', view: wanted });
            });
            parent.postMessage({ guichet: 1, hello: 'view', id: Math.random() }, '*');
          }),
        view,
      );
    const good = { url, origin: new URL(url).origin, strict: false, title: 'x', sandbox: 'allow-scripts', allow: '' };

    expect(['load', 'port']).toContain(await stand(good));
    await expect(inHost(page)).toHaveCount(1);
    for (const bad of [
      { url: own, origin: new URL(own).origin },
      { url: own, origin: new URL(own).origin, strict: true },
      { url: own },
      { url: 'javascript:alert(1)', origin: 'null' },
      { url: 'data:text/html,x', origin: 'null' },
      { url: `blob:${good.origin}/1` },
      { origin: world.web.origin('page') },
    ])
      expect(await stand({ ...good, ...bad }), JSON.stringify(bad)).toBe('blocked');
    await isGone(page);

    await stand({
      ...good,
      sandbox:
        'allow-scripts allow-forms\tallow-same-origin allow-popups ALLOW-MODALS allow-modals allow-downloads allow-pointer-lock allow-top-navigation allow-top-navigation-by-user-activation allow-top-navigation-to-custom-protocols allow-orientation-lock allow-presentation',
    });
    expect(await inHost(page).getAttribute('sandbox')).toBe('allow-scripts allow-forms allow-same-origin allow-popups');
  });
});

test.describe('a page that moves', () => {
  test('a port that it has put by is dead once it has gone, and the bar says that it has', async ({ page, world }) => {
    const host = world.web.origin(hostName);
    const keeper = world.web.put(
      pageName,
      '/keeper',
      `<script>onmessage = ({ data, source, ports: [port] }) => {
        if (port) { window.kept = port; source.postMessage('kept', '*'); }
      }</script>`,
    );
    const { chat, view } = await withViewInHost(page, world, {
      greet: false,
      silent: true,
      host: { body: `<iframe id="keeper" src="${keeper}"></iframe>` },
    });
    const home = view.url();
    const kept = page.frames().find((frame) => frame.url() === keeper) as Frame;
    await view.waitForFunction("document.readyState === 'complete'");
    await settledInHost(page, view);
    await inPage(view, 'hello()');
    await welcomed(view);
    await view.evaluate(`new Promise((done) => {
      addEventListener('message', ({ data }) => data === 'kept' && done());
      for (let at = 0; at < parent.length; at++) if (parent[at] !== window) try { parent[at].kept; parent[at].postMessage('keep', '*', [port]); break; } catch {}
    })`);
    const titles = await watchTitles(chat);
    await kept.evaluate(`kept.postMessage({ v: 1, t: 'set_title', d: { title: 'Said by the keeper' } })`);
    await expect(title(chat)).toHaveText('Said by the keeper');
    await expect(chat.at.locator('.origin.known')).toHaveText(new URL(home).host);

    // Another origin of the site; the host page has no policy that would stop any other.
    const away = world.puppet('/away', { chat: host });
    await view.evaluate((url) => location.assign(url), away);
    await view.waitForURL(away);
    await view.waitForFunction("document.readyState === 'complete'");
    await settledInHost(page, view);
    await kept.evaluate(`kept.postMessage({ v: 1, t: 'set_title', d: { title: 'Said by a ghost' } })`);
    expect(await welcomes(view)).toBe(0);
    await expect(chat.at.locator('.origin')).toHaveText(/led on to another page/);
    await expect(chat.at.locator('.trust')).toHaveCount(0);

    await view.evaluate((url) => location.assign(url), home);
    await view.waitForURL(home);
    await view.waitForFunction("typeof hello === 'function'");
    await inPage(view, 'hello()');
    await welcomed(view);
    await inPage(view, 'tell("set_title", { title: "Back again" })');
    await expect(title(chat)).toHaveText('Back again');
    expect(await titles()).toEqual(['Said by the keeper', 'Back again']);
    await expect(chat.at.locator('.origin.known')).toHaveText(new URL(home).host);
  });

  test('a redirect to an origin that the site does not list is stopped, and the customer is told', async ({
    page,
    world,
  }) => {
    const evil = world.puppet('/phish', { name: 'evil' });
    const redirect = world.web.put(pageName, '/away', { status: 302, headers: { location: evil } });
    const { talk, address } = await offer(world, {
      url: redirect,
      host: policy(world, world.web.origin(pageName)),
    });
    const chat = await openChat(page, address);

    await chat.at.getByRole('button', { name: 'Open the page' }).click();

    await expect(chat.at.getByText('This page can’t be shown in the chat')).toBeVisible();
    await expect(chat.at.getByRole('link', { name: 'Open it in a tab' })).toHaveAttribute('href', redirect);
    await isGone(page);
    expect(askedFor(world, evil)).toEqual([]);
    await close(chat);
    expect(await closeReason(talk)).toBe('blocked');
    await expectUsable(chat, talk);
  });

  for (const strict of [false, true])
    test(`a ${strict ? 'strict ' : ''}page that sends itself to an origin that the host page doesn’t list is stopped too`, async ({
      page,
      world,
    }) => {
      const evil = world.puppet('/phish', { name: 'evil' });
      const { talk, chat, view } = await withViewInHost(page, world, {
        button: { strict },
        host: policy(world, world.web.origin(pageName)),
      });

      await view.evaluate((url) => location.assign(url), evil);

      await expect(chat.at.getByText('This page can’t be shown in the chat')).toBeVisible();
      expect(askedFor(world, evil)).toEqual([]);
      await close(chat);
      expect(await closeReason(talk)).toBe('blocked');
    });

  test('a strict page that the host page’s policy doesn’t let in is in the chat', async ({ page, world }) => {
    const { address, url } = await offer(world, { button: { strict: true }, host: policy(world) });
    const chat = await openChat(page, address);

    await chat.at.getByRole('button', { name: 'Open the page' }).click();

    await expect(chat.at.locator('.sheet iframe')).toHaveAttribute('src', url);
    await isGone(page);
  });

  test('a breach of the policy by another frame of the host page is none of the page’s', async ({ page, world }) => {
    const { chat, view } = await withViewInHost(page, world, { host: policy(world, world.web.origin(pageName)) });
    const evil = world.web.put('evil', '/advert', 'x');

    await page.evaluate(
      (src) =>
        new Promise((done) => {
          document.addEventListener('securitypolicyviolation', done, { once: true });
          document.body.append(Object.assign(document.createElement('iframe'), { src }));
        }),
      evil,
    );

    expect(await inPage(view, 'ask("resize", { height: 200 })')).toMatchObject({ ok: true });
    await expect(chat.at.getByText('This page can’t be shown in the chat')).toHaveCount(0);
    await expect(inHost(page)).toBeVisible();
  });

  test('two views in turn: the second’s frame is the only one, and the first’s port is closed', async ({
    page,
    world,
  }) => {
    const { talk, chat, view } = await withViewInHost(page, world);
    await close(chat);
    await expect.poll(() => talk.told('web_view_close').length).toBe(1);

    const again = await tap(page, chat);

    await expect(inHost(page)).toHaveCount(1);
    await expect.poll(() => view.isDetached()).toBe(true);
    expect(await inPage(again, 'ask("resize", { height: 200 })')).toMatchObject({ ok: true });
  });
});
