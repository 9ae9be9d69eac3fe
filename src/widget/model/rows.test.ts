import { describe, expect, test } from 'vitest';
import { type Conversation, empty } from '../../client/conversation';
import type { ShownMessage } from '../../client/events';
import { layOut, type MessageRow, ownStateOf, type Pending, type Row, reuse } from './rows';

const start = Date.UTC(2026, 9, 21, 9, 0, 0);
const dayOf = (time: string) => time.slice(0, 10);

function message(seq: number, by: 'me' | 'Freddy' | 'Eva', seconds: number, more: Partial<ShownMessage> = {}) {
  const value = {
    id: `m${seq}`,
    actor_type: by === 'me' ? 'user' : 'bot',
    ...(by === 'me' ? { client_id: `c${seq}` } : { actor_name: by }),
    created_time: new Date(start + seconds * 1_000).toISOString(),
    message_parts: [{ text: { content: `message ${seq}` } }],
    reply_parts: [],
    seq,
    ...more,
  } as unknown as ShownMessage;
  return { kind: 'message' as const, seq, message: value };
}
const conversation = (timeline: Conversation['timeline'], more: Partial<Conversation> = {}): Conversation => ({
  ...empty('c'),
  timeline,
  last: timeline.at(-1)?.seq ?? 0,
  ...more,
});
const pending = (clientId: string, content: object = { text: 'new' }, more: Partial<Pending> = {}): Pending => ({
  entry: { request: { client_id: clientId, content: content as never }, at: start + 600_000 },
  ...more,
});
const lay = (of: Conversation | undefined, waiting: Pending[] = [], unreadFrom?: number) =>
  layOut(of, waiting, unreadFrom, dayOf);
const kinds = (rows: Row[]) => rows.map(({ kind }) => kind);
const messages = (rows: Row[]) => rows.filter((row): row is MessageRow => row.kind === 'message');
const chips = {
  reply_parts: [
    {
      collection: {
        sub_parts: [
          { quick_reply_button: { label: 'Yes' } },
          { quick_reply_button: { label: 'No', custom_reply_text: 'No, thanks' } },
        ],
      },
    },
  ],
};

describe('rows of the log', () => {
  test('what one author says within a minute stands together', () => {
    const rows = messages(
      lay(
        conversation([
          message(1, 'Freddy', 0),
          message(2, 'Freddy', 59),
          message(3, 'Freddy', 130),
          message(4, 'Eva', 131),
          message(5, 'me', 132),
        ]),
      ),
    );

    expect(rows.map(({ isFirst, isLast }) => [isFirst, isLast])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
      [true, true],
    ]);
  });

  test('each day begins with its name', () => {
    const rows = lay(conversation([message(1, 'me', 0), message(2, 'me', 30), message(3, 'me', 86_400)]));

    expect(kinds(rows)).toEqual(['day', 'message', 'message', 'day', 'message']);
  });

  test('the unread line stands above the first unread message of the other side', () => {
    const rows = lay(
      conversation([message(1, 'Freddy', 0), message(2, 'me', 1), message(3, 'Freddy', 2), message(4, 'Freddy', 3)]),
      [],
      2,
    );

    expect(kinds(rows)).toEqual(['day', 'message', 'message', 'unread', 'message', 'message']);
  });

  test('what waits stands last, and only once when the log has it', () => {
    const log = conversation([message(1, 'me', 0)]);

    expect(messages(lay(log, [pending('c1'), pending('c9')])).map(({ key }) => key)).toEqual(['c1', 'c9']);
  });

  test('a sent message keeps its key when the log brings it, so that nothing jumps', () => {
    const before = messages(lay(undefined, [pending('c1')]))[0]?.key;
    const after = messages(lay(conversation([message(1, 'me', 0)])))[0]?.key;

    expect(after).toBe(before);
  });

  test('only the newest question offers its options', () => {
    const rows = messages(
      lay(
        conversation([
          message(1, 'Freddy', 0, chips as never),
          message(2, 'Freddy', 1, chips as never),
          message(3, 'Freddy', 2),
        ]),
      ),
    );

    expect(rows.map(({ options }) => options.length)).toEqual([0, 2, 0]);
  });

  test('the option that was chosen is known at once, and from the log later on', () => {
    const question = message(1, 'Freddy', 0, chips as never);
    const answer = { answer: { message_id: 'm1', option: 1 } };
    const part = { quick_reply_button: { label: 'No', custom_reply_text: 'No, thanks' } };
    const stored = message(2, 'me', 5, { in_reply_to: { message_id: 'm1', part } });
    const foreign = message(2, 'me', 5, {
      in_reply_to: { message_id: 'm1', part: { quick_reply_button: { label: 'Gone' } } },
    });
    const chosen = (timeline: Conversation['timeline'], waiting: Pending[] = []) =>
      messages(lay(conversation(timeline), waiting))[0]?.chosen;

    expect(chosen([question])).toBeUndefined();
    expect(chosen([question], [pending('c9', answer)])).toBe(1);
    expect(chosen([question, stored])).toBe(1);
    expect(chosen([question, foreign])).toBeUndefined();
    // A refused one isn't chosen.
    const refused = pending('c9', answer);
    refused.entry.refusal = 'NOT_OFFERED';
    expect(chosen([question], [refused])).toBeUndefined();
  });

  test('an answer takes the options away at once, and shows the words it will have', () => {
    const log = conversation([message(1, 'Freddy', 0, chips as never)]);
    const rows = messages(lay(log, [pending('c2', { answer: { message_id: 'm1', option: 1 } })]));

    expect(rows[0]?.options).toEqual([]);
    expect(rows[1]?.parts).toEqual([{ text: { content: 'No, thanks' } }]);
  });

  test('an answered question offers nothing', () => {
    const log = conversation([message(1, 'Freddy', 0, chips as never)], { answered: { m1: 'c2' } });

    expect(messages(lay(log))[0]?.options).toEqual([]);
  });

  test('a new message leaves the other rows as they are', () => {
    const before = lay(conversation([message(1, 'Freddy', 0, chips as never), message(2, 'me', 300)]));
    const entries = conversation([message(1, 'Freddy', 0, chips as never), message(2, 'me', 300)]).timeline;
    const same = { ...conversation(entries) };
    const first = lay(same);
    const after = reuse(first, lay(conversation([...same.timeline, message(3, 'Freddy', 900)])));

    expect(before).toHaveLength(3);
    expect(after.slice(0, 3).map((row, at) => row === first[at])).toEqual([true, true, true]);
  });
});

describe('the state of the newest own message', () => {
  const rowsOf = (log: Conversation | undefined, waiting: Pending[] = []) => ownStateOf(lay(log, waiting), log, true);
  const answer = { id: 'm2', conversation_id: 'c', seq: 2, created_time: new Date(start).toISOString() };

  test('it goes from sending to sent to read', () => {
    expect(rowsOf(undefined, [pending('c2')])).toMatchObject({ state: 'sending' });
    expect(rowsOf(undefined, [pending('c2', undefined, { answer })])).toMatchObject({ state: 'sent' });
    expect(rowsOf(conversation([message(2, 'me', 0)]))).toMatchObject({ state: 'sent' });
    expect(rowsOf(conversation([message(2, 'me', 0)], { businessRead: 2, businessReadTime: 't' }))).toEqual({
      key: 'c2',
      state: 'read',
      time: 't',
    });
  });

  test('offline it waits', () => {
    expect(ownStateOf(lay(undefined, [pending('c2')]), undefined, false)).toMatchObject({ state: 'waiting' });
  });
});
