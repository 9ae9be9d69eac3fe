import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { optionsOf } from '../../protocol/options';
import { parse } from '../../protocol/parse';
import { MessagePost } from '../../protocol/rest/conversations';
import { lintMessage } from './lint';

/** What the guides show is taken as it stands there. */
const page = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const stage = {
  site: {
    hosts: ['https://bank.example'],
    web_view_origins: ['https://cards.bank.example'],
    allow_host_origin: false,
    allow_host_mount: false,
    web_view_permissions: [],
    config: {},
    identity_keys: [],
  },
  origin: 'https://chat.example',
};
function take(message: object): MessagePost {
  const taken = parse(MessagePost, { actor_type: 'bot', ...message });
  lintMessage(taken, stage);
  return taken;
}
const isTaken = (message: object) => {
  try {
    return Boolean(take(message));
  } catch {
    return false;
  }
};
const kinds = [
  ...['text', 'image', 'video', 'audio', 'file', 'email', 'reference', 'url_button', 'quick_reply_button', 'callback'],
  ...['collection', 'quick_reply_dropdown', 'carousel', 'hero_image', 'title', 'description', 'view'],
];

describe('docs/bots.md', () => {
  const cell = (text: string) => /^`(\{.*\})`/.exec(text)?.[1];
  const rows = page('docs/bots.md')
    .split('\n')
    .map((line) => line.split('|').map((each) => each.trim()))
    .filter((cells) => cell(cells[3] ?? ''))
    .map(([, name = '', where = '', posted = '', answer = '']) => ({ name, where, posted: cell(posted), answer }));

  test('has an example of every part', () => {
    for (const kind of kinds)
      expect(
        rows.some(({ posted }) => posted?.includes(`"${kind}"`)),
        kind,
      ).toBe(true);
  });

  test.each(rows)('$name stands where the table says, and nowhere else', ({ where, posted }) => {
    const part = JSON.parse(posted ?? '');
    const text = { text: { content: 'Look' } };
    const section = { text: 'title', image: 'hero_image', callback: 'callback', url_button: 'view' }[
      Object.keys(part)[0] ?? ''
    ];
    const card = [
      { name: 'title', parts: [text] },
      { name: 'callback', parts: [{ callback: { label: 'Choose' } }] },
    ].filter(({ name }) => name !== section);
    const sections = [...card, { name: section ?? 'nothing', parts: [part] }];
    const cards = { name: 'cards', parts: [{ template_content: { type: 'carousel_card_default', sections } }] };

    const found = {
      m: isTaken({ message_parts: [part] }),
      c: isTaken({ message_parts: [{ collection: { sub_parts: [part] } }] }),
      r: isTaken({ message_parts: [text], reply_parts: [part] }),
      k: isTaken({
        message_parts: [text],
        reply_parts: [{ template_content: { type: 'carousel', sections: [cards] } }],
      }),
    };

    const said = Object.fromEntries(Object.keys(found).map((letter) => [letter, where.split(' ').includes(letter)]));
    expect(found).toEqual(said);
  });

  test.each(rows.filter(({ answer }) => answer.includes('payload') && !answer.includes('[…]')))(
    '$name is answered as the table says',
    ({ posted, answer }) => {
      const [option] = optionsOf(take({ message_parts: [JSON.parse(posted ?? '')] }));

      const { in_reply_to } = JSON.parse(`{${/^`(.*)`$/.exec(answer)?.[1]}}`);

      expect({ part: option?.part, payload: option?.payload }).toEqual({
        part: in_reply_to.part,
        payload: in_reply_to.payload,
      });
    },
  );
});

test('every message that the README posts is taken, and together they show every part', () => {
  const messages = [...page('README.md').matchAll(/^say '([^']+)'/gm)].map(([, body]) => `{${body}}`);

  for (const message of messages) expect(isTaken(JSON.parse(message)), message).toBe(true);
  for (const kind of kinds)
    expect(
      messages.some((each) => each.includes(`"${kind}"`)),
      kind,
    ).toBe(true);
});
