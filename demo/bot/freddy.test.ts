import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError, type GuichetApi } from '../guichetApi';
import { freddy } from './freddy';
import { notebook } from './notebook';
import { assigned, option, said, sent, submitted } from './sampleWebhooks';
import { readEvent, type WebhookEvent } from './webhookEvent';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freddy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const event = (body: object) => readEvent(body) as WebhookEvent;
const ref = `st_${'b'.repeat(32)}`;

/** A small `/v2`: keeps messages, and honours Idempotency-Key as Guichet does. */
function fakeChat(options: { failFirst?: number } = {}) {
  const messages: { key: string; text: string; body: unknown }[] = [];
  const calls: string[] = [];
  const queued: unknown[] = [];
  let failures = options.failFirst ?? 0;
  const api: GuichetApi = async (path, { method, body, idempotencyKey = '' } = {}) => {
    calls.push(path);
    if (method === 'PUT') queued.push(body);
    if (path.startsWith('/v2/users/')) return { reference_id: 'ag-10017', vouched: true, first_name: 'Ana' };
    if (!path.endsWith('/messages')) return {};
    if (failures-- > 0) throw new ApiError(503, 'UNAVAILABLE', 'stopping');
    const text = (body as { message_parts: { text?: { content: string } }[] }).message_parts[0]?.text?.content ?? '';
    const before = messages.find((each) => each.key === idempotencyKey);
    if (before && before.text !== text) throw new ApiError(409, 'IDEMPOTENCY_KEY_REUSED', 'other content');
    if (!before) messages.push({ key: idempotencyKey, text, body });
    return {};
  };
  return { api, messages, calls, queued };
}
const worker = (api: GuichetApi) =>
  freddy({
    api,
    bank: async () => ({
      kind: 'file',
      file: {
        name: 's.pdf',
        url: 'http://bank.localhost/s.pdf',
        file_size_in_bytes: 1,
        content_type: 'application/pdf',
      },
    }),
    look: async (files) => files.map(() => ({ kind: 'there', bytes: 84_000 })),
    notebook: notebook(folder),
    bankOrigin: 'http://bank.localhost:4181',
    cardsOrigin: 'http://cards.bank.localhost:4182',
    ownId: 'freddy',
    advisers: 'g-advisers',
    pace: 0,
  });

describe('freddy', () => {
  it('marks as read, types, then answers', async () => {
    const chat = fakeChat();
    const bot = worker(chat.api);

    await bot.take(event(said('Hello')));
    await bot.idle();

    expect(chat.calls.filter((path) => !path.includes('users'))).toEqual(
      ['read', 'typing', 'messages', 'typing', 'messages'].map((door) => `/v2/conversations/c1/${door}`),
    );
  });

  it('reads what a page’s result says of itself, and leaves the answer to the event', async () => {
    const chat = fakeChat();
    const bot = worker(chat.api);

    await bot.take(event(said('Card ending in 3155 confirmed', { in_reply_to: { message_id: 'm1' } })));
    await bot.idle();

    expect(chat.calls.filter((path) => !path.includes('users'))).toEqual(['/v2/conversations/c1/read']);
  });

  it('answers an event once, however often it comes', async () => {
    const chat = fakeChat();
    const bot = worker(chat.api);
    const twice = event(said('Hello'));

    await Promise.all([bot.take(twice), bot.take(twice), bot.take(twice)]);
    await bot.idle();
    await worker(chat.api).take(twice);

    expect(chat.messages.map(({ text }) => text)).toEqual([
      'Hello Ana! I’m Freddy, AG Bank’s assistant.',
      'What can I do for you?',
    ]);
  });

  it('answers the events of a conversation in their order', async () => {
    const chat = fakeChat();
    const bot = worker(chat.api);

    await Promise.all(
      [said('Hello'), option('Block a card', 'block'), option('Credit card', 'card:credit')].map((body) =>
        bot.take(event(body)),
      ),
    );
    await bot.idle();

    expect(chat.messages.map(({ text }) => text.slice(0, 16))).toEqual([
      'Hello Ana! I’m F',
      'What can I do fo',
      'I can do that ri',
      'I’m sorry to hea',
    ]);
  });

  it('goes on after a crash in the middle of an answer, and says nothing twice', async () => {
    const chat = fakeChat();
    let dying = false;
    const dies: GuichetApi = async (path, call) => {
      if (dying) return new Promise(() => {});
      const answer = await chat.api(path, call);
      dying = path.endsWith('/messages');
      return answer;
    };
    await worker(dies).take(event(said('Hello')));
    await expect.poll(() => chat.messages.length).toBe(1);

    const next = worker(chat.api);
    await next.resume();
    await next.idle();

    expect(chat.messages.map(({ text }) => text)).toEqual([
      'Hello Ana! I’m Freddy, AG Bank’s assistant.',
      'What can I do for you?',
    ]);
    expect((await notebook(folder).read('c1')).pending).toEqual([]);
  });

  it('remembers over a restart what was talked about', async () => {
    const chat = fakeChat();
    const before = worker(chat.api);
    await before.take(event(submitted({ outcome: 'confirmed', statement_ref: ref }, 'business')));
    await before.idle();

    const after = worker(chat.api);
    await after.take(event(option('September 2026', 'month:2026-09')));
    await after.idle();

    expect(chat.messages.filter(({ text }) => text === 'Thank you, Ana. Here it is:')).toHaveLength(2);
  });

  it('gives up an answer that can’t be posted and takes the next event', async () => {
    const chat = fakeChat({ failFirst: 1 });
    const bot = worker(chat.api);

    await bot.take(event(said('Hello')));
    await bot.idle();
    await bot.take(event(said('Hello again')));
    await bot.idle();

    expect(chat.messages.map(({ text }) => text)).toEqual([
      'Hello Ana! I’m Freddy, AG Bank’s assistant.',
      'What can I do for you?',
    ]);
  });

  it('puts the conversation in the advisers’ queue, and takes it out when it is handed back', async () => {
    const chat = fakeChat();
    const bot = worker(chat.api);

    for (const body of [option('Talk to a person', 'person'), assigned('maria'), assigned('')]) {
      await bot.take(event(body));
      await bot.idle();
    }

    expect(chat.queued).toEqual([{ assigned_group_id: 'g-advisers' }, { assigned_group_id: '' }]);
    expect(chat.messages.map(({ text }) => text.slice(0, 8))).toEqual(['Hello An', 'A collea', 'I’m back']);
  });

  it('leaves what a person has to read unread', async () => {
    const chat = fakeChat();
    const bot = worker(chat.api);

    for (const body of [assigned('maria'), said('Are you there?')]) await bot.take(event(body));
    await bot.idle();

    expect(chat.calls.filter((path) => !path.includes('users'))).toEqual([]);
  });

  it('stops in the middle of an answer when somebody takes over', async () => {
    const chat = fakeChat();
    let takeOver: (() => Promise<void>) | undefined;
    const bot = worker(async (path, call) => {
      const answer = await chat.api(path, call);
      if (path.endsWith('/messages')) await takeOver?.();
      return answer;
    });
    takeOver = () => bot.take(event(assigned('maria')));

    await bot.take(event(said('Hello')));
    await bot.idle();

    expect(chat.messages.map(({ text }) => text)).toEqual(['Hello Ana! I’m Freddy, AG Bank’s assistant.']);
  });

  it('looks at a file before he thanks for it', async () => {
    const chat = fakeChat();
    const bot = worker(chat.api);

    await bot.take(event(sent({ file: { name: 'Proof.pdf', url: 'http://files.localhost/f/1' } })));
    await bot.idle();

    expect(chat.messages.at(-1)?.text).toContain('I have “Proof.pdf” (84 kB).');
  });

  it('leaves no half-written notes', async () => {
    const bot = worker(fakeChat().api);
    await bot.take(event(said('Hello')));
    await bot.idle();

    expect((await readdir(folder)).filter((name) => !name.endsWith('.json'))).toEqual([]);
  });
});
