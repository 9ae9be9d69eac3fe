/**
 * A few hundred payloads in every field of every part: as the API takes them, and as an older or a broken server could have
 * stored what today's would refuse. Whatever draws messages has to bear them: `surfaces` says which those are.
 */
import type { Frame, Page } from '@playwright/test';
import { elementsIn, refusedElements, shownElements } from '../../src/protocol/markup';
import { tamper } from './database';
import { deskStage } from './desk';
import { markupPayloads, richPayloads } from './payloads';
import { expect, openChat, type Part, startWorld, type Talk, test, type World } from './world';

/** Somewhere that shows messages. */
type Surface = {
  name: string;
  /** Opens it on a conversation and gives the document that draws the messages, once all of them are drawn. */
  open(page: Page, world: World, talk: Talk): Promise<Frame>;
  /** Answers the question that waits with something hostile, as a customer does; `kind` is a key of `questions`. */
  answer(frame: Frame, kind: string): Promise<void>;
  /** Where messages stand. */
  log: string;
  /** What stands in there besides what markup may hold. */
  own: string[];
};

const widget: Surface = {
  name: 'the widget',
  async open(page, world, talk) {
    const chat = await openChat(page, world.hostPage(talk));
    const end = chat.at.getByText('The end.', { exact: true }).first();
    await expect(end).toBeVisible();
    // Up to the first message, so that each has been drawn.
    await expect(async () => {
      await chat.at.locator('.scroller').evaluate((box) => box.scrollTo({ top: 0 }));
      await expect(chat.at.getByText('The beginning.', { exact: true }).first()).toBeAttached({ timeout: 300 });
    }).toPass({ timeout: 60_000 });
    return chat.widget;
  },
  async answer(frame, kind) {
    const said = '<img src=x\fonerror=window.__x=1,alert(1)>'.replace('\f', ' ');
    if (kind === 'a drop-down') {
      const field = frame.getByRole('combobox');
      await field.click();
      await expect(frame.getByRole('option').first()).toBeVisible();
      await field.fill('onerror');
      await frame.getByRole('option', { name: 'onerror' }).first().click();
    } else if (kind === 'a carousel') {
      await frame.locator('.card .choose').first().click();
    } else {
      await frame.locator('.chips button, [aria-label="Answer"] button', { hasText: said }).first().click();
    }
    await expect(frame.locator('.row.me .bubble').last()).not.toContainText('be shown here');
  },
  log: '[role="log"]',
  own: [
    ...[
      'article',
      'section',
      'header',
      'time',
      'bdi',
      'button',
      'img',
      'video',
      'audio',
      'canvas',
      'fieldset',
      'legend',
    ],
    ...['svg', 'path', 'circle', 'rect', 'g', 'line', 'polyline', 'select', 'option', 'input', 'label'],
  ],
};
const surfaces = [widget];

type Message = { parts: Part[]; replies?: Part[] };
const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, at * size + size));
const text = (content: string): Part => ({ text: { content } });
const option = (label: string): Part => ({
  quick_reply_button: { label, custom_reply_text: label, payload: 'for-the-bot' },
});
const card = (words: string, page: string): Part => ({
  template_content: {
    type: 'carousel_card_default',
    sections: [
      { name: 'hero_image', parts: [{ image: { url: `${page}/none.png`, alt_text: words } }] },
      { name: 'title', parts: [text(words)] },
      { name: 'description', parts: [text(words)] },
      { name: 'callback', parts: [{ callback: { label: words, payload: 'for-the-bot' } }] },
      { name: 'view', parts: [{ url_button: { label: words, url: `${page}/x` } }] },
    ],
  },
});

/** Every part with these words in every field that is words, in as few messages as hold them. */
function everywhere(words: readonly string[], page: string): Message[] {
  const url = `${page}/x`;
  const each = (part: (one: string) => Part, size = 40) =>
    chunks(words, size).map((some) => ({ parts: some.map(part) }));
  const media = words.filter((_, at) => at % 10 === 0);
  return [
    ...each(text),
    ...each((one) => ({ email: { subject: one, content: one } })),
    ...each((one) => ({ image: { url: `${page}/none.png`, alt_text: one } })),
    ...each((one) => ({ file: { name: one, url, content_type: one } })),
    ...each((one) => ({ reference: { label: one, reference_id: one, url } })),
    ...each((one) => ({ url_button: { label: one, url } })),
    ...each((one) => ({ url_button: { label: one, url, target: '_self', web_view: { title: one, size: one } } })),
    ...each((one) => ({ [one.slice(0, 100)]: { label: one, content: one } })),
    ...each((one) => ({ hologram: { title: one, url } })),
    ...chunks(media, 20).map((some) => ({
      parts: some.flatMap((one) => [
        { video: { url: `${page}/none.mp4`, content_type: one } },
        { audio: { url: `${page}/none.mp3`, content_type: one, name: one } },
      ]),
    })),
    ...chunks(words, 100).map((some) => ({ parts: [{ collection: { sub_parts: some.map(text) } }] })),
    ...chunks(words, 30).map((some) => ({
      parts: [text('Cards')],
      replies: [
        {
          template_content: {
            type: 'carousel',
            sections: [
              { name: 'carousel_title', parts: [text(some[0] ?? '')] },
              { name: 'cards', parts: some.map((one) => card(one, page)) },
            ],
          },
        },
      ],
    })),
  ];
}

/** Questions that wait for their answer: only the last one of a conversation is open. */
const questions = (words: readonly string[], page: string): Record<string, Part[]> => ({
  chips: [{ collection: { sub_parts: words.flatMap((one) => [option(one), { callback: { label: one } }]) } }],
  'a drop-down': [
    {
      template_content: {
        type: 'quick_reply_dropdown',
        sections: [{ name: words[7] ?? '', parts: words.map(option) }],
      },
    },
  ],
  'a carousel': [
    {
      template_content: {
        type: 'carousel',
        sections: [{ name: 'cards', parts: words.filter((_, at) => at % 6 === 0).map((one) => card(one, page)) }],
      },
    },
  ],
});

/** Puts messages into a conversation as they are, whatever today's rules say of them. */
async function store(world: World, talks: readonly (readonly [Talk, readonly Message[]])[]): Promise<void> {
  for (const [talk, messages] of talks) {
    await talk.post([text('The beginning.')]);
    for (const [at] of messages.entries()) await talk.post([text(`Slot ${at}.`)]);
    await talk.post([text('The end.')]);
  }
  await tamper(world.server, (run) => {
    for (const [talk, messages] of talks)
      for (const [at, { parts, replies = [] }] of messages.entries())
        expect(
          run(
            `UPDATE events SET data_json = json_set(data_json, '$.message.message_parts', json(?), '$.message.reply_parts', json(?))
             WHERE conversation_id = ? AND data_json LIKE ?`,
            JSON.stringify(parts),
            JSON.stringify(replies),
            talk.conversationId,
            `%"Slot ${at}."%`,
          ),
        ).toBe(1);
  });
}

function watch(page: Page, world: World) {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const before = world.web.asked.length;
  const pages = page.context().pages().length;
  return async () => {
    for (const frame of page.frames())
      expect(await frame.evaluate("window.__x ?? 'nothing'"), frame.url()).toBe('nothing');
    expect(dialogs).toEqual([]);
    expect(page.context().pages()).toHaveLength(pages);
    expect(world.web.asked.slice(before).filter(({ url }) => url.startsWith(world.web.origin('evil')))).toEqual([]);
  };
}

/** Pictures that don't come are tried again for a while. Once that is over their words stand in their place. */
async function giveUpPictures(frame: Frame, log: string): Promise<void> {
  const pictures = frame.locator(`${log} .frame`);
  if ((await pictures.count()) === 0) return;
  await pictures.last().scrollIntoViewIfNeeded();
  await expect(async () => {
    await frame.evaluate(() => window.dispatchEvent(new Event('online')));
    // One that isn't in view hasn't begun; this one either came or was given up.
    await expect(pictures.last()).toHaveClass(/shown|broken/, { timeout: 500 });
  }).toPass({ timeout: 60_000 });
}

/** Names that a script could have left behind, or that markup could have put in the document's way. */
const globals = (frame: Frame) =>
  frame.evaluate(() => Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name)));

/** What stands in the log that neither our own code nor a message's markup may put there. */
const strangers = (frame: Frame, { log, own }: Pick<Surface, 'log' | 'own'>) =>
  frame.evaluate(
    ([where, allowed]) => {
      const found = new Set<string>();
      const names = ['attributes', 'nodeName', 'parentNode', 'innerHTML', 'cookie', 'guichet', 'x', 'currentScript'];
      for (const name of names)
        for (const one of document.querySelectorAll(`[id="${name}"], [name="${name}"]`))
          found.add(`${one.localName} called ${name}`);
      for (const one of document.querySelectorAll(`${where} *`)) {
        if (!allowed.includes(one.localName)) found.add(`<${one.localName}>`);
        const inMarkup = one.closest('.rich') !== null && !one.matches('.rich');
        for (const { name, value } of one.attributes) {
          if (
            /^on|^srcdoc$|^formaction$|^xlink|^is$|^nonce$|^ping$|^background$|^cite$|^contenteditable$|^popover$/i.test(
              name,
            )
          )
            found.add(`${one.localName} ${name}`);
          if (inMarkup && !['href', 'target', 'rel', 'dir', 'lang'].includes(name))
            found.add(`${one.localName} ${name} in markup`);
          if (
            /^(?:href|src|action|data|poster|srcset)$/.test(name) &&
            !/^(?:https?:\/\/|mailto:|tel:|blob:)/.test(value)
          )
            found.add(`${one.localName} ${name}=${value.slice(0, 80)}`);
          if (name === 'href' && /^https?:\/\/[^/]*@/.test(value))
            found.add(`a link with user-info: ${value.slice(0, 80)}`);
          if (/url\(|expression|@import/i.test(name === 'style' ? value : ''))
            found.add(`${one.localName} style=${value}`);
        }
      }
      return [...found];
    },
    [log, [...shownElements, ...own]] as const,
  );

/** All of it, and each that breaks out of a list of its own kind. */
const corpus = (evil: string) =>
  [...new Set([...markupPayloads(evil), ...richPayloads(evil)])].filter((one) => one.trim());

for (const surface of surfaces) {
  test(`${surface.name} bears whatever was stored, in every field of every part`, async ({ page, world }) => {
    test.setTimeout(300_000);
    const evil = world.web.origin('evil');
    const origin = world.web.origin('page');
    const words = corpus(evil);
    expect(words.length).toBeGreaterThan(350);
    const clean = await world.talk([text('The beginning.'), text('The end.')]);
    // In several conversations: a document of all of it at once is slow.
    const all = chunks(everywhere(words, origin), 30);
    const whole = await Promise.all(all.map(() => world.talk([])));
    const asked = await Promise.all(
      Object.entries(questions(words, origin)).map(async ([kind, replies]) => ({
        kind,
        replies,
        talk: await world.talk([]),
      })),
    );
    await store(world, [
      ...whole.map((talk, at): [Talk, Message[]] => [talk, all[at] ?? []]),
      ...asked.map(({ talk, replies }): [Talk, Message[]] => [talk, [{ parts: [text('Choose')], replies }]]),
    ]);
    const known = await globals(await surface.open(page, world, clean));
    const expectNothing = watch(page, world);
    let markup = 0;

    for (const talk of [...whole, ...asked.map((each) => each.talk)]) {
      const frame = await surface.open(page, world, talk);
      // What comes in downloads of its own is there as well.
      await page.waitForLoadState('networkidle');
      await giveUpPictures(frame, surface.log);
      await expect.poll(() => strangers(frame, surface)).toEqual([]);
      expect((await globals(frame)).filter((name) => !known.includes(name))).toEqual([]);
      markup += await frame.locator(`${surface.log} .rich b`).count();
      const question = asked.find((each) => each.talk === talk);
      if (question) {
        await surface.answer(frame, question.kind);
        await expect.poll(() => strangers(frame, surface)).toEqual([]);
      } else await frame.locator(`${surface.log} article`).last().hover();
      await expectNothing();
    }
    expect(markup, 'markup was drawn as markup').toBeGreaterThan(300);
  });

  test(`${surface.name} shows what the API took, and the API took nothing that it would not show`, async ({
    page,
    world,
  }) => {
    test.setTimeout(180_000);
    const evil = world.web.origin('evil');
    const words = corpus(evil);
    const talk = await world.talk([text('The beginning.')]);
    let taken = 0;
    for (const one of words) {
      for (const part of [text(one), { email: { content: one } }]) {
        const { status } = await world.api('POST', `/v2/conversations/${talk.conversationId}/messages`, {
          message_parts: [part],
          actor_type: 'bot',
        });
        const isRefused = elementsIn(one).some((name) => (refusedElements as readonly string[]).includes(name));
        expect([200, 400]).toContain(status);
        if (isRefused) expect([one, status]).toEqual([one, 400]);
        if (status === 200) taken += 1;
      }
    }
    expect(taken).toBeGreaterThan(100);
    await talk.post([text('The end.')]);
    const expectNothing = watch(page, world);

    const frame = await surface.open(page, world, talk);

    await expect.poll(() => strangers(frame, surface)).toEqual([]);
    const blank = await frame
      .locator(`${surface.log} :is(.bubble, .letter .words)`)
      .evaluateAll((all) =>
        all.filter((one) => one.textContent?.trim() === '').map((one) => one.outerHTML.slice(0, 200)),
      );
    expect(blank).toEqual([]);
    await expectNothing();
  });
}

test('the desk, where an agent reads it all, bears it as well', async ({ page }) => {
  test.setTimeout(300_000);
  const desk = await deskStage();
  const { stop, ...world } = await startWorld(desk.settings);
  try {
    await desk.begin(world);
    const origin = world.web.origin('page');
    const words = corpus(world.web.origin('evil'));
    const asked = Object.entries(questions(words, origin)).map(([, replies]) => [{ parts: [text('Choose')], replies }]);
    const all: Message[][] = [...chunks(everywhere(words, origin), 40), ...asked];
    const talks = await Promise.all(
      all.map(async (messages, at) => ({
        name: `Customer${at}.`,
        messages,
        talk: await world.talk([], { firstName: `Customer${at}.` }),
      })),
    );
    await store(
      world,
      talks.map(({ talk, messages }) => [talk, messages]),
    );
    await world.talk([text('The beginning.'), text('The end.')], { firstName: 'Clean' });
    const known = await globals(await desk.open(page, 'Clean'));
    const expectNothing = watch(page, world);

    for (const { name } of talks) {
      const frame = await desk.open(page, name);
      await page.waitForLoadState('networkidle');
      expect(
        await strangers(frame, {
          log: '[role="log"]',
          own: [...widget.own, 'details', 'summary'],
        }),
      ).toEqual([]);
      expect((await globals(frame)).filter((each) => !known.includes(each))).toEqual([]);
      await expectNothing();
    }
  } finally {
    await stop();
    await desk.end();
  }
});

test('the look for strangers finds what got in: these tests could fail', async ({ page, world }) => {
  const talk = await world.talk([text('The beginning.'), text('<b>Bold</b>'), text('The end.')]);
  const frame = await widget.open(page, world, talk);
  await expect(frame.locator('.rich b')).toBeVisible();
  expect(await strangers(frame, widget)).toEqual([]);

  await frame.evaluate(() => {
    const bold = document.querySelector('.rich b');
    bold?.setAttribute('style', 'color: red');
    bold?.setAttribute('id', 'cookie');
    const link = document.createElement('a');
    link.setAttribute('href', 'javascript:alert(1)');
    bold?.append(link, document.createElement('marquee'));
  });

  expect((await strangers(frame, widget)).sort()).toEqual([
    '<marquee>',
    'a href=javascript:alert(1)',
    'b called cookie',
    'b id in markup',
    'b style in markup',
  ]);
});
