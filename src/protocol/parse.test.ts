import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { GuichetError } from './errors';
import { parse } from './parse';
import { boundedRecord, jsonBytes } from './parts';
import { MessagePost } from './rest/conversations';
import { UserPost } from './rest/users';

function refusal(schema: v.GenericSchema, input: unknown): GuichetError {
  try {
    parse(schema, input);
  } catch (error) {
    if (error instanceof GuichetError) return error;
    throw error;
  }
  throw new Error('it was taken');
}
const message = (part: unknown, more: object = {}) => ({ message_parts: [part], ...more });
const button = (more: object) => message({ url_button: { label: 'Open', url: 'https://bank.example/', ...more } });
const kinds =
  'text, image, video, audio, file, url_button, quick_reply_button, callback, reference, email, collection, template_content';

describe('a refusal names the place, what was expected and what came', () => {
  test.each<[string, unknown, string, string]>([
    ['a body of another type', 'text', '', 'Object'],
    ['a missing field', {}, 'message_parts', '"message_parts"'],
    ['no parts', { message_parts: [] }, 'message_parts', 'at least 1 in the list'],
    ['blank text', message({ text: { content: ' ' } }), 'message_parts[0].text.content', 'text that is not blank'],
    ['text of another type', message({ text: { content: 5 } }), 'message_parts[0].text.content', 'string'],
    [
      'a bad URL',
      button({ url: 'javascript:x' }),
      'message_parts[0].url_button.url',
      'an absolute http or https URL without user-info',
    ],
    ['a missing label', button({ label: undefined }), 'message_parts[0].url_button.label', 'string'],
    ['a bad option', button({ web_view: { size: 'huge' } }), 'message_parts[0].url_button.web_view.size', '"compact"'],
    [
      'an unknown part',
      message({ hologram: { url: 'https://bank.example/' } }),
      'message_parts[0]',
      `an object with exactly one of ${kinds}`,
    ],
    ['no part', message({}), 'message_parts[0]', `an object with exactly one of ${kinds}`],
    ['a part that is no object', message('text'), 'message_parts[0]', 'Object'],
    [
      'a bad label inside a collection',
      message({ collection: { sub_parts: [{ quick_reply_button: { label: 5 } }] } }),
      'message_parts[0].collection.sub_parts[0].quick_reply_button.label',
      'string',
    ],
    ['a bad actor', message({ text: { content: 'x' } }, { actor_type: 'robot' }), 'actor_type', '"user"'],
  ])('for %s', (_, input, path, expected) => {
    const { details, code, status } = refusal(MessagePost, input);

    expect({ code, status }).toEqual({ code: 'INVALID_VALUE', status: 400 });
    expect(details?.[0]).toMatchObject({ path, expected: expect.stringContaining(expected) });
    expect(details?.[0]?.received).toEqual(expect.any(String));
  });

  test('and stays short, however much came', () => {
    const { message: text, details } = refusal(MessagePost, {
      message_parts: Array.from({ length: 20 }, () => ({ text: { content: 5 } })),
      actor_type: 'x'.repeat(10_000),
    });

    expect(text.length).toBeLessThan(500);
    expect(details?.length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(details).length).toBeLessThan(5_000);
  });
});

test('two parts in one element are refused: each holds exactly one', () => {
  expect(
    refusal(MessagePost, message({ text: { content: 'a' }, image: { url: 'https://bank.example/a.gif' } })),
  ).toBeTruthy();
});

test('null counts as absent where other makers send it, and keys that nobody knows are dropped', () => {
  const nothing = {
    email: null,
    first_name: null,
    last_name: null,
    phone: null,
    avatar: {},
    properties: null,
    id: null,
  };

  expect(JSON.stringify(parse(UserPost, nothing))).toBe('{}');
  expect(
    parse(MessagePost, message({ text: { content: 'x' } }, { reply_parts: null, actor_type: null, x: 1 })),
  ).toEqual({
    message_parts: [{ text: { content: 'x' } }],
    reply_parts: [],
    message_type: 'normal',
    actor_type: 'agent',
  });
});

test('prototypes are never reached', () => {
  const input = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"first_name":"Ada"}',
  );

  const user = parse(UserPost, input);

  expect(user).toEqual({ first_name: 'Ada' });
  expect((user as Record<string, unknown>).polluted).toBeUndefined();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(parse(boundedRecord(100), JSON.parse('{"__proto__":{"polluted":1}}')))).toBe(
    Object.prototype,
  );
});

test('bounds of JSON count bytes, not characters, and what is nested too deep has too many', () => {
  expect(jsonBytes('é')).toBe(4);
  expect(v.is(boundedRecord(20), { a: 'x'.repeat(12) })).toBe(true);
  expect(v.is(boundedRecord(20), { a: 'é'.repeat(12) })).toBe(false);
  expect(v.is(boundedRecord(8_192), { a: JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`) })).toBe(false);
});
