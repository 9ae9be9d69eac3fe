/** Who may talk with the widget as the page: that very frame, on that origin, for as long as it stays there. */
import type { Frame } from '@playwright/test';
import { inPage } from './puppet';
import { close, countAsked, title, watchTitles, welcomes, withView } from './view';
import { closeReason, expect, expectUsable, openChat, openView, settled, test, webViewButton, welcomed } from './world';

test.describe('who is listened to', () => {
  test('a page on another origin, even one of the site’s, gets no port', async ({ page, world }) => {
    const other = world.puppet('/elsewhere', { name: 'other' });
    const redirect = world.web.put('page', '/redirect', { status: 302, headers: { location: other } });
    const talk = await world.talk([webViewButton(redirect)]);
    const chat = await openChat(page, world.hostPage(talk));

    const codes = await countAsked(chat, 'web_view_code');

    const view = await openView(chat, { silent: true });
    await view.waitForURL(other);
    for (const target of ['chat', '"*"']) await inPage(view, `hello(${target})`);
    await settled(chat, view);

    expect(await welcomes(view)).toBe(0);
    expect(await codes()).toBe(0);
    // Nothing says that what is there comes from the declared origin.
    await expect(chat.at.locator('.origin')).toHaveText(new URL(redirect).host);
    await expect(chat.at.locator('.origin svg')).toBeHidden();
    expect(
      (await world.api('GET', `/v2/web-views/${talk.told('web_view_open')[0]?.data.web_view?.id}`)).body,
    ).toMatchObject({
      state: 'open',
    });
  });

  test('a frame inside the page, on the page’s own origin, gets no port', async ({ page, world }) => {
    const { chat, view } = await withView(page, world);
    const inner = world.puppet('/inner', { greet: false });
    await view.evaluate((src) => document.body.append(Object.assign(document.createElement('iframe'), { src })), inner);
    await expect.poll(() => view.childFrames()[0]?.url()).toBe(inner);
    const nested = view.childFrames()[0] as Frame;
    await nested.waitForFunction("typeof hello === 'function'");

    await inPage(nested, 'hello(chat, Math.random(), parent.parent); hello("*", Math.random(), parent); 0');
    await settled(chat, view);

    expect(await welcomes(nested)).toBe(0);
    expect(await welcomes(view)).toBe(1);
  });

  test('the host page’s script can’t play the page, nor the widget to the page, nor the loader once that is there', async ({
    page,
    world,
  }) => {
    const { chat, view } = await withView(page, world);
    await page.evaluate((chatOrigin) => {
      const scope = window as unknown as { got: unknown[] };
      scope.got = [];
      const widget = window[0] as Window;
      const inChat = widget[0] as Window;
      const port = () => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => scope.got.push(data);
        return port2;
      };
      addEventListener('message', ({ data, ports }) => ports.length > 0 && scope.got.push(data));
      for (const target of ['*', chatOrigin]) {
        widget.postMessage({ guichet: 1, hello: 'page', id: Math.random() }, target);
        widget.postMessage({ guichet: 1, welcome: 'loader' }, target, [port()]);
        widget.postMessage({ guichet: 1, welcome: 'widget' }, target, [port()]);
      }
      inChat.postMessage({ guichet: 1, welcome: 'widget' }, '*', [port()]);
      inChat.postMessage({ guichet: 1, hello: 'page', id: 1 }, '*');
      postMessage({ guichet: 1, hello: 'widget', id: 2 }, '*');
    }, world.server.origin);
    await settled(chat, view);

    expect(await page.evaluate('got')).toEqual([]);
    // The widget's, and the one that the host page made up, which it did not take.
    expect(await welcomes(view)).toBe(2);
    expect(await inPage(view, 'ask("resize", { height: 200 })')).toEqual({ ok: true, d: { height: 200 } });
  });

  test('the SDK takes its port from the chat and from nobody who floods it with others', async ({ page, world }) => {
    const sdk = world.web.put(
      'page',
      '/sdk',
      `<script>
        addEventListener('message', () => { window.floods = (window.floods ?? 0) + 1; });
      </script>
      <script src="${world.server.origin}/webview.js" data-chat-origin="${world.server.origin}"></script>
      <script>GuichetWebView.view.then((view) => { window.view = view; }, (error) => { window.view = String(error); })</script>`,
    );
    const talk = await world.talk([webViewButton(sdk)]);
    const chat = await openChat(page, world.hostPage(talk));
    await page.evaluate(() => {
      setInterval(() => {
        try {
          const { port1, port2 } = new MessageChannel();
          window[0]?.[0]?.postMessage({ guichet: 1, welcome: 'widget' }, '*', [port2]);
          port1.postMessage({
            v: 1,
            t: 'welcome',
            d: { web_view_id: 'stolen', code: 'fake', context: {}, capabilities: [] },
          });
        } catch {
          // The page is not there yet.
        }
      }, 1);
    });

    const view = await openView(chat, { silent: true });
    await view.waitForFunction('window.view && window.floods > 5');

    expect(await view.evaluate('view.code')).toMatch(/^gcc_/);
    expect(await view.evaluate('view.id')).toBe(talk.told('web_view_open')[0]?.data.web_view?.id);
  });

  test('another tab that the host page opened can’t speak to the chat through its opener', async ({
    page,
    context,
    world,
  }) => {
    const { chat, view } = await withView(page, world);
    const [tab] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate(`void open(${JSON.stringify(world.puppet('/tab', { name: 'evil', greet: false }))})`),
    ]);
    await tab.waitForFunction("typeof hello === 'function'");

    await tab.evaluate('for (const to of [opener, opener[0], opener[0][0]]) hello("*", Math.random(), to)');
    await settled(chat, view);

    expect(await tab.evaluate('heard.welcomes')).toBe(0);
    expect(await welcomes(view)).toBe(1);
  });
});

test.describe('a page that moves', () => {
  /** A worker that two documents of the page's origin share: the one in the chat, and one that the host page frames. */
  const keeperWorker = `onconnect = ({ ports: [client] }) => {
    client.onmessage = ({ data, ports }) => {
      if (ports[0]) { self.kept = ports[0]; self.kept.start?.(); client.postMessage('kept'); }
      else { self.kept.postMessage(data); client.postMessage('said'); }
    };
  };`;

  for (const when of ['before its load', 'after its load', 'and is gone before its load'] as const)
    test(`a port that a page has put by is dead once the page has gone elsewhere: it says hello ${when}`, async ({
      page,
      world,
    }) => {
      world.web.put('page', '/keeper.js', { headers: { 'content-type': 'text/javascript' }, body: keeperWorker });
      const keeper = world.web.put(
        'page',
        '/keeper',
        `<script>
          const worker = new SharedWorker('/keeper.js').port;
          let answers = 0;
          worker.onmessage = () => { answers += 1; };
        </script>`,
      );
      await page.route('**/never', () => {});
      const puppet = world.puppet(undefined, {
        greet: when !== 'after its load',
        body: when === 'and is gone before its load' ? '<img src="/never">' : '',
      });
      const talk = await world.talk([webViewButton(puppet)]);
      const chat = await openChat(
        page,
        world.hostPage(talk, { body: `<iframe id="keeper" src="${keeper}"></iframe>` }),
      );
      const view = await openView(chat, { silent: true });
      if (when === 'after its load') {
        await view.waitForFunction("document.readyState === 'complete'");
        await settled(chat, view);
        await inPage(view, 'hello()');
      }
      await welcomed(view);
      const kept = page.frames().find((frame) => frame.url() === keeper) as Frame;
      const say = async (words: string) => {
        const before = await kept.evaluate<number>('answers');
        await kept.evaluate(`worker.postMessage({ v: 1, t: 'set_title', d: { title: ${JSON.stringify(words)} } })`);
        await kept.waitForFunction(`answers > ${before}`);
      };
      await view.evaluate(`new Promise((done) => {
        const worker = new SharedWorker('/keeper.js').port;
        worker.onmessage = done;
        worker.postMessage('keep', [port]);
      })`);
      const titles = await watchTitles(chat);
      await say('Said by the worker');
      await expect(title(chat)).toHaveText('Said by the worker');

      const next = world.puppet('/next', { greet: false });
      await view.evaluate((url) => location.assign(url), next);
      await view.waitForURL(next);
      await view.waitForFunction("document.readyState === 'complete'");
      await settled(chat, view);
      await say('Said by a ghost');
      await expect(chat.at.locator('.origin')).toHaveText(/led on to another page/);
      // Something that is allowed, and comes after it: a new hello of the same origin gets a new port.
      await inPage(view, 'hello()');
      await welcomed(view);
      await inPage(view, 'tell("set_title", { title: "Said by the page" })');

      await expect(title(chat)).toHaveText('Said by the page');
      expect(await titles()).toEqual(['Said by the worker', 'Said by the page']);
      await expect(chat.at.locator('.origin.known')).toHaveText(new URL(next).host);
    });

  test('a redirect to an origin that the site does not list is stopped by the browser, and the customer is told', async ({
    page,
    context,
    world,
  }) => {
    const evil = world.puppet('/phish', { name: 'evil' });
    const redirect = world.web.put('page', '/away', { status: 302, headers: { location: evil } });
    const talk = await world.talk([webViewButton(redirect)]);
    const chat = await openChat(page, world.hostPage(talk));
    const before = world.web.asked.length;

    await chat.at.getByRole('button', { name: 'Open the page' }).click();

    await expect(chat.at.getByText('This page can’t be shown in the chat')).toBeVisible();
    const offer = chat.at.getByRole('link', { name: 'Open it in a tab' });
    await expect(offer).toHaveAttribute('href', redirect);
    await expect(offer).toHaveAttribute('rel', 'noopener noreferrer');
    expect(world.web.asked.slice(before).filter(({ url }) => url === evil)).toEqual([]);
    const [tab] = await Promise.all([context.waitForEvent('page'), offer.click()]);
    await tab.waitForURL(evil);
    await tab.close();

    await close(chat);
    expect(await closeReason(talk)).toBe('blocked');
    await expectUsable(chat, talk);
  });

  test('a page that sends itself to an origin that is not listed is stopped too', async ({ page, world }) => {
    const evil = world.puppet('/phish', { name: 'evil' });
    const { talk, chat, view } = await withView(page, world);
    const before = world.web.asked.length;

    await view.evaluate((url) => location.assign(url), evil);

    await expect(chat.at.getByText('This page can’t be shown in the chat')).toBeVisible();
    expect(world.web.asked.slice(before).filter(({ url }) => url === evil)).toEqual([]);
    await close(chat);
    expect(await closeReason(talk)).toBe('blocked');
  });

  test('a page that goes away and comes back says hello anew and gets another code', async ({ page, world }) => {
    const { chat, view } = await withView(page, world);
    const home = view.url();
    const code = "heard.inbox.find(({ t }) => t === 'welcome').d.code";
    const first = await inPage<string>(view, code);

    const other = world.puppet('/away', { name: 'other' });
    await view.evaluate((url) => location.assign(url), other);
    await view.waitForURL(other);
    await settled(chat, view);
    expect(await welcomes(view)).toBe(0);
    await expect(chat.at.locator('.origin')).toHaveText(/led on to another page/);
    await expect(chat.at.locator('.trust')).toHaveCount(0);
    await view.evaluate((url) => location.assign(url), home);
    await view.waitForURL(home);
    await welcomed(view);

    expect(await inPage<string>(view, code)).not.toBe(first);
    await inPage(view, 'tell("set_title", { title: "Back again" })');
    await expect(title(chat)).toHaveText('Back again');
    await expect(chat.at.locator('.origin')).toHaveText(new URL(home).host);
    await expect(chat.at.locator('.origin svg')).toBeVisible();
  });
});
