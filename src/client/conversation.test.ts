import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventData, EventType } from '../protocol/event';
import { buttonKey, type Conversation, empty, fold, startConversation } from './conversation';
import { type LogEvent, readEvents } from './events';
import { prepend } from './olderPages';

const id = 'conversation-1';
const customer = { actor_type: 'user' as const, actor_id: 'u1' };
const bot = { actor_type: 'bot' as const, actor_id: 'b1' };
const view = { id: 'v1', message_id: 'm1', button: 0, url: 'https://a.example/', origin: 'https://a.example' };

function event<T extends EventType>(
  seq: number,
  type: T,
  data: EventData[T],
  actor: typeof customer | typeof bot = bot,
): LogEvent {
  return {
    id: `e${seq}`,
    conversation_id: id,
    seq,
    time: new Date(1_700_000_000_000 + seq * 1_000).toISOString(),
    actor,
    type,
    data,
  } as LogEvent;
}
const message = (seq: number, more: object = {}, actor: typeof customer | typeof bot = bot): LogEvent =>
  event(
    seq,
    'message_create',
    {
      message: {
        id: `m${seq}`,
        app_id: 'app',
        channel_id: 'channel',
        conversation_id: id,
        interaction_id: '',
        user_id: 'u1',
        ...actor,
        message_type: 'normal',
        message_source: 'web',
        created_time: new Date(1_700_000_000_000 + seq * 1_000).toISOString(),
        message_parts: [{ text: { content: `message ${seq}` } }],
        reply_parts: [],
        seq,
        ...more,
      },
    },
    actor,
  );

/** Any event that can stand at a place of the log. */
const anyEvent = (seq: number): fc.Arbitrary<LogEvent> =>
  fc.oneof(
    fc
      .constantFrom(bot, customer)
      .map((actor) => message(seq, actor === customer ? { client_id: `client-${seq}` } : {}, actor)),
    fc.nat(Math.max(0, seq - 1)).map((to) => message(seq, { in_reply_to: { message_id: `m${to}` } }, customer)),
    fc
      .tuple(fc.nat(seq), fc.constantFrom(bot, customer))
      .map(([up_to, actor]) => event(seq, 'message_read', { up_to }, actor)),
    fc
      .constantFrom<EventType>('conversation_resolution', 'conversation_reopen', 'void')
      .map((type) => event(seq, type, {})),
    // A button's views come one after the other.
    fc.constant(seq < 15 ? 'v1' : 'v2').chain((viewId) =>
      fc.constantFrom<LogEvent>(
        event(seq, 'web_view_open', { web_view: { ...view, id: viewId }, resumed: false }),
        event(seq, 'web_view_pause', { web_view: { ...view, id: viewId } }),
        event(seq, 'web_view_submit', { web_view: { ...view, id: viewId }, summary: 's', source: 'page' }),
        event(seq, 'web_view_close', {
          web_view: { ...view, id: viewId },
          reason: 'customer',
          submitted: false,
          duration_ms: 1,
        }),
      ),
    ),
  );
const anyLog = fc
  .integer({ min: 1, max: 40 })
  .chain((length) => fc.tuple(...Array.from({ length }, (_, at) => anyEvent(at + 1))));

const foldAll = (events: readonly LogEvent[]): Conversation => fold(empty(id), events).conversation;

describe('folding a log', () => {
  test('any duplication, reordering and interleaving of live batches and gap fills ends in the same state', () => {
    const delivery = anyLog.chain((log) =>
      fc.tuple(
        fc.constant(log),
        // Live batches, each any events of the log in any order, lost ones included, and twice those that come twice.
        fc.array(fc.array(fc.constantFrom(...log), { maxLength: 8 }), { maxLength: 30 }),
      ),
    );
    fc.assert(
      fc.property(delivery, ([log, batches]) => {
        let state = empty(id);
        for (const batch of batches) {
          const folded = fold(state, batch);
          state = folded.conversation;
          // A gap is answered with what comes after the last one, as the server does: in pages.
          if (folded.hasGap) state = fold(state, log.slice(state.last, state.last + 5)).conversation;
        }
        // The head check finds what never came.
        state = fold(state, log.slice(state.last)).conversation;

        expect(state).toEqual(foldAll(log));
      }),
      { numRuns: 300 },
    );
  });

  test('older pages put before give what the whole log gives', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(39), fc.integer({ min: 1, max: 10 }), (log, from, page) => {
        const start = Math.min(from, log.length - 1);
        const head = {
          id,
          status: 'new' as const,
          seq: log.length,
          customer_read: 0,
          business_read: 0,
          updated_time: '',
        };
        let state: Conversation = startConversation(head, log.slice(start));
        while (state.first > 1) state = prepend(state, log.slice(Math.max(0, state.first - 1 - page), state.first - 1));
        const whole = foldAll(log);

        expect({ ...state, status: whole.status, businessReadTime: whole.businessReadTime }).toEqual(whole);
      }),
    );
  });

  test('an event beyond the next one is not applied, and is asked for', () => {
    const { conversation, hasGap } = fold(foldAll([message(1)]), [message(3)]);

    expect(hasGap).toBe(true);
    expect(conversation.last).toBe(1);
    expect(conversation.timeline).toHaveLength(1);
  });

  test('an event that was folded already changes nothing', () => {
    const state = foldAll([message(1), message(2)]);

    expect(fold(state, [message(2), message(1)])).toEqual({ conversation: state, hasGap: false });
  });

  test('another conversation’s events are none of ours', () => {
    const state = foldAll([message(1)]);

    expect(fold(state, [{ ...message(2), conversation_id: 'other' }])).toEqual({ conversation: state, hasGap: false });
  });

  test('a page that does not join on is dropped', () => {
    const state = fold({ ...empty(id), first: 10, last: 9 }, [message(10)]).conversation;

    expect(prepend(state, [message(1), message(2)])).toBe(state);
  });

  test('a paused view goes on, and a close says why it ended', () => {
    const opened = event(1, 'web_view_open', { web_view: view, resumed: false });
    const paused = event(2, 'web_view_pause', { web_view: view });
    const closed = event(3, 'web_view_close', { web_view: view, reason: 'submitted', submitted: true, duration_ms: 5 });
    const key = buttonKey('m1', 0);

    expect(foldAll([opened, paused]).views[key]).toMatchObject({ id: 'v1', phase: 'paused' });
    expect(foldAll([opened, paused, closed]).views[key]).toMatchObject({
      phase: 'closed',
      reason: 'submitted',
      submitted: true,
    });
  });

  test('read marks only go forward, each side’s own', () => {
    const state = foldAll([
      message(1),
      event(2, 'message_read', { up_to: 2 }, bot),
      event(3, 'message_read', { up_to: 1 }, bot),
      event(4, 'message_read', { up_to: 3 }, customer),
    ]);

    expect(state).toMatchObject({ businessRead: 2, customerRead: 3 });
  });
});

describe('reading what came over the wire', () => {
  beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));

  test('an event of an unknown type keeps the log gapless', () => {
    const [read] = readEvents([{ ...event(1, 'void', {}), type: 'csat_submit', data: { stars: 5 } }]);

    expect(read).toMatchObject({ seq: 1, type: 'void' });
  });

  test('a part of an unknown kind becomes something to read, in its place', () => {
    const parts = [
      { text: { content: 'one' } },
      { hologram: { title: 'A hologram', url: 'https://a.example/h' } },
      { url_button: { label: 'go', url: 'https://a.example/', target: '_self', glow: true }, more: 1 },
    ];
    const [read] = readEvents([message(1, { message_parts: parts })]);

    expect(read?.type === 'message_create' && read.data.message.message_parts).toEqual([
      { text: { content: 'one' } },
      { unknown: { kind: 'hologram', text: 'A hologram', url: 'https://a.example/h' } },
      { url_button: { label: 'go', url: 'https://a.example/', target: '_self' } },
    ]);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://user:pass@a.example/',
    '//a.example',
    '',
  ])('the URL %j never becomes a link, a picture or a frame', (url) => {
    const parts = [{ url_button: { label: 'go', url } }, { image: { url } }, { file: { name: 'f', url } }];
    const [read] = readEvents([message(1, { message_parts: parts })]);
    const shown = read?.type === 'message_create' ? read.data.message.message_parts : [];

    expect(shown).toHaveLength(3);
    for (const part of shown)
      expect(part).toEqual({ unknown: expect.not.objectContaining({ url: expect.anything() }) });
  });

  test('whatever comes, nothing is thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => void readEvents(input)),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(
        fc.anything(),
        fc.anything(),
        (type, data) => void readEvents([{ ...event(1, 'void', {}), type, data }]),
      ),
      { numRuns: 300 },
    );
  });
});
