/** What a bot, a customer, a site or a URL says is text: nothing of it runs, loads or becomes an element. */
import type { Page } from '@playwright/test';
import { isMarkup } from '../../src/protocol/markup';
import { tamper } from './database';
import { markupPayloads, unsafeUrls } from './payloads';
import { type Chat, expect, openChat, type Part, type Talk, test, type World } from './world';

/** Watches for anything that a payload could have done. */
function watch(page: Page, world: World) {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const before = world.web.asked.length;
  const pages = page.context().pages().length;
  return {
    async expectNothing() {
      for (const frame of page.frames()) {
        expect(await frame.evaluate("window.__x ?? 'nothing'"), frame.url()).toBe('nothing');
      }
      expect(dialogs).toEqual([]);
      expect(page.context().pages()).toHaveLength(pages);
      expect(world.web.asked.slice(before).filter(({ url }) => url.startsWith(world.web.origin('evil')))).toEqual([]);
    },
  };
}

/** Element names that the widget uses; a payload that became markup would most likely add another. */
const allowed = new Set([
  ...[
    'html',
    'head',
    'body',
    'meta',
    'title',
    'script',
    'link',
    'style',
    'div',
    'main',
    'header',
    'section',
    'article',
  ],
  ...[
    'form',
    'h1',
    'h2',
    'p',
    'span',
    'b',
    'i',
    'a',
    'ul',
    'li',
    'button',
    'textarea',
    'time',
    'bdi',
    'img',
    'svg',
    'path',
  ],
  ...['circle', 'rect', 'g', 'line', 'polyline', 'iframe', 'fieldset', 'legend', 'input', 'label'],
]);

/** What of the widget's document is not as our own code makes it. */
const strangers = (chat: Chat, known: string[]) =>
  chat.widget.evaluate(
    ([names, chatOrigin]) => {
      const found: string[] = [];
      const scripts = [...document.querySelectorAll('script')].filter((one) => one.type !== 'application/json');
      for (const one of scripts)
        if (!one.src.startsWith(`${chatOrigin}/widget/assets/`)) found.push(`script ${one.src}`);
      for (const one of document.querySelectorAll('*')) {
        if (!names?.includes(one.localName)) found.push(`<${one.localName}>`);
        for (const { name, value } of one.attributes) {
          if (/^on|^srcdoc$|^formaction$|^xlink|^is$|^nonce$/i.test(name)) found.push(`${one.localName} ${name}`);
          if (
            /^(?:href|src|action|data|poster|srcset|background|ping|cite)$/.test(name) &&
            !/^https?:\/\/|^\.\.\/widget\/assets\/[\w-]+\.(?:js|css)$/.test(value)
          )
            found.push(`${one.localName} ${name}=${value.slice(0, 80)}`);
        }
      }
      return found;
    },
    [[...allowed, ...known], chat.widget.url().split('/widget')[0]] as [string[], string],
  );

/** Posts the parts in messages as large as they may be. */
async function postAll(talk: Talk, parts: Part[], most = 20) {
  for (let at = 0; at < parts.length; at += most) await talk.post(parts.slice(at, at + most));
}

test('what a bot says is text, wherever it says it', async ({ page, world }) => {
  test.setTimeout(90_000);
  const evil = world.web.origin('evil');
  const payloads = markupPayloads(evil);
  expect(payloads.length).toBeGreaterThan(100);
  const short = payloads.filter((text) => text.length <= 200);
  const titles = payloads.filter((text) => text.length <= 80);
  const talk = await world.talk([]);
  const url = `${world.web.origin('page')}/x`;
  // What a text may hold as HTML is another story: see parts.spec.ts. These hold nothing of it.
  const plain = payloads.filter((content) => !isMarkup(content));
  expect(plain.length).toBeGreaterThan(10);
  await postAll(
    talk,
    plain.map((content) => ({ text: { content } })),
  );
  await postAll(
    talk,
    payloads.map((name) => ({ file: { name: name.slice(0, 255), url, content_type: name.slice(0, 255) } })),
  );
  await postAll(
    talk,
    payloads.map((alt_text) => ({ image: { url: `${world.web.origin('page')}/none.png`, alt_text } })),
  );
  await postAll(
    talk,
    short.map((label) => ({ url_button: { label, url } })),
  );
  await postAll(
    talk,
    titles.map((title) => ({ url_button: { label: title, url, target: '_self', web_view: { title } } })),
  );
  await talk.post(
    [{ text: { content: 'Choose' } }],
    [
      {
        collection: {
          sub_parts: short.slice(0, 100).map((label) => ({ quick_reply_button: { label, payload: label } })),
        },
      },
    ],
  );
  const eyes = watch(page, world);

  const chat = await openChat(page, world.hostPage(talk));
  const log = chat.at.getByRole('log');
  await expect(log.locator('article').last()).toContainText('Choose');
  // Up to the first message: everything has been drawn at least once.
  await expect(async () => {
    await chat.at.locator('.scroller').evaluate((box) => box.scrollTo({ top: 0 }));
    expect(await log.locator('.file').count()).toBeGreaterThanOrEqual(payloads.length);
    expect(await log.locator('.bubble').count()).toBeGreaterThanOrEqual(plain.length);
  }).toPass();

  const shown = await chat.widget.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.querySelector('[role="log"]') as Element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.nodeValue ?? '');
    const named = [...document.querySelectorAll('[role="log"] [aria-label], [role="log"] [alt]')];
    return [...texts, ...named.map((one) => one.getAttribute('aria-label') ?? one.getAttribute('alt') ?? '')];
  });
  const seen = new Set(shown.map((text) => text.replace(/\s+/g, ' ').trim()));
  const missing = short.filter((text) => !seen.has(text.replace(/\s+/g, ' ').trim()));
  expect(missing, 'each is shown, letter by letter').toEqual([]);
  expect(await strangers(chat, [])).toEqual([]);
  await eyes.expectNothing();

  // Taps on what they offer.
  await chat.at.getByRole('button', { name: '<script>', exact: false }).last().click();
  await chat.at.getByText('<script>', { exact: false }).first().hover();
  await eyes.expectNothing();
});

test('the check for strangers finds markup that got in: the test could fail', async ({ page, world }) => {
  const chat = await openChat(page, world.hostPage(await world.talk()));
  await chat.widget.evaluate(() => {
    const marquee = document.createElement('marquee');
    const link = document.createElement('a');
    link.setAttribute('href', 'javascript:alert(1)');
    document.body.append(marquee, link);
  });

  expect(await strangers(chat, [])).toEqual(['<marquee>', 'a href=javascript:alert(1)']);
});

test('what a customer writes is text, to them and on the host page', async ({ page, world }) => {
  const evil = world.web.origin('evil');
  const payloads = markupPayloads(evil).filter((_, at) => at % 12 === 0);
  const talk = await world.talk();
  const eyes = watch(page, world);
  const chat = await openChat(page, world.hostPage(talk));

  for (const text of payloads) {
    await chat.at.getByRole('textbox', { name: 'Write a message' }).fill(text);
    await page.keyboard.press('Enter');
    await expect(chat.at.locator('.row.me .bubble').last()).toHaveText(text);
  }
  expect(await strangers(chat, [])).toEqual([]);

  // The newest message beside the launcher stands in the host page itself.
  await chat.at.getByRole('button', { name: 'Minimise' }).click();
  for (const text of payloads.filter((each) => !isMarkup(each))) {
    await talk.post([{ text: { content: text } }]);
    await expect(page.locator('guichet-chat p[aria-live]')).toContainText(
      text.replace(/\s+/g, ' ').trim().slice(0, 100),
    );
  }
  expect(
    await page.evaluate(() =>
      [...(document.querySelector('guichet-chat')?.shadowRoot?.querySelectorAll('p *') ?? [])].map(
        ({ localName }) => localName,
      ),
    ),
  ).toEqual(['button', 'button', 'small']);
  await eyes.expectNothing();
});

test('names, greetings and suggestions are text, from the server and from the page’s script', async ({
  page,
  world,
}) => {
  try {
    const evil = world.web.origin('evil');
    const all = markupPayloads(evil).filter((text) => text.length <= 100 && text.trim() === text);
    const configOf = (from: number) => {
      const pick = (at: number) => all[(from + at) % all.length] ?? '';
      return {
        name: pick(0),
        greeting: pick(1),
        subtitle: pick(2),
        status_line: pick(3),
        suggestions: [4, 5, 6, 7, 8, 9, 10, 11].map((at) => ({ label: pick(at), text: pick(at) })),
      };
    };
    const eyes = watch(page, world);
    // From the server: in the document itself, where a `</script>` would end the script that holds it.
    for (const from of [
      all.indexOf('</script><script>window.__x=1,alert(1)</script>'),
      all.indexOf('<script>window.__x=1,alert(1)</script>'),
    ]) {
      expect(from).toBeGreaterThanOrEqual(0);
      const config = configOf(from);
      await world.configure({ name: config.name, config });
      const talk = await world.talk([], { firstName: config.name });
      const chat = await openChat(page, world.hostPage(talk));
      await expect(chat.at.getByRole('heading', { name: config.greeting })).toBeVisible();
      await expect(chat.at.locator('.suggestions button').first()).toContainText(config.suggestions[0]?.label ?? '');
      expect(await chat.widget.evaluate('document.title')).toBe(config.name);
      expect(await strangers(chat, [])).toEqual([]);
      await eyes.expectNothing();
    }
    // A vouched first name in the built-in greeting.
    await world.configure({ name: 'Plain' });
    const firstName = '<img src=x onerror=window.__x=1,alert(1)>';
    const talk = await world.talk([], { firstName });
    const chat = await openChat(page, world.hostPage(talk));
    await expect(chat.at.getByRole('heading', { level: 2 })).toContainText(firstName);
    // From the page's script, twelve at a time.
    for (let from = 0; from < all.length; from += 12) {
      const config = configOf(from);
      await page.evaluate(
        (changes) => (window as unknown as { guichet: (...args: unknown[]) => unknown }).guichet('setConfig', changes),
        config,
      );
      await expect(chat.at.getByRole('heading', { level: 2 })).toHaveText(config.greeting);
      expect(await strangers(chat, []), JSON.stringify(config)).toEqual([]);
    }
    await eyes.expectNothing();
    // Colours, schemes and corners are no CSS.
    for (const value of [
      `red;background:url(${evil}/css)`,
      `dark;background:url(${evil}/css)`,
      '#fff}*{background:red',
      `url(${evil}/css)`,
    ])
      for (const key of ['brand_color', 'color_scheme', 'position'])
        await page.evaluate(
          (changes) =>
            (window as unknown as { guichet: (...args: unknown[]) => unknown }).guichet('setConfig', changes),
          { [key]: value },
        );
    await eyes.expectNothing();
    // Bots have names as well.
    const { token } = await world.server.createToken({ name: '<img src=x onerror=window.__x=1,alert(1)>', bot: true });
    const answer = await world.server.fetch(`/v2/conversations/${talk.conversationId}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message_parts: [{ text: { content: 'By a bot of that name' } }], actor_type: 'bot' }),
    });
    expect(answer.status).toBe(200);
    await expect(chat.at.locator('.who')).toHaveText('<img src=x onerror=window.__x=1,alert(1)>');
    expect(await strangers(chat, [])).toEqual([]);
    await eyes.expectNothing();
  } finally {
    await world.configure();
  }
});

test('an unsafe URL becomes no link, no picture and no frame: refused at the door, and not shown if it got past it', async ({
  page,
  world,
}) => {
  const evil = world.web.origin('evil');
  const urls = unsafeUrls(evil);
  expect(urls.length).toBeGreaterThan(60);
  const talk = await world.talk([]);
  const kinds = (url: string): Part[] => [
    { file: { name: 'A file', url } },
    { image: { url } },
    { video: { url } },
    { audio: { url } },
    { reference: { label: 'An article', url } },
    { url_button: { label: 'A link', url } },
    { url_button: { label: 'A page', url, target: '_self' } },
    {
      template_content: {
        type: 'carousel',
        sections: [
          {
            name: 'cards',
            parts: [
              {
                template_content: {
                  type: 'carousel_card_default',
                  sections: [
                    { name: 'hero_image', parts: [{ image: { url } }] },
                    { name: 'title', parts: [{ text: { content: 'A card' } }] },
                    { name: 'callback', parts: [{ callback: { label: 'Choose' } }] },
                    { name: 'view', parts: [{ url_button: { label: 'View', url } }] },
                  ],
                },
              },
            ],
          },
        ],
      },
    },
  ];
  for (const url of urls) {
    for (const part of kinds(url)) {
      const { status } = await world.api('POST', `/v2/conversations/${talk.conversationId}/messages`, {
        message_parts: [part],
        actor_type: 'bot',
      });
      expect([url, Object.keys(part)[0], status]).toEqual([url, Object.keys(part)[0], 400]);
    }
  }
  // In text they stay text, and in the database they are put by force, in place of good ones.
  const inText = urls.filter((url) => url.trim() !== '' && !isMarkup(url));
  for (let at = 0; at < inText.length; at += 20)
    await talk.post(inText.slice(at, at + 20).map((url) => ({ text: { content: `See ${url} now` } })));
  const good = (at: number, kind: number) => `${world.web.origin('page')}/replace-${at}-${kind}.`;
  const forced = urls.filter((url) => url.length < 200);
  for (let at = 0; at < forced.length; at += 2) {
    const parts = forced.slice(at, at + 2).flatMap((_, index) => kinds(good(at + index, 0)));
    await talk.post(parts);
  }
  await tamper(world.server, (run) => {
    for (const [at, url] of forced.entries())
      expect(
        run('UPDATE events SET data_json = replace(data_json, ?, ?)', JSON.stringify(good(at, 0)), JSON.stringify(url)),
      ).toBeGreaterThan(0);
  });
  const eyes = watch(page, world);
  const chat = await openChat(page, world.hostPage(talk));
  await expect(chat.at.getByRole('log').locator('article').last()).toBeVisible();

  expect(await strangers(chat, [])).toEqual([]);
  const targets = await chat.widget.evaluate(() =>
    [...document.querySelectorAll('a, img, iframe')].map(
      (one) => one.getAttribute('href') ?? one.getAttribute('src') ?? '',
    ),
  );
  expect(targets.filter((target) => !/^https?:\/\/[^@]+$/.test(target))).toEqual([]);
  // Those of the parts themselves are gone; what text holds of `http://…` may be a link, and nothing else.
  const inParts = await chat.at
    .locator('article :is(a.file, a.url-button, button.url-button, .picture)')
    .evaluateAll((all) => all.map((one) => one.outerHTML.slice(0, 200)));
  expect(inParts).toEqual([]);
  await eyes.expectNothing();
});
