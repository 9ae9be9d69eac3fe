import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { readEvents } from '../../client/events';
import type { Event } from '../../protocol/event';
import { optionsOf, urlButtonsOf } from '../../protocol/options';
import { type MessagePart, MessageParts, type OfferedPart, type ReplyPart, ReplyParts } from '../../protocol/parts';
import { arbitraryMessage } from '../arbitraryMessage';
import { forCustomer } from './log';

type Parts = { message_parts: MessagePart[]; reply_parts: ReplyPart[] };
const eventOf = (parts: Parts, in_reply_to?: { message_id: string; part: OfferedPart; payload?: string }): Event => ({
  id: 'event',
  conversation_id: 'conversation',
  seq: 1,
  type: 'message_create',
  time: '2026-01-01T00:00:00.000Z',
  actor: { actor_type: 'bot', actor_id: 'bot' },
  data: {
    message: {
      id: 'message',
      app_id: 'app',
      channel_id: 'channel',
      conversation_id: 'conversation',
      interaction_id: 'conversation',
      user_id: 'user',
      actor_type: 'bot',
      actor_id: 'bot',
      message_type: 'normal',
      message_source: 'api',
      created_time: '2026-01-01T00:00:00.000Z',
      seq: 1,
      ...parts,
      ...(in_reply_to ? { in_reply_to } : {}),
    },
  },
});
/** As the customer's browser reads it off the wire. */
function readByWidget(event: Event): Parts {
  const [read] = readEvents(JSON.parse(JSON.stringify([forCustomer(event)])));
  if (read?.type !== 'message_create') throw new Error(`it was read as ${read?.type}`);
  return read.data.message as Parts;
}

test('the schema takes every message that is made up here', () => {
  fc.assert(
    fc.property(arbitraryMessage(), ({ message_parts, reply_parts }) => {
      expect(v.safeParse(MessageParts, message_parts).issues?.map(({ message }) => message)).toBeUndefined();
      expect(v.safeParse(ReplyParts, reply_parts).issues?.map(({ message }) => message)).toBeUndefined();
    }),
  );
});

test('the browser counts options and URL buttons as the server does, however they are nested', () => {
  let options = 0;
  let buttons = 0;
  fc.assert(
    fc.property(arbitraryMessage(), (parts) => {
      const shown = readByWidget(eventOf(parts));

      const words = (of: Parts) => optionsOf(of).map(({ label, reply }) => ({ label, reply }));
      expect(words(shown)).toEqual(words(parts));
      expect(urlButtonsOf(shown).map(({ label, url, target }) => ({ label, url, target }))).toEqual(
        urlButtonsOf(parts).map(({ label, url, target }) => ({ label, url, target })),
      );
      options += words(parts).length;
      buttons += urlButtonsOf(parts).length;
    }),
    { numRuns: 300 },
  );
  expect(Math.min(options, buttons)).toBeGreaterThan(300);
});

test('no payload, and nothing of what a web view’s page is handed, is in what a customer gets', () => {
  const secret = 'for-the-bot-alone';
  fc.assert(
    fc.property(arbitraryMessage(secret), fc.nat(), (parts, at) => {
      const options = optionsOf(parts);
      const chosen = options[at % Math.max(1, options.length)];
      const answer = chosen && { message_id: 'q', part: chosen.part, payload: secret };
      const event = eventOf(parts, answer);
      fc.pre(JSON.stringify(event).includes(secret));

      const seen = JSON.stringify(forCustomer(event));

      expect(seen).not.toContain(secret);
      expect(seen).not.toContain('expires_in');
      expect(JSON.stringify(event)).toContain(secret); // What the log holds stays as it was.
    }),
    { numRuns: 300 },
  );
});

test('an answer always says something: a card whose title shows nothing answers with its button’s words', () => {
  const card = (content: string) => ({
    template_content: {
      type: 'carousel_card_default' as const,
      sections: [
        { name: 'title' as const, parts: [{ text: { content } }] },
        { name: 'callback' as const, parts: [{ callback: { label: 'Select' } }] },
      ],
    },
  });
  const cards = ['<b>Gold</b> &amp; more', '<img src=x>', '<br>'].map(card);
  const template_content = { type: 'carousel' as const, sections: [{ name: 'cards' as const, parts: cards }] };

  const options = optionsOf({ message_parts: [], reply_parts: [{ template_content }] });

  expect(options.map(({ reply }) => reply)).toEqual(['Gold & more', 'Select', 'Select']);
});

test('a customer’s words stay, whatever they say', () => {
  const parts: Parts = {
    message_parts: [{ text: { content: '{"payload": 1} payload' } }],
    reply_parts: [{ quick_reply_button: { label: 'payload', custom_reply_text: 'payload', payload: 'x' } }],
  };

  expect(forCustomer(eventOf(parts))).toMatchObject({
    data: {
      message: {
        message_parts: [{ text: { content: '{"payload": 1} payload' } }],
        reply_parts: [{ quick_reply_button: { label: 'payload', custom_reply_text: 'payload' } }],
      },
    },
  });
});

test('what a broken or a newer server left in the log goes out without payloads, and throws nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.jsonValue({ maxDepth: 3 }), (one, other) => {
      const broken = [one, { hologram: { rooms: [{ payload: 'hidden-one', other }] } }, { text: one }, null];
      const event = eventOf({ message_parts: broken as never, reply_parts: one as never });

      const seen = JSON.stringify(forCustomer(event));

      expect(seen).not.toContain('hidden-one');
      expect(() => readEvents([forCustomer(event)])).not.toThrow();
    }),
  );
  for (const template_content of [null, 5, {}, { sections: 5 }, { sections: [null, { parts: 5 }] }])
    forCustomer(eventOf({ message_parts: [{ template_content } as never], reply_parts: [] }));
});
