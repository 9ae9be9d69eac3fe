import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuichetError } from '../../protocol/errors';
import { plainText, refusedElements } from '../../protocol/markup';
import { optionsOf, urlButtonsOf } from '../../protocol/options';
import { parse } from '../../protocol/parse';
import { MessagePost } from '../../protocol/rest/conversations';
import type { SiteSettings } from '../access/sites';
import { arbitraryBody, hostileTexts } from '../arbitraryBody';
import { arbitraryMessage } from '../arbitraryMessage';
import { lintMessage, type Place, partsIn } from './lint';

const site: SiteSettings = {
  hosts: ['https://bank.example'],
  web_view_origins: ['https://cards.bank.example'],
  allow_host_origin: false,
  allow_host_mount: false,
  web_view_permissions: [],
  config: {},
  identity_keys: [],
};
const url = 'https://cards.bank.example/x';

/** What a message is refused with, by the schema or by the rules; undefined when it is taken. */
function refusal(message: object, at?: Place, settings: Partial<SiteSettings> = {}): GuichetError | undefined {
  try {
    const stage = { site: { ...site, ...settings }, origin: 'https://chat.example' };
    lintMessage(parse(MessagePost, { actor_type: 'bot', ...message }), stage, at);
    return undefined;
  } catch (error) {
    if (error instanceof GuichetError) return error;
    throw error;
  }
}
const says = (part: object, more: object = {}) => ({ message_parts: [part], ...more });
const text = (content: string) => says({ text: { content } });
const asks = (...reply_parts: object[]) => ({ ...text('Which?'), reply_parts });
const option = (label: string, more: object = {}) => ({ quick_reply_button: { label, ...more } });
const title = { name: 'title', parts: [{ text: { content: 'Runner' } }] };
const choose = { name: 'callback', parts: [{ callback: { label: 'Select', payload: 'sku-1' } }] };
const card = (...sections: object[]) => ({ template_content: { type: 'carousel_card_default', sections } });
const carousel = (...cards: object[]) => ({
  template_content: { type: 'carousel', sections: [{ name: 'cards', parts: cards }] },
});
const dropdown = (...parts: object[]) => ({
  template_content: { type: 'quick_reply_dropdown', sections: [{ name: 'options', parts }] },
});

describe('what can be shown is taken', () => {
  test.each<[string, object]>([
    ['plain text', text('Hello')],
    ['text that only looks like markup', text('a < b, <3, <x-y>, if (a < b && c > d)')],
    ['text with markup', text('<b>Pick one</b><br/><p>or <i>two</i></p><ul><li>three</li></ul>')],
    [
      'all kinds of links',
      text('<a href="https://bank.example">a</a> <a href=mailto:a@b.example>b</a> <a href="tel:+1">c</a>'),
    ],
    ['a link with a reference in it', text('<a href="https://bank.example/?a=1&amp;b=2">a</a>')],
    ['an anchor without a link', text('<a name="x">here</a>')],
    ['an element that is not on the list, around words', text('<center><b>Hi</b></center><o:p>there</o:p><wbr>')],
    ['words in angle brackets without any markup', text('Write <your name> here, <not-b>')],
    ['attributes that have no meaning here', text('<p class="x" style="color:red">red</p>')],
    ['two options of the same words', asks(option('Yes', { payload: 'a' }), option('Yes', { payload: 'b' }))],
    [
      'a question of several kinds',
      asks({ collection: { sub_parts: [option('A')] } }, dropdown(option('B')), carousel(card(title, choose))),
    ],
    [
      'a web view on the site’s own list',
      says({ url_button: { label: 'Go', url, target: '_self', web_view: { once: false } } }),
    ],
    ['a URL button in a private note', says({ url_button: { label: 'Go', url } }, { message_type: 'private' })],
    [
      'what a user writes, which is never markup',
      says({ text: { content: '<script>alert(1)</script><img>' } }, { actor_type: 'user' }),
    ],
    [
      'a user’s picture and file',
      { actor_type: 'user', message_parts: [{ image: { url } }, { file: { url, name: 'a.pdf' } }] },
    ],
    [
      'media of their own types',
      {
        message_parts: [
          { video: { url, content_type: 'video/mp4' } },
          { audio: { url, content_type: 'Application/ogg' } },
          { image: { url, content_type: 'image/svg+xml' } },
        ],
      },
    ],
    ['Arabic, emoji and a family of joiners', text('كشف الحساب 👩‍👩‍👧‍👦')],
    ['an article without a link', says({ reference: { label: 'Fees' } })],
    ['an e-mail without a subject', says({ email: { content: '<p>Dear Ada</p>' } })],
  ])('%s', (_, message) => {
    expect(refusal(message)?.details).toBeUndefined();
  });

  test('and so is every message that the schema can make, as long as its texts show something', () => {
    fc.assert(
      fc.property(arbitraryMessage(), (message) => {
        expect(refusal(message)?.details).toBeUndefined();
      }),
    );
  });
});

describe('what could not be shown is refused, with its place, what was expected and what came', () => {
  const kinds = 'an object with exactly one of';
  test.each<[string, object, string, string, string]>([
    ['markup that shows nothing', text('<p><br></p>&nbsp;'), 'message_parts[0].text.content', 'shows something', '<p>'],
    [
      'a text of characters without room',
      text('\u200b\u2060\u00ad'),
      'message_parts[0].text.content',
      'shows something',
      '\u200b',
    ],
    [
      'words that markup would swallow',
      text('<b>Hello</b> <your name>, <Ref-No>'),
      'message_parts[0].text.content',
      '&lt; for a "<"',
      '<your>, <ref-no>',
    ],
    [
      'markup of nothing but elements that are not on the list',
      text('<b></b><x-y></x-y>'),
      'message_parts[0].text.content',
      'shows something',
      '<x-y>',
    ],
    [
      'a picture in markup',
      text('<b>See</b><img src=x>'),
      'message_parts[0].text.content',
      '<img> (use an image part)',
      '<img>',
    ],
    [
      'a form in markup',
      text('<form><input></form>'),
      'message_parts[0].text.content',
      '<form> (use a url_button with target "_self": a web view)',
      '<form>, <input>',
    ],
    [
      'a script in markup',
      text('x<ScRiPt>alert(1)</script>'),
      'message_parts[0].text.content',
      '<script> (never shown)',
      '<script>',
    ],
    [
      'a table in an e-mail',
      says({ email: { content: '<table><tr><td>1' } }),
      'message_parts[0].email.content',
      '<table> (use a list',
      '<table>',
    ],
    [
      'a link that runs',
      text('<a href="javascript:alert(1)">x</a>'),
      'message_parts[0].text.content',
      'http, https, mailto or tel',
      'href="javascript:alert(1)"',
    ],
    [
      'a link that hides what it runs',
      text("<a title='>' HREF=' java&#115;cript:x'>x</a>"),
      'message_parts[0].text.content',
      'mailto or tel',
      'javascript:x',
    ],
    [
      'a link to nowhere',
      text('<a href="/fees">x</a>'),
      'message_parts[0].text.content',
      'absolute links',
      'href="/fees"',
    ],
    [
      'a link with a password',
      text('<a href=https://a:b@bank.example>x</a>'),
      'message_parts[0].text.content',
      'absolute links',
      'a:b@',
    ],
    [
      'a label of nothing',
      asks(option('\u200b')),
      'reply_parts[0].quick_reply_button.label',
      'shows something',
      '"\u200b"',
    ],
    [
      'words of nothing',
      asks(option('A', { custom_reply_text: '\u2060' })),
      'reply_parts[0].quick_reply_button.custom_reply_text',
      'shows something',
      '"',
    ],
    [
      'a web view where none may be',
      says({ url_button: { label: 'Go', url: 'https://evil.example/', target: '_self' } }),
      'message_parts[0].url_button.url',
      'a web view may open',
      'the origin https://evil.example is not among',
    ],
    [
      'a web view in a tab',
      says({ url_button: { label: 'Go', url, web_view: {} } }),
      'message_parts[0].url_button.web_view',
      'target "_self"',
      '"_blank"',
    ],
    [
      'a web view’s title of nothing',
      says({ url_button: { label: 'Go', url, target: '_self', web_view: { title: '\u200b' } } }),
      'message_parts[0].url_button.web_view.title',
      'shows something',
      '"',
    ],
    [
      'reply parts of a user',
      { ...asks(option('A')), actor_type: 'user' },
      'reply_parts',
      "none in a user's message",
      '1 of them',
    ],
    [
      'reply parts of a private note',
      { ...asks(option('A')), message_type: 'private' },
      'reply_parts',
      'none in a private message',
      '1 of them',
    ],
    [
      'an option by a user',
      says(dropdown(option('A')), { actor_type: 'user' }),
      'message_parts[0].template_content.sections[0].parts[0].quick_reply_button',
      'nobody could press it',
      'one',
    ],
    [
      'a button by a user',
      says({ url_button: { label: 'Go', url } }, { actor_type: 'user' }),
      'message_parts[0].url_button',
      'nobody could press it',
      'one',
    ],
    [
      'a web view in a private note',
      says({ url_button: { label: 'Go', url, target: '_self' } }, { message_type: 'private' }),
      'message_parts[0].url_button',
      'nobody could press it',
      'one',
    ],
    [
      'a picture that is a document',
      says({ image: { url, content_type: 'application/pdf' } }),
      'message_parts[0].image.content_type',
      'an image can have',
      'application/pdf',
    ],
    [
      'a video that is a page',
      says({ video: { url, content_type: 'text/html' } }),
      'message_parts[0].video.content_type',
      'a video can have',
      'text/html',
    ],
    [
      'a picture in a card’s description',
      asks(
        carousel(
          card(title, choose),
          card(title, { name: 'description', parts: [{ text: { content: '<img>' } }] }, choose),
        ),
      ),
      'reply_parts[0].template_content.sections[0].parts[1].template_content.sections[1].parts[0].text.content',
      '<img> (use an image part)',
      '<img>',
    ],
    [
      'a card’s web view where none may be',
      asks(
        carousel(
          card(title, {
            name: 'view',
            parts: [{ url_button: { label: 'V', url: 'https://bank.example/', target: '_self' } }],
          }),
        ),
      ),
      'reply_parts[0].template_content.sections[0].parts[0].template_content.sections[1].parts[0].url_button.url',
      'a web view may open',
      'exact origin',
    ],
    // By the schema:
    [
      'a kind that nobody knows',
      says({ carousel: {} }),
      'message_parts[0]',
      `${kinds} text, image, video`,
      'one with carousel',
    ],
    [
      'a kind that is no reply',
      asks({ text: { content: 'x' } }),
      'reply_parts[0]',
      `${kinds} collection, quick_reply_button, callback, url_button, template_content`,
      'one with text',
    ],
    [
      'two parts in one',
      says({ text: { content: 'x' }, image: { url } }),
      'message_parts[0]',
      kinds,
      'one with text, image',
    ],
    [
      'a part and something besides',
      says({ text: { content: 'x' }, extra: 1 }),
      'message_parts[0]',
      kinds,
      'one with text, extra',
    ],
    ['a part that is only a word', says({ text: 'x' }), 'message_parts[0].text', 'Object', '"x"'],
    ['a list in place of a part', says([{ text: { content: 'x' } }]), 'message_parts[0]', kinds, 'one with 0'],
    [
      'a template that nobody knows',
      asks({ template_content: { type: 'list', sections: [] } }),
      'reply_parts[0].template_content.type',
      '"quick_reply_dropdown" | "carousel"',
      '"list"',
    ],
    [
      'a card outside a carousel',
      asks(card(title, choose)),
      'reply_parts[0].template_content.type',
      '"quick_reply_dropdown" | "carousel"',
      '"carousel_card_default"',
    ],
    [
      'a carousel in a collection',
      says({ collection: { sub_parts: [carousel(card(title, choose))] } }),
      'message_parts[0].collection.sub_parts[0]',
      kinds,
      'one with template_content',
    ],
    [
      'a section that nobody knows',
      asks(carousel(card(title, choose, { name: 'footer', parts: [] }))),
      'reply_parts[0].template_content.sections[0].parts[0].template_content.sections[2].name',
      '"hero_image" | "title"',
      '"footer"',
    ],
    [
      'a wrong URL deep in a card',
      asks(
        carousel(card(title, choose), card({ name: 'hero_image', parts: [{ image: { url: 'x' } }] }, title, choose)),
      ),
      'reply_parts[0].template_content.sections[0].parts[1].template_content.sections[0].parts[0].image.url',
      'an absolute http or https URL',
      '"x"',
    ],
    [
      'a card with nothing to do',
      asks(carousel(card(title))),
      'reply_parts[0].template_content.sections[0].parts[0].template_content.sections',
      'a section "callback" or "view"',
      'Array',
    ],
    [
      'a card without a title',
      asks(carousel(card(choose))),
      'reply_parts[0].template_content.sections[0].parts[0].template_content.sections',
      'a section "title"',
      'Array',
    ],
    [
      'a section twice',
      asks(carousel(card(title, title, choose))),
      'reply_parts[0].template_content.sections[0].parts[0].template_content.sections',
      'each section at most once',
      'Array',
    ],
    [
      'two parts in a section',
      asks(carousel(card({ name: 'title', parts: [...title.parts, ...title.parts] }, choose))),
      'reply_parts[0].template_content.sections[0].parts[0].template_content.sections[0].parts',
      'exactly 1 in the list',
      '2',
    ],
    [
      'too many cards',
      asks(carousel(...Array(31).fill(card(title, choose)))),
      'reply_parts[0].template_content.sections[0].parts',
      'at most 30 in the list',
      '31',
    ],
    [
      'a label too long',
      asks(dropdown(option('A'), option('x'.repeat(201)))),
      'reply_parts[0].template_content.sections[0].parts[1].quick_reply_button.label',
      'at most 200 characters',
      '201',
    ],
    [
      'no options',
      asks(dropdown()),
      'reply_parts[0].template_content.sections[0].parts',
      'at least 1 in the list',
      '0',
    ],
  ])('%s', (_, message, path, expected, received) => {
    const found = refusal(message);

    expect(found?.status).toBe(400);
    expect(found?.details?.[0]).toEqual({
      path,
      expected: expect.stringContaining(expected),
      received: expect.stringContaining(received),
    });
    expect(found?.message).toContain(path);
  });

  test.each(refusedElements.map((name) => [name]))('<%s> in a text, with what to use instead', (name) => {
    expect(refusal(text(`See <${name}>here`))?.details).toEqual([
      {
        path: 'message_parts[0].text.content',
        expected: expect.stringMatching(new RegExp(`^text without <${name}> \\((?:use |never shown)`)),
        received: `<${name}>`,
      },
    ]);
  });

  test('every fault is named, not only the first', () => {
    const found = refusal({
      message_parts: [
        { text: { content: '<img>' } },
        { url_button: { label: '\u200b', url: 'https://evil.example/', target: '_self' } },
        { collection: { sub_parts: [{ text: { content: '<a href="/x">x</a><a href="data:,x">y</a>' } }] } },
      ],
      reply_parts: [carousel(card({ name: 'title', parts: [{ text: { content: '<br>' } }] }, choose))],
    });

    expect(found?.details?.map(({ path }) => path)).toEqual([
      'message_parts[0].text.content',
      'message_parts[1].url_button.label',
      'message_parts[1].url_button.url',
      'message_parts[2].collection.sub_parts[0].text.content',
      'message_parts[2].collection.sub_parts[0].text.content',
      'reply_parts[0].template_content.sections[0].parts[0].template_content.sections[0].parts[0].text.content',
    ]);
    expect(found?.code).toBe('INVALID_VALUE');
    expect(found?.message).toContain('(and 5 more)');
  });

  test('so are all that the schema finds, in one part and in several', () => {
    const found = refusal({
      message_parts: [{ image: { url: 5, width: 'x' } }, { nothing: 1 }],
      reply_parts: [carousel(card(title, { name: 'callback', parts: [{ callback: { label: '' } }] }), card(choose))],
    });

    expect(found?.details?.map(({ path }) => path)).toEqual([
      'message_parts[0].image.url',
      'message_parts[0].image.width',
      'message_parts[1]',
      'reply_parts[0].template_content.sections[0].parts[0].template_content.sections[1].parts[0].callback.label',
      'reply_parts[0].template_content.sections[0].parts[1].template_content.sections',
    ]);
  });

  test('a message of nothing but web views that may not open has the code that says so', () => {
    const bad = { url_button: { label: 'Go', url: 'https://evil.example/', target: '_self' } };

    expect(refusal(says(bad))?.code).toBe('WEB_VIEW_URL_REFUSED');
    expect(refusal({ message_parts: [bad, { text: { content: '<img>' } }] })?.code).toBe('INVALID_VALUE');
  });

  test('a message inside something else is named by its place there', () => {
    expect(refusal(text('<img>'), ['messages', 2])?.details?.[0]?.path).toBe(
      'messages[2].message_parts[0].text.content',
    );
    expect(refusal(text('<img>'), ['welcome_message'])?.details?.[0]?.path).toBe(
      'welcome_message.message_parts[0].text.content',
    );
  });

  test('however much came, the refusal stays short, and comes soon', () => {
    const start = performance.now();
    for (const content of [
      '<a href="/x">'.repeat(700),
      '<a "'.repeat(2_400),
      `<a href="${'x'.repeat(9_000)}">x`,
      '<'.repeat(10_000),
      '&#'.repeat(5_000),
      `<img ${'<b '.repeat(3_000)}`,
      `<a ${'x='.repeat(4_900)}>`,
    ]) {
      const found = refusal({ message_parts: Array.from({ length: 6 }, () => ({ text: { content } })) });
      expect(JSON.stringify(found?.details ?? []).length).toBeLessThan(10_000);
      expect((found?.message ?? '').length).toBeLessThan(1_000);
    }
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('whatever comes', () => {
  /** Taken, or refused by a clear answer: with places that lead into what came. */
  function expectClear(input: unknown): void {
    let taken: MessagePost;
    try {
      taken = parse(MessagePost, input);
      lintMessage(taken, { site, origin: 'https://chat.example' });
    } catch (error) {
      if (!(error instanceof GuichetError)) throw error;
      expect(error.status).toBe(400);
      expect(error.details?.length).toBeGreaterThan(0);
      for (const { path, expected, received } of error.details ?? []) {
        expect(typeof path === 'string' && expected && received).toBeTruthy();
        expect(JSON.stringify([path, expected, received]).length).toBeLessThan(4_000);
      }
      return;
    }
    // What is taken can be counted, and shown.
    for (const { label, reply } of optionsOf(taken)) expect(label.trim() && reply.trim()).toBeTruthy();
    for (const { url: href } of urlButtonsOf(taken)) expect(href).toMatch(/^https?:/);
    for (const { part } of taken.message_parts.flatMap((each, at) => [...partsIn(each, ['message_parts', at])])) {
      if ('text' in part && taken.actor_type !== 'user') expect(plainText(part.text.content).trim()).not.toBe('');
    }
  }

  test('in a body half made up from the schema', () => {
    fc.assert(
      fc.property(arbitraryBody(MessagePost), (body) => expectClear(body)),
      { numRuns: 2_000 },
    );
  });

  test('in any one place of a good message', () => {
    const others = [null, true, 0, -1, 1.5, 1e308, [], {}, [[[]]], 'x'.repeat(30_000), ...hostileTexts];
    fc.assert(
      fc.property(arbitraryMessage(), fc.nat(), fc.nat(), fc.anything(), (message, place, kind, made) => {
        const at = placesOf(message);
        const choices = [...others, made];
        expectClear({ actor_type: 'bot', ...(at[place % at.length]?.(choices[kind % choices.length]) as object) });
      }),
      { numRuns: 1_500 },
    );
  });
});

/** For each place in a value, what puts something else there. */
function placesOf(
  value: unknown,
  put: (other: unknown) => unknown = (other) => other,
): ((other: unknown) => unknown)[] {
  if (typeof value !== 'object' || value === null) return [put];
  const inner = Object.entries(value).flatMap(([key, each]) =>
    placesOf(each, (other) => put(Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other })),
  );
  return [put, ...inner];
}

describe('what a web view’s button asks for', () => {
  const opens = (web_view: object) => says({ url_button: { label: 'Go', url, target: '_self', web_view } });
  const at = 'message_parts[0].url_button.web_view';
  const granted: Partial<SiteSettings> = {
    allow_host_mount: true,
    web_view_permissions: ['popups', 'camera'],
    hosts: ['https://www.bank.example', 'https://partner.example'],
  };

  test.each<[string, object]>([
    ['nothing', {}],
    ['what is granted', { permissions: ['popups', 'camera'], mount: 'host' }],
    ['the usual place', { mount: 'widget' }],
    ['to be strict, with windows', { strict: true, permissions: ['popups'] }],
  ])('%s is taken', (_, web_view) => {
    expect(refusal(opens(web_view), [], granted)).toBeUndefined();
  });

  test.each<[string, object, Partial<SiteSettings>, object]>([
    [
      'a permission that the site does not grant',
      { permissions: ['popups', 'geolocation'] },
      granted,
      {
        path: `${at}.permissions[1]`,
        expected: 'one that the site grants by web_view_permissions (popups, camera)',
        received: 'geolocation',
      },
    ],
    [
      'any, where none is granted',
      { permissions: ['popups'] },
      {},
      {
        path: `${at}.permissions[0]`,
        expected: 'one that the site grants by web_view_permissions (none)',
        received: 'popups',
      },
    ],
    [
      'the host page, where the site does not allow it',
      { mount: 'host' },
      {},
      { path: `${at}.mount`, expected: '"widget", unless the site sets allow_host_mount', received: 'host' },
    ],
    [
      'the host page, for a page of another site',
      { mount: 'host' },
      { ...granted, hosts: ['https://partner.example'] },
      {
        path: `${at}.mount`,
        expected: '"widget", or a page of the same site as one of https://partner.example, on an origin of its own',
        received: 'host, for https://cards.bank.example',
      },
    ],
    [
      'the host page, for a page on that very origin',
      { mount: 'host' },
      { ...granted, hosts: ['https://cards.bank.example', 'https://partner.example'], allow_host_origin: true },
      {
        path: `${at}.mount`,
        expected:
          '"widget", or a page of the same site as one of https://cards.bank.example, https://partner.example, on an origin of its own',
        received: 'host, for https://cards.bank.example',
      },
    ],
    [
      'the camera, for a strict page',
      { strict: true, permissions: ['camera'] },
      granted,
      {
        path: `${at}.permissions[0]`,
        expected: 'popups or nothing: a strict page has no origin that could be given more',
        received: 'camera',
      },
    ],
  ])('%s is refused with its place', (_, web_view, settings, detail) => {
    expect(refusal(opens(web_view), [], settings)?.details).toEqual([detail]);
  });

  test.each<[string, object]>([
    ['an unknown permission', { permissions: ['usb'] }],
    ['a permission twice', { permissions: ['camera', 'camera'] }],
    ['an unknown place', { mount: 'top' }],
    ['a word for strict', { strict: 'yes' }],
  ])('%s is no field of ours', (_, web_view) => {
    expect(refusal(opens(web_view), [], granted)).toMatchObject({ code: 'INVALID_VALUE' });
  });
});
