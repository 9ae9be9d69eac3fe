import { describe, expect, it } from 'vitest';
import { linesOf } from './lines';
import { fold, isIn, type Talk, talkBegun, talkOf, waitingSince, withLog } from './talk';
import type { Conversation, LogEvent, Message } from './wire';

const at = (seq: number) => new Date(Date.UTC(2026, 9, 1, 9, 0, seq)).toISOString();
const event = (seq: number, type: string, data: object = {}, more: Partial<LogEvent> = {}): LogEvent => ({
  id: `e${seq}`,
  conversation_id: 'c',
  seq,
  type,
  time: at(seq),
  actor: { actor_type: 'user', actor_id: 'ada' },
  data: data as LogEvent['data'],
  ...more,
});
const message = (seq: number, by: Message['actor_type'], more: Partial<Message> = {}) =>
  event(
    seq,
    'message_create',
    {
      message: {
        id: `m${seq}`,
        actor_type: by,
        actor_id: by === 'user' ? 'ada' : by,
        message_type: 'normal',
        created_time: at(seq),
        message_parts: [{ text: { content: `words ${seq}` } }],
        reply_parts: [],
        seq,
        ...more,
      } satisfies Message,
    },
    { actor: { actor_type: by, actor_id: by } },
  );
const whole = (...events: LogEvent[]): Talk => events.reduce(fold, talkBegun(events[0] as LogEvent));
const listed = (more: Partial<Conversation> = {}): Conversation => ({
  conversation_id: 'c',
  status: 'new',
  user_id: 'ada',
  updated_time: at(9),
  seq: 9,
  customer_read: 0,
  business_read: 0,
  ...more,
});

describe('a conversation at the desk', () => {
  it('takes each event once, however often it comes', () => {
    const begun = event(1, 'conversation_create');
    const talk = whole(begun, message(2, 'user'), message(2, 'user'), begun, message(3, 'user'), message(2, 'user'));

    expect(talk.log.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(talk).toMatchObject({ unread: 2, seq: 3, last: { id: 'm3' } });
  });

  it('knows that it has to read again when something is missing', () => {
    const talk = whole(event(1, 'conversation_create'), message(2, 'user'), message(4, 'user'));

    expect(talk.loaded).toBe(false);
    expect(talk.log.map(({ seq }) => seq)).toEqual([1, 2]);
    const healed = withLog(talk, [message(3, 'bot'), message(4, 'user')], 4);
    expect(healed.log.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(healed.loaded).toBe(true);
  });

  it('keeps the whole end of a log where older pieces leave a hole', () => {
    const talk = withLog(talkOf(listed()), [message(1, 'user'), message(8, 'user'), message(9, 'bot')], 9);

    expect(talk.log.map(({ seq }) => seq)).toEqual([8, 9]);
  });

  it('believes what was told live over a list that was asked for before', () => {
    const live = whole(event(1, 'conversation_create'), message(2, 'user'));

    expect(talkOf(listed({ seq: 1, status: 'resolved' }), live)).toBe(live);
    expect(talkOf(listed({ seq: 5, status: 'resolved' }), live)).toMatchObject({ status: 'resolved', loaded: false });
  });

  it('counts what is unread up to what the business has read', () => {
    const read = event(5, 'message_read', { up_to: 3 }, { actor: { actor_type: 'agent', actor_id: 'mira' } });
    const talk = whole(event(1, 'conversation_create'), message(2, 'user'), message(3, 'user'), message(4, 'user'));

    expect(talk.unread).toBe(3);
    expect(fold(talk, read)).toMatchObject({ unread: 1, businessRead: 3 });
  });

  it('waits since the first of the customer’s words that nobody answered; a private note is no answer', () => {
    const begun = [event(1, 'conversation_create'), message(2, 'user'), message(3, 'bot'), message(4, 'user')];
    const note = message(6, 'agent', { message_type: 'private' });

    expect(waitingSince(whole(...begun, message(5, 'user'), note))).toBe(Date.parse(at(4)));
    expect(waitingSince(whole(...begun, message(5, 'agent')))).toBeUndefined();
    expect(waitingSince({ ...whole(...begun), status: 'resolved' })).toBeUndefined();
  });

  it('waits in the queue until somebody takes it, whatever the bot says meanwhile', () => {
    const conversation = { id: 'c', status: 'new', user_id: 'ada', updated_time: at(3), assigned_group_id: 'advisers' };
    const queued = event(3, 'conversation_assignment', { to_group_id: 'advisers' }, { conversation });
    const talk = whole(event(1, 'conversation_create'), message(2, 'user'), queued, {
      ...message(4, 'bot'),
      conversation,
    });
    const taken = event(
      5,
      'conversation_assignment',
      {},
      { conversation: { ...conversation, assigned_agent_id: 'me' } },
    );

    expect(waitingSince(talk)).toBe(Date.parse(at(3)));
    expect(waitingSince(fold(talk, taken))).toBeUndefined();
  });

  it('stands where it belongs', () => {
    const talk = talkOf(listed());
    const where = (one: Talk) =>
      (['mine', 'unassigned', 'all', 'resolved'] as const).filter((each) =>
        isIn(each, one, 'me', (id) => id === 'bot'),
      );

    expect(where(talk)).toEqual(['unassigned', 'all']);
    expect(where({ ...talk, agentId: 'bot' })).toEqual(['unassigned', 'all']);
    expect(where({ ...talk, agentId: 'me' })).toEqual(['mine', 'all']);
    expect(where({ ...talk, agentId: 'other' })).toEqual(['all']);
    expect(where({ ...talk, agentId: 'me', status: 'resolved' })).toEqual(['resolved']);
  });
});

describe('the lines of a conversation', () => {
  it('put an author’s messages together, say each day once, and leave out what says nothing', () => {
    const web_view = { id: 'w', url: 'https://cards.example/', origin: 'https://cards.example' };
    const log = [
      event(1, 'conversation_create'),
      message(2, 'user'),
      message(3, 'user'),
      message(4, 'bot'),
      event(5, 'message_read', { up_to: 4 }),
      event(6, 'web_view_open', { web_view }),
      event(7, 'web_view_submit', { web_view, summary: 'Card ending 42' }),
      event(8, 'web_view_close', { web_view, reason: 'submitted', submitted: true }),
      event(9, 'something_new'),
    ];

    expect(
      linesOf(log, []).map((line) =>
        line.kind === 'message' ? `${line.message.id} ${line.first} ${line.last}` : line.key,
      ),
    ).toEqual(['day-1', 'e1', 'm2 true false', 'm3 false true', 'm4 true true', 'e6', 'e7']);
  });
});
