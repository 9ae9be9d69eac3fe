import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test, vi } from 'vitest';
import { Event } from '../protocol/event';
import { socketPath } from '../protocol/live';
import { MessagePart } from '../protocol/parts';
import { configEntries, WidgetConfig } from '../protocol/theme';
import { place } from '../widget/model/placed';
import { wordsOf } from '../widget/model/words';
import { readEvents } from './events';
import { readConfig } from './site';

/** The browser's own readings, held against the contract: what the schema takes, they take, and read the same of it. */

const text = fc.string({ minLength: 1, maxLength: 30 }).filter((value) => value.trim() !== '');
const url = fc.webUrl({ validSchemes: ['https', 'http'] });
const button = fc.record({
  label: text,
  url,
  target: fc.constantFrom('_self', '_blank'),
  web_view: fc.option(
    fc.record({ size: fc.constantFrom('compact', 'tall', 'full'), title: text, once: fc.boolean() }),
    { nil: undefined },
  ),
});
const quickReply = fc.record({
  quick_reply_button: fc.record({ label: text, custom_reply_text: text }, { requiredKeys: ['label'] }),
});
const callback = fc.record({ callback: fc.record({ label: text }) });
const urlButton = fc.record({ url_button: button });
const words = fc.record({ text: fc.record({ content: text }) });
const pixels = fc.integer({ min: 1, max: 9_999 });
const image = fc.record({
  image: fc.record(
    { url, alt_text: fc.string(), width: pixels, height: pixels, content_type: text },
    { requiredKeys: ['url'] },
  ),
});
const leaf = fc.oneof(
  words,
  image,
  fc.record({
    video: fc.record({ url, content_type: text, width: pixels, height: pixels }, { requiredKeys: ['url'] }),
  }),
  fc.record({ audio: fc.record({ url, content_type: text, name: text }, { requiredKeys: ['url'] }) }),
  fc.record({
    file: fc.record(
      { name: text, url, file_size_in_bytes: fc.nat(), content_type: text },
      { requiredKeys: ['name', 'url'] },
    ),
  }),
  urlButton,
  quickReply,
  callback,
  fc.record({
    reference: fc.record(
      { label: text, reference_id: text, placeholder_reference_id: text, url },
      { requiredKeys: ['label'] },
    ),
  }),
  fc.record({ email: fc.record({ subject: fc.string(), content: text }, { requiredKeys: ['content'] }) }),
);
const section = (name: string, one: fc.Arbitrary<object>) => one.map((each) => ({ name, parts: [each] }));
const perhaps = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const template = (type: string, sections: (object | undefined)[]) => ({
  template_content: { type, sections: sections.filter((one) => one !== undefined) },
});
const card = fc
  .tuple(
    section('title', words),
    perhaps(section('hero_image', image)),
    perhaps(section('description', words)),
    perhaps(section('callback', callback)),
    section('view', urlButton),
  )
  .map((sections) => template('carousel_card_default', sections));
const templates = fc.oneof(
  fc
    .tuple(
      perhaps(section('carousel_title', words)),
      fc.array(card, { minLength: 1, maxLength: 3 }).map((parts) => ({ name: 'cards', parts })),
    )
    .map((sections) => template('carousel', sections)),
  fc
    .tuple(fc.constantFrom('options', 'Reason'), fc.array(quickReply, { minLength: 1, maxLength: 4 }))
    .map(([name, parts]) => template('quick_reply_dropdown', [{ name, parts }])),
);
const collectionOf = (one: fc.Arbitrary<object>) =>
  fc.record({ collection: fc.record({ sub_parts: fc.array(one, { minLength: 1, maxLength: 4 }) }) });
const part = fc.oneof(leaf, collectionOf(leaf), templates);
const press = fc.oneof(quickReply, callback, urlButton);
const actor = fc.record({ actor_type: fc.constantFrom('user', 'agent', 'bot', 'system'), actor_id: text });
const web_view = fc.record({ id: text, message_id: text, button: fc.nat(30), url, origin: url, title: text });
const message = fc.record(
  {
    id: text,
    app_id: text,
    channel_id: text,
    conversation_id: text,
    interaction_id: fc.string(),
    user_id: text,
    actor_type: fc.constantFrom('user', 'agent', 'bot', 'system'),
    actor_id: text,
    message_type: fc.constantFrom('normal', 'private', 'system'),
    message_source: fc.constantFrom('web', 'api', 'system'),
    created_time: text,
    message_parts: fc.array(part, { maxLength: 4 }),
    reply_parts: fc.array(fc.oneof(press, collectionOf(press), templates), { maxLength: 2 }),
    in_reply_to: fc.record(
      { message_id: text, part: fc.oneof(quickReply, callback, card) },
      { requiredKeys: ['message_id'] },
    ),
    actor_name: text,
    client_id: text,
    seq: fc.nat(),
  },
  {
    requiredKeys: [
      'id',
      'app_id',
      'channel_id',
      'conversation_id',
      'interaction_id',
      'user_id',
      'actor_type',
      'actor_id',
      'message_type',
      'message_source',
      'created_time',
      'message_parts',
      'reply_parts',
      'seq',
    ],
  },
);
const body = fc.oneof(
  fc
    .constantFrom('conversation_create', 'conversation_resolution', 'conversation_reopen', 'void')
    .map((type) => ({ type, data: {} })),
  message.map((one) => ({ type: 'message_create', data: { message: one } })),
  fc.nat().map((up_to) => ({ type: 'message_read', data: { up_to } })),
  fc
    .boolean()
    .chain((resumed) => web_view.map((view) => ({ type: 'web_view_open', data: { web_view: view, resumed } }))),
  web_view.map((view) => ({ type: 'web_view_pause', data: { web_view: view } })),
  web_view.map((view) => ({
    type: 'web_view_update',
    data: { web_view: view, title: 't', size: 'full', data: { a: 1 } },
  })),
  web_view.map((view) => ({ type: 'web_view_submit', data: { web_view: view, summary: 's', source: 'business' } })),
  web_view.chain((view) =>
    fc
      .constantFrom('submitted', 'page', 'customer', 'business', 'expired', 'resolved', 'replaced', 'blocked')
      .map((reason) => ({ type: 'web_view_close', data: { web_view: view, reason, submitted: true, duration_ms: 3 } })),
  ),
  fc.constant({
    type: 'conversation_assignment',
    data: { to_agent_id: 'a', to_group_id: '', from_agent_id: '', from_group_id: '' },
  }),
);
const event = fc
  .tuple(body, actor, fc.integer({ min: 1 }))
  .map(([one, by, seq]) => ({ id: 'e', conversation_id: 'c', seq, time: 't', actor: by, ...one }));

const head = { id: 'e', conversation_id: 'c', seq: 1, time: 't', actor: { actor_type: 'bot', actor_id: 'b' } };
const plain = {
  ...{ id: 'm', app_id: 'a', channel_id: 'h', conversation_id: 'c', interaction_id: '', user_id: 'u', actor_id: 'b' },
  ...{ actor_type: 'bot', message_type: 'normal', message_source: 'api', created_time: 't', seq: 1 },
};

describe('the browser’s readings and the contract', () => {
  test('every event that the contract takes is read the same', () => {
    fc.assert(
      fc.property(event, (input) => {
        const expected = v.safeParse(Event, input);
        fc.pre(expected.success);
        const [read] = readEvents([input]);

        expect(withoutDefaults(read)).toEqual(withoutDefaults(expected.output));
      }),
      { numRuns: 400 },
    );
  });

  test('every part and every template of the contract is known here', () => {
    const found = new Set<string>();
    const kinds = new Set<string>();
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('unknown' in value) throw new Error(`not known: ${JSON.stringify(value)}`);
      if ('template_content' in value) found.add((value.template_content as { type: string }).type);
      for (const one of Object.values(value)) look(one);
    };
    for (const input of fc.sample(message, 500)) {
      const [read] = readEvents([{ ...head, type: 'message_create', data: { message: input } }]);
      if (read?.type !== 'message_create') throw new Error('it was not read');
      for (const each of read.data.message.message_parts) kinds.add(Object.keys(each)[0] ?? '');
      look([read.data.message.message_parts, read.data.message.reply_parts]);
    }
    const known = MessagePart.options.map((option) => Object.keys(option.entries)[0] ?? '');

    expect([...kinds].sort()).toEqual([...known].sort());
    expect([...found].sort()).toEqual(['carousel', 'carousel_card_default', 'quick_reply_dropdown']);
  });

  test('whatever comes as a part is read in its place, is shown as something, and leads nowhere it must not', () => {
    const name = fc.constantFrom(
      'text',
      'url_button',
      'collection',
      'template_content',
      'email',
      'hologram',
      '__proto__',
    );
    const junk = fc.oneof(
      fc.dictionary(name, fc.anything({ maxDepth: 3 }), { maxKeys: 2 }),
      fc.record({
        url_button: fc.record({ label: text, url: fc.constantFrom('javascript:alert(1)', 'data:text/html,x') }),
      }),
      fc.record({
        template_content: fc.record({
          type: fc.constantFrom('carousel', 'carousel_card_default', 'quick_reply_dropdown', 'calendar'),
          sections: fc.array(
            fc.oneof(
              fc.anything({ maxDepth: 3 }),
              fc.record({ name: fc.constantFrom('cards', 'title', 'view'), parts: fc.array(part, { maxLength: 2 }) }),
            ),
          ),
        }),
      }),
      part,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(junk, collectionOf(junk)), { maxLength: 4 }), (parts) => {
        const input = { ...plain, message_parts: parts, reply_parts: parts };
        const [read] = readEvents([{ ...head, type: 'message_create', data: { message: input } }]);

        if (read?.type !== 'message_create') throw new Error('it was not read');
        const { message_parts, reply_parts } = read.data.message;
        expect(message_parts.length).toBe(parts.length);
        expect(reply_parts).toEqual(message_parts);
        expect(JSON.stringify(message_parts)).not.toMatch(/"url":"(?:javascript|data):/);
        for (const waits of [true, false]) expect(place(message_parts, reply_parts, waits).length).toBeGreaterThan(0);
        expect(typeof wordsOf(read.data.message)).toBe('string');
      }),
      { numRuns: 400 },
    );
  });

  test('every event type of the contract is known here', () => {
    const types = (Event as unknown as { options: { entries: { type: { literal: string } } }[] }).options.map(
      (option) => option.entries.type.literal,
    );
    const seen = new Set(fc.sample(event, 600).flatMap((one) => readEvents([one]).map(({ type }) => type)));

    expect([...seen].sort()).toEqual([...types].sort());
  });

  test('settings are taken and refused as the contract does', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '#0f6b5c',
        '#ABC',
        '#12',
        'red',
        'auto',
        'dark',
        'end',
        'start',
        'en',
        'ar-EG',
        'x',
        ' AG Bank ',
        '',
        ' ',
      ),
      fc.array(fc.record({ label: text, icon: fc.constantFrom('card', 'document', 'rocket') }), { maxLength: 4 }),
      fc.record(
        {
          placeholder: fc.oneof(text, fc.integer()),
          resolved: text,
          label: fc.oneof(text, fc.constantFrom('x'.repeat(31), ' ')),
          hidden: fc.oneof(fc.boolean(), fc.constantFrom('true', null)),
          attachments: fc.boolean(),
          peek: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      fc.integer(),
      fc.constant(null),
    );
    const config = fc.dictionary(fc.constantFrom(...Object.keys(configEntries)), value);
    fc.assert(
      fc.property(config, (input) => {
        const expected: Record<string, unknown> = {};
        for (const [key, one] of Object.entries(input)) {
          const read = v.safeParse(configEntries[key as keyof WidgetConfig], one);
          if (read.success) expected[key] = read.output;
        }

        expect(readConfig(input)).toEqual(v.parse(WidgetConfig, expected));
      }),
      { numRuns: 400 },
    );
  });

  test('the socket’s path is the contract’s', async () => {
    const source = await import('node:fs/promises').then((fs) =>
      fs.readFile(new URL('./socket.ts', import.meta.url), 'utf8'),
    );

    expect(source).toContain(`'${socketPath}'`);
  });
});

/** What is only the server's (expiry) is left out here. */
function withoutDefaults(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, one) => {
      if (key === 'expires_in' || key === 'confirm_close_when_dirty') return undefined;
      return one;
    }) ?? 'null',
  );
}
