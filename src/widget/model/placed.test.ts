import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEvents, type ShownPart } from '../../client/events';
import { optionsOf, urlButtonsOf } from '../../protocol/options';
import { type Item, place } from './placed';

const label = fc.string({ minLength: 1, maxLength: 12 }).filter((value) => value.trim() !== '');
const url = fc.webUrl({ validSchemes: ['https'] });
const text = fc.record({ text: fc.record({ content: label }) });
const leaf = fc.oneof(
  text,
  fc.record({ image: fc.record({ url }) }),
  fc.record({ url_button: fc.record({ label, url, target: fc.constantFrom('_self', '_blank') }) }),
  fc.record({ quick_reply_button: fc.record({ label, custom_reply_text: label }) }),
  fc.record({ callback: fc.record({ label }) }),
  fc.record({ reference: fc.record({ label, url }) }),
  fc.record({ email: fc.record({ subject: label, content: label }) }),
  fc.record({ hologram: fc.record({ title: label }) }),
  // What no server of today would send, in places where something else belongs.
  fc.constantFrom({}, { url_button: { label: '', url: 'javascript:1' } }, { text: null }),
);
const section = (name: string, part: fc.Arbitrary<object>) => fc.record({ name: fc.constant(name), parts: part });
const one = (part: fc.Arbitrary<object>) => fc.oneof({ weight: 5, arbitrary: part }, leaf).map((each) => [each]);
const card = fc
  .tuple(
    section('title', one(text)),
    section('callback', one(fc.record({ callback: fc.record({ label }) }))),
    section('view', one(fc.record({ url_button: fc.record({ label, url }) }))),
    section('hero_image', one(fc.record({ image: fc.record({ url }) }))),
  )
  .chain((all) => fc.shuffledSubarray([...all]))
  .map((sections) => ({ template_content: { type: 'carousel_card_default', sections } }));
const carousel = fc
  .tuple(
    section('carousel_title', one(text)),
    section('cards', fc.array(fc.oneof({ weight: 6, arbitrary: card }, leaf), { maxLength: 4 })),
  )
  .chain((all) => fc.shuffledSubarray([...all]))
  .map((sections) => ({ template_content: { type: 'carousel', sections } }));
const dropdown = fc
  .array(fc.record({ name: fc.constantFrom('options', 'Reason'), parts: fc.array(leaf, { maxLength: 5 }) }), {
    maxLength: 2,
  })
  .map((sections) => ({ template_content: { type: 'quick_reply_dropdown', sections } }));
const part = fc.letrec<{ part: object }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'part' },
    leaf,
    carousel,
    dropdown,
    card,
    fc.array(tie('part'), { maxLength: 4 }).map((sub_parts) => ({ collection: { sub_parts } })),
  ),
})).part;
const message = fc.record({
  message_parts: fc.array(part, { maxLength: 5 }),
  reply_parts: fc.array(part, { maxLength: 3 }),
});

/** As it comes off the wire. */
function read(parts: { message_parts: object[]; reply_parts: object[] }) {
  const ids = Object.fromEntries(
    ['id', 'app_id', 'channel_id', 'conversation_id', 'interaction_id', 'user_id', 'actor_id', 'created_time'].map(
      (key) => [key, 'x'],
    ),
  );
  const [event] = readEvents([
    {
      id: 'e',
      conversation_id: 'c',
      seq: 1,
      time: 't',
      actor: { actor_type: 'bot', actor_id: 'b' },
      type: 'message_create',
      data: {
        message: {
          ...ids,
          actor_type: 'bot',
          message_type: 'normal',
          message_source: 'api',
          seq: 1,
          ...parts,
        },
      },
    },
  ]);
  if (event?.type !== 'message_create') throw new Error('it was not read');
  return event.data.message;
}
const buttonsOf = (item: Item) =>
  item.kind === 'action'
    ? [{ url_button: item.url_button, button: item.button }]
    : item.kind === 'chips'
      ? item.buttons.flatMap((each) => ('option' in each ? [] : [each]))
      : item.kind === 'carousel'
        ? item.cards.flatMap(({ view }) => (view ? [view] : []))
        : [];
const choicesOf = (item: Item) =>
  item.kind === 'chips'
    ? item.buttons.flatMap((each) => ('option' in each ? [each] : []))
    : item.kind === 'dropdown'
      ? item.choices
      : item.kind === 'carousel'
        ? item.cards.flatMap(({ callback }) => (callback ? [callback] : []))
        : [];
const said = (parts: object[], replies: object[] = [], waits = false) =>
  place(parts as ShownPart[], replies as ShownPart[], waits);
const chip = (name: string) => ({ quick_reply_button: { label: name } });
const open = (name: string) => ({ url_button: { label: name, url: 'https://bank.example/', target: '_blank' } });

describe('a message laid out', () => {
  test('every option and URL button stands there once, by the number that the server knows it by', () => {
    fc.assert(
      fc.property(message, (input) => {
        const { message_parts, reply_parts } = read(input);
        const items = place(message_parts, reply_parts, true);
        const parts = { message_parts, reply_parts } as never;

        const choices = items.flatMap(choicesOf);
        const buttons = items.flatMap(buttonsOf);
        expect(choices.map(({ option }) => option).sort((a, b) => a - b)).toEqual([...choices.keys()]);
        expect(choices.length).toBe(optionsOf(parts).length);
        for (const { option, label: its } of choices) expect(its).toBe(optionsOf(parts)[option]?.label);
        expect(buttons.map(({ button }) => button).sort((a, b) => a - b)).toEqual([...buttons.keys()]);
        expect(buttons.length).toBe(urlButtonsOf(parts).length);
        for (const { button, url_button } of buttons) expect(url_button).toEqual(urlButtonsOf(parts)[button]);
      }),
      { numRuns: 500 },
    );
  });

  test('the URL buttons have the same numbers once the question is answered, and nothing is ever blank', () => {
    fc.assert(
      fc.property(message, (input) => {
        const { message_parts, reply_parts } = read(input);
        const before = place(message_parts, reply_parts, true);
        const after = place(message_parts, reply_parts, false);

        expect(after.flatMap(buttonsOf)).toEqual(before.flatMap(buttonsOf));
        expect(after.length).toBeGreaterThan(0);
        expect(after.some(({ kind }) => kind === 'dropdown' || kind === 'chips')).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('buttons among answers stand in their row; those of the message and those of the reply don’t mix', () => {
    const kinds = said([open('Site')], [{ collection: { sub_parts: [chip('Yes'), open('Terms'), chip('No')] } }], true);

    expect(kinds).toMatchObject([
      { kind: 'action', button: 0 },
      { kind: 'chips', buttons: [{ label: 'Yes', option: 0 }, { button: 1 }, { label: 'No', option: 1 }] },
    ]);
  });

  test('a question of nothing but answers stays readable when it has its answer', () => {
    expect(said([{ collection: { sub_parts: [chip('Yes'), chip('No')] } }])).toEqual([
      { kind: 'said', part: { text: { content: 'Yes · No' } } },
    ]);
  });

  test('a carousel without cards and a drop-down without options say that they can’t be shown', () => {
    const template = (type: string, sections: object[]) => ({ template_content: { type, sections } });

    for (const empty of [template('carousel', []), template('quick_reply_dropdown', [{ name: 'options', parts: [] }])])
      expect(said([empty], [], true)).toMatchObject([{ kind: 'said', part: { unknown: {} } }]);
    expect(
      said([template('carousel', [{ name: 'carousel_title', parts: [{ text: { content: 'Offers' } }] }])]),
    ).toMatchObject([{ part: { text: { content: 'Offers' } } }]);
  });

  test('a collection nested as deep as a message can hold is laid out', () => {
    let nested: object = chip('Deep');
    for (let depth = 0; depth < 2_000; depth++) nested = { collection: { sub_parts: [nested] } };

    expect(() => place(read({ message_parts: [nested], reply_parts: [] }).message_parts, [], true)).not.toThrow();
  });
});
