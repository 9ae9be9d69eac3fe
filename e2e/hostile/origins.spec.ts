/** Which pages may embed the chat, which pages it may show, and that nothing of ours ever lies over one. */
import type { Frame, Page } from '@playwright/test';
import { tamper } from './database';
import { inPage } from './puppet';
import {
  type Chat,
  closeReason,
  expect,
  expectUsable,
  openChat,
  openView,
  pageFrame,
  startWorld,
  test,
  type World,
  webViewButton,
} from './world';

/** What a frame on `page` shows: whether it holds the document it was pointed at, or the browser's refusal. */
async function framed(page: Page): Promise<string> {
  const frame = page.frames()[1] as Frame;
  await frame.waitForLoadState().catch(() => undefined);
  return frame.url().startsWith('chrome-error:') ? 'refused' : frame.url();
}

test.describe('who may embed the chat', () => {
  const embedding = (world: World) => `<iframe src="${world.server.origin}/widget/?site=${world.site}"></iframe>`;

  test('the site’s own host may', async ({ page, world }) => {
    await page.goto(world.web.put('host', '/embeds', embedding(world)));

    expect(await framed(page)).toBe(`${world.server.origin}/widget/?site=${world.site}`);
  });

  test('nobody else may, by a frame of their own or by our script', async ({ page, world }) => {
    const refusals: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('frame-ancestors')) refusals.push(message.text());
    });
    await page.goto(world.web.put('evil', '/embeds', embedding(world)));
    expect(await framed(page)).toBe('refused');
    expect(refusals).toHaveLength(1);

    const talk = await world.talk();
    await page.goto(world.hostPage(talk, { name: 'evil' }));
    await page.locator('guichet-chat button[aria-haspopup="dialog"]').click();
    await expect.poll(() => framed(page)).toBe('refused');
    await expect.poll(() => refusals.length).toBe(2);
  });

  test('the site’s own host may not while it is itself in somebody’s frame', async ({ page, world }) => {
    const host = world.web.put('host', '/embeds', embedding(world));
    await page.goto(world.web.put('evil', '/around', `<iframe src="${host}"></iframe>`));

    await expect.poll(() => page.frames().length).toBe(3);
    const innermost = page.frames()[2] as Frame;
    await expect.poll(() => innermost.url()).toMatch(/^chrome-error:/);
  });
});

test.describe('which pages may be shown', () => {
  test('a bot that offers a page that may not be shown is refused, and nothing is stored', async ({ world }) => {
    const talk = await world.talk();
    const { web, server } = world;
    const refused = [
      `${server.origin}/widget/?site=${world.site}`,
      server.origin.replace('chat', 'CHAT'),
      `${web.origin('host')}/`,
      `${web.origin('evil')}/`,
      `${web.origin('page')}.evil.localhost/`,
      web.origin('page').replace('page.', 'page.evil.'),
      web.origin('page').replace(/:\d+$/, ':1'),
      web.origin('page').replace('http:', 'https:'),
      web.origin('page').replace('page.localhost', 'page.localhost.'),
      web.origin('page').replace('//', '//user:secret@'),
      `http://127.0.0.1:${web.port}/`,
      `http://[::1]:${web.port}/`,
      'https://2130706433/',
      'javascript:alert(1)//page.localhost',
      'data:text/html,page',
      'blob:https://page.localhost/x',
      'file:///etc/passwd',
      '//page.localhost/x',
      '/relative',
    ];
    for (const url of refused) {
      const { status, body } = await world.api('POST', `/v2/conversations/${talk.conversationId}/messages`, {
        message_parts: [webViewButton(url)],
        actor_type: 'bot',
      });
      expect([url, status], JSON.stringify(body)).toEqual([url, 400]);
      expect(JSON.stringify(body)).not.toContain('INTERNAL');
    }

    const { body } = await world.api('GET', `/v2/conversations/${talk.conversationId}/messages`);
    expect(body.messages).toHaveLength(1);
    expect(await talk.post([webViewButton(`${web.origin('page')}/fine`)])).toHaveProperty('id');
  });

  test('a foreign address in the database itself is refused again by the widget and by the server, and nothing loads', async ({
    page,
  }) => {
    const { stop, ...world } = await startWorld();
    try {
      const evil = world.puppet('/phish', { name: 'evil' });
      const talk = await world.talk([webViewButton(world.puppet('/first'), {}, 'Running page')]);
      await talk.post([webViewButton(world.puppet('/second'), {}, 'Offered page')]);
      const host = world.hostPage(talk);
      const chat = await openChat(page, host);
      await openView(chat, { label: 'Running page' });
      // The close is not told: the view still runs when the customer comes back.
      await page.goto('about:blank');

      await tamper(world.server, (run) => {
        expect(run('UPDATE web_views SET url = ?, origin = ?', evil, world.web.origin('evil'))).toBe(1);
        expect(
          run('UPDATE events SET data_json = replace(data_json, ?, ?)', `${world.web.origin('page')}/second`, evil),
        ).toBeGreaterThan(0);
      });
      const before = world.web.asked.length;
      const again = await openChat(page, host);

      await again.at.getByRole('button', { name: 'Running page' }).click();
      await expect(again.at.getByText('This page may not open in the chat.')).toHaveCount(1);
      expect(await closeReason(talk)).toBe('blocked');
      await again.at.getByRole('button', { name: 'Offered page' }).click();
      await expect(again.at.getByText('This page may not open in the chat.')).toHaveCount(2);

      await expect(again.at.locator('iframe')).toHaveCount(0);
      await expectUsable(again, talk);
      expect(world.web.asked.slice(before).filter(({ url }) => url.startsWith(world.web.origin('evil')))).toEqual([]);
    } finally {
      await stop();
    }
  });

  test('a frame that some script makes in the widget’s own document is stopped by the browser', async ({
    page,
    world,
  }) => {
    const evil = world.web.put('evil', '/frame', 'evil');
    const chat = await openChat(page, world.hostPage(await world.talk()));
    const before = world.web.asked.length;
    const blocked = await chat.widget.evaluate(
      (sources) =>
        Promise.all(
          sources.map(
            (src) =>
              new Promise((resolve) => {
                const stop = new AbortController();
                document.addEventListener(
                  'securitypolicyviolation',
                  ({ effectiveDirective, blockedURI }) => {
                    if (!src.startsWith(blockedURI)) return;
                    stop.abort();
                    resolve(effectiveDirective);
                  },
                  { signal: stop.signal },
                );
                document.body.append(Object.assign(document.createElement('iframe'), { src }));
              }),
          ),
        ),
      [evil, `${world.web.origin('host')}/x`, `${world.server.origin}/widget/?site=${world.site}`, 'data:text/html,x'],
    );

    expect(blocked).toEqual(['frame-src', 'frame-src', 'frame-src', 'frame-src']);
    // But the bot, which is told of what the customer reads.
    expect(world.web.asked.slice(before).filter(({ url }) => !url.endsWith('/hook'))).toEqual([]);
  });
});

test.describe('a page without our script', () => {
  const plain = `<!doctype html><title>Plain</title><h1>Plain</h1><p>A page that has never heard of us.</p>
    <form method="get"><label>Name <input name="name"></label><button>Go on</button></form>`;

  test('can be used, and closed by the customer', async ({ page, world }) => {
    const url = world.web.put('page', '/plain', plain);
    const talk = await world.talk([webViewButton(url)]);
    const chat = await openChat(page, world.hostPage(talk));
    const view = await openView(chat, { silent: true });

    await view.getByLabel('Name').click();
    await page.keyboard.type('Ana');
    await view.getByRole('button', { name: 'Go on' }).click();
    await view.waitForURL(`${url}?name=Ana`);
    await chat.at.getByRole('button', { name: /^Close / }).click();

    expect(await closeReason(talk)).toBe('customer');
    await expectUsable(chat, talk);
  });

  test('gets a bar that offers a tab after five seconds, and nothing of ours ever lies over it', async ({
    page,
    world,
  }) => {
    const url = world.web.put('page', '/plain', plain);
    const talk = await world.talk([webViewButton(url)]);
    const chat = await openChat(page, world.hostPage(talk));
    const view = await openView(chat, { silent: true });
    await view.getByRole('heading').waitFor();
    await expect(chat.at.locator('.loading')).toHaveCount(0);
    expect(await whatLiesOver(page, chat)).toEqual([]);

    await expect(chat.at.getByText('Nothing here?')).toBeVisible();

    await expect(chat.at.getByRole('link', { name: 'Open it in a tab' })).toHaveAttribute('href', url);
    expect(await whatLiesOver(page, chat)).toEqual([]);
    // The look at what lies over can fail.
    await chat.widget.evaluate(() => {
      const cover = document.createElement('div');
      cover.style.cssText = 'position:fixed;inset:60% 0 0 0;z-index:9';
      document.body.append(cover);
    });
    expect(await whatLiesOver(page, chat)).toContain('div');
  });

  test('a page that speaks is not covered either, whatever it asks for', async ({ page, world }) => {
    const talk = await world.talk([webViewButton(world.puppet())]);
    const chat = await openChat(page, world.hostPage(talk));
    const view = await openView(chat);
    for (const ask of [
      'ask("request_size", { size: "full" })',
      'ask("resize", { height: 150 })',
      'ask("request_size", { size: "compact" })',
      'ask("open_link", { url: "https://bank.example/" })',
      'ask("dirty", { dirty: true })',
    ]) {
      expect(await inPage(view, ask), ask).toMatchObject({ ok: true });
      await settledLayout(chat);
      expect(await whatLiesOver(page, chat), ask).toEqual([]);
    }
    await chat.at.getByRole('button', { name: /^Close / }).click();
    await expect(chat.at.getByText('Leave without finishing?')).toBeVisible();
    await settledLayout(chat);
    expect(await whatLiesOver(page, chat), 'asked whether to leave').toEqual([]);
    await talk.post([{ text: { content: 'A message meanwhile' } }]);
    await expect(chat.at.getByText('A message meanwhile')).toHaveCount(1);
    expect(await whatLiesOver(page, chat), 'a message came').toEqual([]);
  });
});

/** Sheets slide: waits until nothing moves. */
const settledLayout = (chat: Chat) =>
  chat.widget.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));

/**
 * What stands above the page's frame at 64 points of it, in the widget and in the host page: tag names. What is
 * transparent to the pointer counts as well: the look goes by `elementsFromPoint` with every `pointer-events` on.
 */
async function whatLiesOver(page: Page, chat: Chat): Promise<string[]> {
  await pageFrame(chat);
  const inWidget = await chat.widget.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { pointer-events: auto !important }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const frame = document.querySelector('.sheet iframe') as HTMLIFrameElement;
    const box = frame.getBoundingClientRect();
    const over = new Set<string>();
    const points: [number, number][] = [];
    for (let x = 0; x < 8; x += 1) {
      for (let y = 0; y < 8; y += 1) {
        const at: [number, number] = [box.left + ((x + 0.5) * box.width) / 8, box.top + ((y + 0.5) * box.height) / 8];
        // What is scrolled out of the window nobody sees.
        if (at[0] >= innerWidth || at[1] >= innerHeight) continue;
        points.push(at);
        for (const element of document.elementsFromPoint(...at)) {
          if (element === frame) break;
          over.add(element.localName);
        }
      }
    }
    document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1);
    return { over: [...over], points };
  });
  expect(inWidget.points.length).toBeGreaterThan(30);
  const inHost = await page.evaluate((points) => {
    const frame = document.querySelector('guichet-chat > iframe') as HTMLIFrameElement;
    const box = frame.getBoundingClientRect();
    const over = new Set<string>();
    for (const [x, y] of points) {
      const root = document.querySelector('guichet-chat')?.shadowRoot as ShadowRoot;
      const found = document.elementsFromPoint(box.left + x, box.top + y);
      if (found[0] !== frame && found[0]?.localName !== 'guichet-chat') over.add(found[0]?.localName ?? 'nothing');
      const inShadow = root.elementsFromPoint(box.left + x, box.top + y)[0];
      if (inShadow && inShadow !== frame && ['button', 'b', 'i', 'p'].includes(inShadow.localName))
        over.add(inShadow.localName);
    }
    return [...over];
  }, inWidget.points);
  return [...inWidget.over, ...inHost];
}
