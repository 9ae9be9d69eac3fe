import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogEvent } from '../../client/events';
import { Failure } from '../../client/failure';
import type { Range, Session } from '../../client/rest';
import { createThread } from './thread';

const message = (seq: number, by: 'user' | 'bot' = 'bot', id = 'c1') =>
  ({
    id: `e${seq}`,
    conversation_id: id,
    seq,
    time: '2026-10-21T09:00:00.000Z',
    actor: { actor_type: by, actor_id: 'x' },
    type: 'message_create',
    data: { message: { id: `m${seq}`, actor_type: by, message_parts: [], reply_parts: [], seq } },
  }) as unknown as LogEvent;
const logOf = (length: number, id = 'c1') => Array.from({ length }, (_, at) => message(at + 1, 'bot', id));
const sessionOf = (log: LogEvent[], last: number, read = last) =>
  ({
    conversations: [
      { id: 'c1', status: 'assigned', seq: last, customer_read: read, business_read: 0, updated_time: '' },
    ],
    events: log,
  }) as unknown as Session;

/** A thread whose server has a log and answers as the real one does. */
function bench(log: LogEvent[], isLooking = false) {
  const asked: Range[] = [];
  const news: number[] = [];
  const server = {
    log,
    page: 200,
    isDown: false,
    far: 300,
    head: { status: 'assigned' as const, customer_read: 0, business_read: 0 },
  };
  const thread = createThread({
    async events(range) {
      asked.push(range);
      if (server.isDown) throw new Failure('unreachable', 'no network');
      const own = server.log.filter((event) => event.conversation_id === range.conversation_id);
      const part =
        range.after !== undefined
          ? own.filter(({ seq }) => seq > (range.after ?? 0)).slice(0, server.page)
          : own
              .filter(({ seq }) => seq < (range.before ?? Number.POSITIVE_INFINITY))
              .slice(-(range.limit ?? server.page));
      const seq = own.length;
      if (!range.snapshot || (range.after !== undefined && seq - range.after <= server.far))
        return { events: part, seq };
      const head = { id: range.conversation_id, seq, ...server.head, updated_time: '' };
      return { events: own.slice(-50), seq, head };
    },
    onNew: (events) => news.push(...events.map(({ seq }) => seq)),
    isLooking: () => isLooking,
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  const shown = () => thread.conversation.value?.timeline.map(({ seq }) => seq);
  return { thread, asked, news, server, settle, shown };
}

describe('keeping up with the log', () => {
  test('a gap that is seen while the last one is being filled is filled after it, at once', async () => {
    const log = logOf(3);
    const { thread, server, asked, settle, shown } = bench(log);
    thread.start(sessionOf(log.slice(0, 1), 1));

    // The second is lost; and so is the fourth, after the question has been answered.
    thread.take([message(3)]);
    server.log = logOf(5);
    thread.take([message(5)]);
    await settle();

    expect(shown()).toEqual([1, 2, 3, 4, 5]);
    expect(asked.length).toBeLessThan(4);
  });

  test('an answer with a hole is no reason to go round in circles', async () => {
    const { thread, server, asked, settle } = bench(logOf(1));
    thread.start(sessionOf(logOf(1), 1));
    server.log = [message(1), message(3), message(4)];

    thread.take([message(4)]);
    await settle();

    expect(asked).toHaveLength(1);
  });

  test('a gap in live events is asked for, page by page, and nothing is told twice', async () => {
    const { thread, asked, news, server, settle, shown } = bench(logOf(9));
    server.page = 3;
    thread.start(sessionOf(logOf(2), 2));
    thread.take([message(5), message(5)]);
    await settle();

    expect(shown()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(news).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(asked.map(({ after }) => after)).toEqual([2, 5, 8]);
  });

  test('a head that is further on is followed; one that is not asks nothing', async () => {
    const { thread, asked, settle, shown } = bench(logOf(3));
    thread.start(sessionOf(logOf(2), 2));
    thread.sawHead({ c1: 2 });
    await settle();
    expect(asked).toEqual([]);
    thread.sawHead({ c1: 3 });
    await settle();

    expect(shown()).toEqual([1, 2, 3]);
  });

  test('a server that has nothing new is not asked in circles', async () => {
    const { thread, asked, server } = bench(logOf(2));
    thread.start(sessionOf(logOf(2), 2));
    server.log = logOf(2);
    await thread.catchUp();

    expect(asked).toHaveLength(1);
  });

  test('the first conversation begins with its first event', () => {
    const { thread, shown } = bench([]);
    thread.take(logOf(2));

    expect(shown()).toEqual([1, 2]);
    expect(thread.cursors()).toEqual({ c1: 2 });
  });

  test('a conversation that the business began is shown from its newest page', async () => {
    const { thread, settle, shown } = bench(logOf(80));
    thread.take([message(80)]);
    await settle();

    expect(shown()?.[0]).toBe(31);
    expect(shown()?.at(-1)).toBe(80);
    expect(thread.conversation.value?.status).toBe('assigned');
    expect(thread.older.value).toBe('more');
  });
});

describe('far behind', () => {
  test('the conversation begins anew from the newest page, as the server knows it', async () => {
    const { thread, asked, news, server, settle, shown } = bench(logOf(400));
    server.head = { status: 'assigned', customer_read: 380, business_read: 7 };
    thread.start(sessionOf(logOf(10), 10));
    thread.take([message(400)]);
    await settle();

    expect(shown()).toEqual(Array.from({ length: 50 }, (_, at) => at + 351));
    expect(thread.conversation.value).toMatchObject({ status: 'assigned', customerRead: 380, businessRead: 7 });
    expect(news).toEqual(shown());
    expect(asked).toEqual([{ conversation_id: 'c1', after: 10, snapshot: true }]);
    expect(thread.cursors()).toEqual({ c1: 400 });
    expect(thread.unread.value).toHaveLength(20);
    expect(thread.unreadFrom.value).toBe(381);
    thread.take([message(401)]);
    expect(shown()?.at(-1)).toBe(401);
  });

  test('what lies between is read by scrolling back, to the beginning', async () => {
    const { thread, settle, shown } = bench(logOf(400));
    thread.start(sessionOf(logOf(10), 10));
    thread.take([message(400)]);
    await settle();
    for (let pages = 0; thread.older.value === 'more' && pages < 20; pages += 1) await thread.loadOlder();

    expect(shown()).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
  });

  test('what was told live while the snapshot was on its way is kept, and nothing is told twice', async () => {
    const { thread, news, settle, shown } = bench(logOf(400));
    thread.start(sessionOf(logOf(10), 10));
    thread.take([message(400)]);
    thread.take(logOf(370).slice(10));
    await settle();

    expect(shown()).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
    expect(news).toEqual(Array.from({ length: 390 }, (_, at) => at + 11));
  });
});

describe('conversations that are not shown', () => {
  const older = [message(1, 'user', 'c2'), message(2, 'bot', 'c2')];
  const withTwo = (log: LogEvent[]) => {
    const session = sessionOf(log, log.length);
    const [shown] = session.conversations as [Session['conversations'][number]];
    return { ...session, conversations: [shown, { ...shown, id: 'c2', seq: 2 }] };
  };

  test('are shown when the head says that the business wrote there', async () => {
    const { thread, server, settle } = bench([...logOf(2), ...older]);
    thread.start(withTwo(logOf(2)));
    server.log.push(message(3, 'bot', 'c2'));

    thread.sawHead({ c1: 2, c2: 3 });
    await settle();
    await settle();

    expect(thread.conversation.value?.id).toBe('c2');
    expect(thread.cursors()).toEqual({ c1: 2, c2: 3 });
  });

  test('are found when this browser never heard of them', async () => {
    const { thread, server, settle } = bench(logOf(2));
    thread.start(sessionOf(logOf(2), 2));
    server.log.push(message(1, 'bot', 'c3'));

    thread.sawHead({ c1: 2, c3: 1 });
    await settle();
    await settle();

    expect(thread.conversation.value?.id).toBe('c3');
  });

  test('stay away when nothing is new there, or only what the customer wrote elsewhere', async () => {
    const { thread, asked, server, settle } = bench([...logOf(2), ...older]);
    thread.start(withTwo(logOf(2)));

    thread.sawHead({ c1: 2, c2: 2 });
    thread.take(older);
    await settle();
    expect(asked).toEqual([]);
    server.log.push(message(3, 'user', 'c2'));
    thread.sawHead({ c1: 2, c2: 3 });
    await settle();
    await settle();

    expect(asked).toEqual([{ conversation_id: 'c2', after: 2 }]);
    expect(thread.conversation.value?.id).toBe('c1');
    expect(thread.cursors()).toEqual({ c1: 2, c2: 3 });
  });
});

describe('older messages', () => {
  test('come in pages until there are none', async () => {
    const { thread, shown } = bench(logOf(120));
    thread.start(sessionOf(logOf(120).slice(70), 120));
    await thread.loadOlder();
    expect(shown()?.[0]).toBe(21);
    await thread.loadOlder();

    expect(shown()).toHaveLength(120);
    expect(thread.older.value).toBe('none');
  });

  test('that do not come can be tried again', async () => {
    const { thread, server } = bench(logOf(60));
    thread.start(sessionOf(logOf(60).slice(50), 60));
    server.isDown = true;
    await thread.loadOlder();
    expect(thread.older.value).toBe('failed');
    server.isDown = false;
    await thread.loadOlder();

    expect(thread.older.value).toBe('none');
  });

  test('are asked for once at a time', async () => {
    const { thread, asked } = bench(logOf(60));
    thread.start(sessionOf(logOf(60).slice(50), 60));
    await Promise.all([thread.loadOlder(), thread.loadOlder()]);

    expect(asked).toHaveLength(1);
  });
});

describe('what is unread', () => {
  test('is the other side’s messages after the read mark, and the line stands above the first', () => {
    const { thread } = bench([]);
    thread.start(sessionOf([message(1), message(2, 'user'), message(3), message(4)], 4, 2));

    expect(thread.unread.value.map(({ seq }) => seq)).toEqual([3, 4]);
    expect(thread.unreadFrom.value).toBe(3);
  });

  test('seen, it is reported until the server has it', () => {
    const { thread } = bench([]);
    thread.start(sessionOf([message(1), message(2)], 2, 0));
    expect(thread.markSeen()).toBe(2);
    expect(thread.unread.value).toEqual([]);
    expect(thread.markSeen()).toBe(2);
    thread.take([{ ...message(3, 'user'), type: 'message_read', data: { up_to: 2 } } as LogEvent]);

    expect(thread.markSeen()).toBeUndefined();
  });

  test('no line comes under the eyes of who is looking', () => {
    const { thread } = bench([], true);
    thread.start(sessionOf([message(1)], 1));
    thread.take([message(2)]);

    expect(thread.unreadFrom.value).toBeUndefined();
  });
});

describe('typing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('ends with the message, with a word, or by itself', () => {
    const { thread } = bench([]);
    thread.start(sessionOf([message(1)], 1));
    const on = { conversation_id: 'c1', name: 'Freddy', on: true };
    thread.showTyping(on);
    expect(thread.typing.value).toEqual({ name: 'Freddy' });
    thread.take([message(2)]);
    expect(thread.typing.value).toBeUndefined();
    thread.showTyping(on);
    thread.showTyping({ ...on, on: false });
    expect(thread.typing.value).toBeUndefined();
    thread.showTyping(on);
    vi.advanceTimersByTime(8_001);

    expect(thread.typing.value).toBeUndefined();
  });

  test('in another conversation is none of ours', () => {
    const { thread } = bench([]);
    thread.start(sessionOf([message(1)], 1));
    thread.showTyping({ conversation_id: 'c2', on: true });

    expect(thread.typing.value).toBeUndefined();
  });
});
