import fc from 'fast-check';
import { limits } from '../protocol/limits';
import type { MessagePart, ReplyPart } from '../protocol/parts';
import { testSite } from './testServer';

/**
 * For tests: messages that the schema takes, with every part in every place where it may stand.
 *
 * @param payload what a bot hides in each option and in each web view's data
 */
export function arbitraryMessage(
  payload = 'secret-payload',
): fc.Arbitrary<{ message_parts: MessagePart[]; reply_parts: ReplyPart[] }> {
  const maybe = { requiredKeys: ['label'] as 'label'[] };
  const quickReply = fc
    .record({ label: words, custom_reply_text: words, payload: fc.constant(payload) }, maybe)
    .map((quick_reply_button) => ({ quick_reply_button }));
  const callback = fc.record({ label: words, payload: fc.constant(payload) }, maybe).map((callback) => ({ callback }));
  const button = fc.oneof(
    fc.record({ label: words, url }).map((each) => ({ url_button: { ...each, target: '_blank' as const } })),
    fc.record({ label: words, title: words, once: fc.boolean() }).map(({ label, title, once }) => ({
      url_button: {
        label,
        url: `${testSite.cards}/x`,
        target: '_self' as const,
        web_view: {
          size: 'tall' as const,
          title: title.slice(0, limits.title),
          data: { payload, deep: { payload } },
          expires_in: 60,
          once,
        },
      },
    })),
  );
  const text = words.map((content) => ({ text: { content } }));
  const card = fc
    .record({
      hero_image: fc.option(url),
      description: fc.option(words),
      callback: fc.option(callback),
      view: fc.option(button),
      title: words,
      fallback: callback,
      order: fc.integer(),
    })
    .map((each) => {
      const action = each.callback ?? (each.view ? undefined : each.fallback);
      const sections = [
        ...(each.hero_image ? [{ name: 'hero_image' as const, parts: [{ image: { url: each.hero_image } }] }] : []),
        { name: 'title' as const, parts: [{ text: { content: each.title.slice(0, limits.cardTitle) } }] },
        ...(each.description
          ? [{ name: 'description' as const, parts: [{ text: { content: each.description } }] }]
          : []),
        ...(action ? [{ name: 'callback' as const, parts: [action] }] : []),
        ...(each.view ? [{ name: 'view' as const, parts: [each.view] }] : []),
      ];
      const from = Math.abs(each.order) % sections.length;
      const turned = [...sections.slice(from), ...sections.slice(0, from)];
      return { template_content: { type: 'carousel_card_default' as const, sections: turned } };
    });
  const carousel = fc.record({ title: fc.option(words), cards: fc.array(card, some) }).map(({ title, cards }) => ({
    template_content: {
      type: 'carousel' as const,
      sections: [
        ...(title
          ? [{ name: 'carousel_title' as const, parts: [{ text: { content: title.slice(0, limits.cardTitle) } }] }]
          : []),
        { name: 'cards' as const, parts: cards },
      ],
    },
  }));
  const dropdown = fc.array(quickReply, some).map((parts) => ({
    template_content: { type: 'quick_reply_dropdown' as const, sections: [{ name: 'options', parts }] },
  }));
  const pressed = [quickReply, callback, button] as const;
  const leaf = fc.oneof(
    text,
    url.map((each) => ({ image: { url: each } })),
    url.map((each) => ({ video: { url: each } })),
    url.map((each) => ({ audio: { url: each } })),
    fc.record({ name: words, url }).map((file) => ({ file })),
    words.map((label) => ({ reference: { label } })),
    words.map((content) => ({ email: { content } })),
    ...pressed,
  );
  const collection = fc.array(leaf, some).map((sub_parts) => ({ collection: { sub_parts } }));
  const replies = fc.array(fc.oneof(...pressed), some).map((sub_parts) => ({ collection: { sub_parts } }));
  return fc.record({
    message_parts: fc.array(fc.oneof(leaf, collection, dropdown, carousel), some),
    reply_parts: fc.array(fc.oneof(replies, ...pressed, dropdown, carousel), { maxLength: 3 }),
  }) as fc.Arbitrary<{ message_parts: MessagePart[]; reply_parts: ReplyPart[] }>;
}

const some = { minLength: 1, maxLength: 4 };
const url = fc
  .constantFrom('https://bank.example/a.png', 'http://localhost/x', 'https://bank.example/?q=1&r=<2>')
  .map((each) => new URL(each).href);
/** Text with something to see, the odd kinds included. */
const words = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.constantFrom('Yes', 'payload', '<b>Bold</b>', 'a &amp; b', '\u202eRTL', 'كشف الحساب', '👩‍👩‍👧‍👦', '__proto__'),
  )
  .map((each) => (/[\p{L}\p{N}]/u.test(each.replace(/<[^>]*>|&\w+;/g, '')) ? each : `x${each}`));
