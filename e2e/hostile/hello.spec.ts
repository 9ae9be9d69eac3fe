/** Who may talk with the widget as the page: that frame, on that origin, in bounds; and what the page says is only data. */
import type { Frame, Page } from '@playwright/test';
import { inPage } from './puppet';
import {
  type Chat,
  closeReason,
  expect,
  expectUsable,
  openChat,
  openView,
  settled,
  type Talk,
  test,
  type World,
  webViewButton,
  welcomed,
} from './world';

async function withView(page: Page, world: World, options: { host?: { body?: string }; button?: object } = {}) {
  const talk = await world.talk([
    { text: { content: 'Please confirm.' } },
    webViewButton(world.puppet(), options.button),
  ]);
  const chat = await openChat(page, world.hostPage(talk, options.host));
  return { talk, chat, view: await openView(chat) };
}

/** Counts how often the widget asks its server for something on the socket, from now on. */
async function countAsked(chat: Chat, type: string): Promise<() => Promise<number>> {
  await chat.widget.evaluate((wanted) => {
    const scope = window as unknown as { asked: number };
    scope.asked = 0;
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
      if (String(data).includes(`"${wanted}"`)) scope.asked += 1;
      return send.call(this, data);
    };
  }, type);
  return () => chat.widget.evaluate<number>('asked');
}

/** Every title that the sheet has had since. */
async function watchTitles(chat: Chat): Promise<() => Promise<string[]>> {
  await chat.widget.evaluate(() => {
    const seen: string[] = [];
    (window as unknown as { titles: string[] }).titles = seen;
    const heading = document.querySelector('.sheet h2');
    if (heading)
      new MutationObserver(() => seen.push(heading.textContent ?? '')).observe(heading, {
        subtree: true,
        childList: true,
        characterData: true,
      });
  });
  return () => chat.widget.evaluate<string[]>('titles');
}

const close = (chat: Chat) => chat.at.getByRole('button', { name: /^Close / }).click();
const title = (chat: Chat) => chat.at.locator('.sheet h2').first();
const welcomes = (frame: Frame) => inPage<number>(frame, 'heard.welcomes');
const sheets = (chat: Chat) => chat.at.locator('.sheet');

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

  test('a port that a page has put by is dead once the page has gone elsewhere', async ({ page, world }) => {
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
    const { chat, view } = await withView(page, world, {
      host: { body: `<iframe id="keeper" src="${keeper}"></iframe>` },
    });
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
    // Something that is allowed, and comes after it: a new hello of the same origin gets a new port.
    await inPage(view, 'hello()');
    await welcomed(view);
    await inPage(view, 'tell("set_title", { title: "Said by the page" })');

    await expect(title(chat)).toHaveText('Said by the page');
    expect(await titles()).toEqual(['Said by the worker', 'Said by the page']);
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
    await view.evaluate((url) => location.assign(url), home);
    await view.waitForURL(home);
    await welcomed(view);

    expect(await inPage<string>(view, code)).not.toBe(first);
    await inPage(view, 'tell("set_title", { title: "Back again" })');
    await expect(title(chat)).toHaveText('Back again');
  });
});

test.describe('floods', () => {
  test('10,000 foreign messages to the widget and to the loader, from page and host, do nothing', async ({
    page,
    world,
  }) => {
    const { talk, chat, view } = await withView(page, world);
    const flood = `
      const junk = [null, undefined, 0, '', 'hello', [], {}, { guichet: 1 }, { guichet: 1, hello: 'loader' }, { guichet: 2, hello: 'page' },
        { guichet: 1, hello: { toString: null } }, { v: 1, t: 'close', d: {} }, { guichet: 1, welcome: 'widget' }, { __proto__: null },
        JSON.parse('{"guichet":1,"hello":"__proto__"}'), new Map([[1, 2]]), new Uint8Array(1000), '42["events",[]]'];
      for (let at = 0; at < 5000; at++) for (const to of targets) to.postMessage(junk[at % junk.length], '*');`;

    await page.evaluate(`{ const targets = [window[0], window]; ${flood} }`);
    await view.evaluate(`{ const targets = [parent, top]; ${flood} }`);
    await settled(chat, view);

    expect(await welcomes(view)).toBe(1);
    await expect(sheets(chat)).toHaveCount(1);
    await close(chat);
    expect(await closeReason(talk)).toBe('customer');
    await expectUsable(chat, talk);
  });

  test('10,000 messages over the port are dropped beyond a few a second, and the customer can go on', async ({
    page,
    world,
  }) => {
    const { talk, chat, view } = await withView(page, world);
    const titles = await watchTitles(chat);

    await inPage(
      view,
      `for (let at = 0; at < 10000; at++) tell(['set_title', 'announce', 'request_size', 'nonsense'][at % 4],
        { title: 'Flood ' + at, text: 'Flood ' + at, size: at % 8 < 4 ? 'full' : 'compact' });`,
    );
    await settled(chat, view);

    expect((await titles()).length).toBeLessThan(50);
    await close(chat);
    await expect(sheets(chat)).toHaveCount(0);
    expect(await closeReason(talk)).toBe('customer');
    await expectUsable(chat, talk);
  });

  test('10,000 hellos cost the server a handful of codes', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);
    const codes = await countAsked(chat, 'web_view_code');

    await inPage(view, 'for (let at = 0; at < 10000; at++) hello()');
    await settled(chat, view);

    expect(await codes()).toBeLessThan(50);
    await close(chat);
    expect(await closeReason(talk)).toBe('customer');
    await expectUsable(chat, talk);
  });

  test('a page that saves with every key takes nothing of what its customer may send', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);
    const saves = await countAsked(chat, 'web_view_save');
    const before = Date.now();

    await inPage(
      view,
      'Promise.all(Array.from({ length: 15 }, (_, step) => ask("save_state", { state: { step } }))).then(() => undefined)',
    );

    expect(await saves()).toBeLessThanOrEqual(Math.ceil((Date.now() - before) / 1_000) + 1);
    // The newest is what a reload of the page is given back.
    await page.reload();
    const again = await openView(await openChat(page, page.url()));
    expect(await inPage(again, "heard.inbox.find(({ t }) => t === 'welcome').d.state")).toEqual({ step: 14 });
    expect(talk.told('web_view_close')).toEqual([]);
  });
});

test.describe('what comes over the port', () => {
  test('a message above 16 KiB is refused', async ({ page, world }) => {
    const { chat, view } = await withView(page, world);
    const asked = (code: string) => inPage<{ ok: boolean; d: unknown }>(view, code);

    expect(await asked('ask("save_state", { state: "x".repeat(17_000) })')).toEqual({
      ok: false,
      d: 'expected at most 16384 bytes of JSON',
    });
    expect(await asked('ask("save_state", { state: "x".repeat(9_000) })')).toMatchObject({ ok: false, d: /8192/ });
    expect(
      await asked('ask("submit", { result: { a: "x".repeat(9_000) }, idempotency_key: "key-oversize" })'),
    ).toMatchObject({ ok: false });
    expect(await asked('ask("set_title", { title: "x".repeat(81) })')).toMatchObject({ ok: false });
    expect(await asked('ask("announce", { text: "x".repeat(301) })')).toMatchObject({ ok: false });
    expect(
      await asked(
        '{ const deep = {}; let at = deep; for (let n = 0; n < 100; n++) at = at.a = {}; ask("save_state", { state: deep }) }',
      ),
    ).toMatchObject({ ok: false });
    await expect(title(chat)).toHaveText('The page');
  });

  test('sizes that are no sizes are refused, and the others fit into the panel', async ({ page, world }) => {
    const { chat, view } = await withView(page, world);
    const panel = await chat.widget.evaluate<number>('innerHeight');

    for (const height of ['NaN', 'Infinity', '-Infinity', '"300px"', 'null', 'undefined', '{}', '[300]', '10n', 'true'])
      expect(await inPage(view, `ask("resize", { height: ${height} })`), height).toMatchObject({ ok: false });
    for (const height of ['1e9', 'Number.MAX_VALUE', '2 ** 53', '5e-324', '-1', '-1e9', '0']) {
      const answer = await inPage<{ ok: boolean; d: { height: number } }>(view, `ask("resize", { height: ${height} })`);
      expect(answer.ok, height).toBe(true);
      expect(answer.d.height, height).toBeGreaterThanOrEqual(100);
      expect(answer.d.height, height).toBeLessThanOrEqual(panel);
      await expect(chat.at.getByRole('button', { name: /^Close / })).toBeInViewport({ ratio: 1 });
    }
    for (const size of ['"huge"', '"__proto__"', 'null', '1', '["full"]'])
      expect(await inPage(view, `ask("request_size", { size: ${size} })`), size).toMatchObject({ ok: false });
  });

  test('HTML in what a page says is text', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);
    const evil = world.web.origin('evil');
    const html = `<img src=${evil}/p onerror=alert(1)><b>B</b>`;
    const before = world.web.asked.length;
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });

    await view.evaluate(
      `tell('set_title', { title: ${JSON.stringify(html)} }); tell('announce', { text: ${JSON.stringify(html)} })`,
    );
    await expect(title(chat)).toHaveText(html);
    await expect(chat.at.locator('[aria-live=polite]', { hasText: html })).toHaveCount(1);
    expect(await chat.at.locator('.sheet').getAttribute('aria-label')).toBe(html);
    await inPage(
      view,
      `void ask('submit', { result: {}, summary: ${JSON.stringify(html)}, idempotency_key: 'key-with-html' })`,
    );

    await expect(sheets(chat)).toHaveCount(0);
    await expect(chat.at.locator('article').getByText(html, { exact: true })).toHaveCount(1);
    expect(await closeReason(talk)).toBe('submitted');
    expect(await chat.widget.evaluate(`document.querySelectorAll('img, b:not(.ask b)').length`)).toBe(0);
    expect(dialogs).toBe(0);
    expect(world.web.asked.slice(before).filter(({ url }) => url.startsWith(evil))).toEqual([]);
  });

  test('types that nobody knows, and names that every object has, are refused and harm nothing', async ({
    page,
    world,
  }) => {
    const { talk, chat, view } = await withView(page, world);

    for (const type of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'then',
      'welcome',
      'closing',
      '',
      'x',
    ])
      expect(await inPage(view, `ask(${JSON.stringify(type)})`), type).toMatchObject({ ok: false });
    await inPage(
      view,
      `for (const junk of [null, 1, 'x', [], {}, { v: 2 }, { v: 1 }, { v: 1, t: 5 }, { v: 1, t: {} }, { v: 1, re: 1, ok: true },
        { v: 1, t: 'set_title' }, { v: 1, t: 'set_title', d: null }, new Map(), new Error('x'), new Date()]) raw(junk);`,
    );
    await expect(title(chat)).toHaveText('The page');
    await close(chat);
    expect(await closeReason(talk)).toBe('customer');
  });

  test('keys that pollute prototypes elsewhere pollute nothing here', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);
    const poison = `JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"title":"Poison","height":300}')`;
    const clean = () => chat.widget.evaluate("({}).polluted ?? [].polluted ?? 'clean'");

    await inPage(view, `tell('set_title', ${poison})`);
    await inPage(view, `ask('resize', ${poison})`);
    await inPage(view, `ask('save_state', { state: ${poison} })`);
    await inPage(view, `ask('save_state', ${poison})`);
    expect(await clean()).toBe('clean');
    await inPage(view, `void ask('submit', { result: ${poison}, summary: 'Done', idempotency_key: 'key-of-poison' })`);

    expect(await closeReason(talk)).toBe('submitted');
    expect(await clean()).toBe('clean');
    expect((await world.server.fetch('/health')).status).toBe(200);
    expect((await talk.post([{ text: { content: 'after' } }])).id).toBeTruthy();
    expect(JSON.stringify((await world.api('GET', `/v2/conversations/${talk.conversationId}`)).body)).not.toContain(
      'polluted',
    );
  });

  test('a link that the page wants opened is offered by its host name, and only if it is one', async ({
    page,
    world,
  }) => {
    const { chat, view } = await withView(page, world);

    for (const url of [
      'javascript:alert(1)',
      'data:text/html,x',
      'blob:x',
      'file:///etc/passwd',
      '//evil',
      'http://a:b@c',
      '',
    ])
      expect(await inPage(view, `ask('open_link', { url: ${JSON.stringify(url)} })`), url).toMatchObject({ ok: false });
    await expect(chat.at.getByRole('link', { name: 'Open', exact: true })).toHaveCount(0);
    await inPage(view, `tell('open_link', { url: 'https://xn--pple-43d.example/' })`);

    await expect(chat.at.getByText('Open xn--pple-43d.example in a new tab?')).toBeVisible();
    expect(page.context().pages()).toHaveLength(1);
  });
});

test.describe('twice, late, two at once', () => {
  const submit = (key: string, result = '{}') =>
    `ask('submit', { result: ${result}, summary: 'Confirmed', idempotency_key: '${key}' })`;
  const submits = (talk: Talk) => talk.told('web_view_submit').map(({ data }) => data.source);

  test('a double submit counts once', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);

    await inPage(
      view,
      `for (const key of ['key-one-1', 'key-one-1', 'key-two-2', 'key-three']) void ${submit('KEY').replace("'KEY'", 'key')}`,
    );

    await expect(sheets(chat)).toHaveCount(0);
    expect(await closeReason(talk)).toBe('submitted');
    await expectUsable(chat, talk);
    expect(submits(talk)).toEqual(['page']);
    expect(talk.told('web_view_close')).toHaveLength(1);
    expect(await chat.at.locator('article').getByText('Confirmed', { exact: true }).count()).toBe(1);
    await expect(chat.at.getByRole('button', { name: /Open the page/ })).toBeDisabled();
  });

  test('a submit after the customer has closed the page has no effect', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);
    // The page holds the closing up, and uses the moment.
    await inPage(
      view,
      `port.onmessage = ({ data }) => { if (data.t === 'closing') for (const key of ['key-late-1', 'key-late-2'])
         port.postMessage({ v: 1, t: 'submit', id: 900, d: { result: {}, summary: 'Confirmed', idempotency_key: key } }); }; 0`,
    );

    await close(chat);

    expect(await closeReason(talk)).toBe('customer');
    await expectUsable(chat, talk);
    expect(submits(talk)).toEqual([]);
    await expect(chat.at.getByText('Confirmed', { exact: true })).toHaveCount(0);
  });

  test('a page that never answers “closing” keeps the customer waiting for nothing', async ({ page, world }) => {
    const { talk, chat, view } = await withView(page, world);
    await inPage(
      view,
      'port.onmessage = () => {}; for (;;) { port.postMessage({ v: 1, t: "dirty", d: { dirty: false } }); break }',
    );
    await view.evaluate('setTimeout(() => { const until = Date.now() + 4000; while (Date.now() < until); }, 20)');

    await close(chat);

    await expect(chat.at.getByRole('textbox', { name: 'Write a message' })).toBeEditable({ timeout: 1_500 });
    expect(await closeReason(talk)).toBe('customer');
    await expect(sheets(chat)).toHaveCount(0);
  });

  test('of two pages at once the former is closed, and its port is dead', async ({ page, context, world }) => {
    const talk = await world.talk([
      webViewButton(world.puppet(), {}, 'First page'),
      webViewButton(world.puppet(), { title: 'Second' }, 'Second page'),
    ]);
    const host = world.hostPage(talk);
    const chat = await openChat(page, host);
    const first = await openView(chat, { label: 'First page' });
    expect(
      await chat.at.locator('main.chat').evaluate((element) => (element as HTMLElement).inert),
      'the other button is out of reach',
    ).toBe(true);
    const otherTab = await context.newPage();
    const otherChat = await openChat(otherTab, host);

    const second = await openView(otherChat, { label: 'Second page' });

    await expect(sheets(chat)).toHaveCount(0);
    expect(await closeReason(talk)).toBe('replaced');
    expect(talk.told('web_view_close')).toHaveLength(1);
    expect(first.isDetached()).toBe(true);
    expect(await inPage(second, 'ask("resize", { height: 240 })')).toMatchObject({ ok: true });
  });

  test('a page that is taken over by another tab is gone from the first, and has one owner', async ({
    page,
    context,
    world,
  }) => {
    const talk = await world.talk([webViewButton(world.puppet())]);
    const host = world.hostPage(talk);
    const chat = await openChat(page, host);
    await openView(chat);
    const otherTab = await context.newPage();
    const otherChat = await openChat(otherTab, host);

    const taken = await openView(otherChat);

    await expect(sheets(chat)).toHaveCount(0);
    await expect(chat.at.getByText('Goes on in another tab.')).toBeVisible();
    await inPage(taken, `void ${submit('key-of-owner')}`);
    expect(await closeReason(talk)).toBe('submitted');
    expect(talk.told('web_view_close')).toHaveLength(1);
  });
});
