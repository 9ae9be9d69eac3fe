/** What comes over the port is only data: in bounds, few, and of the kinds that are known. */
import { inPage } from './puppet';
import { close, countAsked, sheets, title, watchTitles, welcomes, withView } from './view';
import { closeReason, expect, expectUsable, openChat, openView, settled, test } from './world';

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
    // The port keeps its order: once something that was asked after the flood is answered, nothing of the flood is to come.
    await inPage(
      view,
      `new Promise((done) => {
        const asking = setInterval(() => ask('resize', { height: 300 }).then(() => { clearInterval(asking); done(); }), 200);
      })`,
    );

    await expect.poll(async () => (await titles()).length).toBeGreaterThanOrEqual(1);
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
    expect(await asked('ask("save_state", { state: "x".repeat(9_000) })')).toMatchObject({
      ok: false,
      d: expect.stringMatching(/8192/),
    });
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
