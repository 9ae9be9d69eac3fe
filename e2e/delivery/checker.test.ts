import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check, type Rule, type Stored } from './checker';
import type { Copy, History, HistoryRecord, Told } from './history';

/**
 * A run of two customers (Ada in two tabs) and a bot in which nothing goes wrong, made of a list of who says what. What
 * a test breaks in it the checker has to find, and nothing else.
 */
type Run = { histories: History[]; log: Stored[]; of: (client: string) => HistoryRecord[] };

const talkOf: Record<string, string> = { 'ada-1': 'talk-a', 'ada-2': 'talk-a', 'bo-1': 'talk-b' };
const speakers = ['ada-1', 'ada-2', 'bo-1', 'bot'] as const;
type Line = { by: (typeof speakers)[number]; in: 'talk-a' | 'talk-b' };
const line = (by: Line['by'], where?: Line['in']): Line => ({ by, in: where ?? (talkOf[by] as Line['in']) });

function cleanRun(lines: readonly Line[]): Run {
  const records: Record<string, HistoryRecord[]> = { rig: [] };
  for (const client of speakers) records[client] = [];
  let at = 1_000;
  const tell = (client: string, told: Told) => {
    at += 10;
    records[client]?.push({ client, at, ...told });
  };
  const log: Stored[] = ['talk-a', 'talk-b'].map((conversation) => ({ conversation, seq: 1 }));
  for (const client of speakers) tell(client, { what: 'open' });
  for (const [n, { by, in: conversation }] of lines.entries()) {
    const seq = log.filter((event) => event.conversation === conversation).length + 1;
    const message: Copy = { conversation, seq, id: `id-${n}`, client_id: `client-${n}`, hash: `hash-${n}` };
    const { hash, client_id = '' } = message;
    tell(by, { what: 'invoke', hash, text: `text ${n}` });
    tell(by, { what: 'kept', hash, client_id });
    log.push({ conversation, seq, message });
    for (const viewer of speakers)
      if (viewer === 'bot' || talkOf[viewer] === conversation) tell(viewer, { what: 'seen', ...message });
    tell(by, { what: 'ok', hash, client_id, conversation, id: message.id, seq });
  }
  tell('ada-1', { what: 'invoke', hash: 'too-long', text: 'too long' });
  tell('ada-1', { what: 'kept', hash: 'too-long', client_id: 'client-refused' });
  tell('ada-1', { what: 'refused', hash: 'too-long', client_id: 'client-refused', code: 'INVALID_VALUE' });
  tell('rig', { what: 'quiet' });
  for (const client of Object.keys(talkOf)) {
    const messages = log.flatMap(({ conversation, message }) =>
      conversation === talkOf[client] ? (message ?? []) : [],
    );
    tell(client, { what: 'screen', messages, waiting: 0 });
  }
  const histories = Object.entries(records).map(([client, told]) => ({
    client,
    records: told,
    isViewer: client !== 'rig',
    ...(talkOf[client] ? { conversations: [talkOf[client]] } : {}),
  }));
  return { histories, log, of: (client) => records[client] ?? [] };
}

const talk = [
  line('ada-1'),
  line('bot', 'talk-a'),
  line('bo-1'),
  line('ada-2'),
  line('bot', 'talk-b'),
  line('ada-1'),
  line('bot', 'talk-a'),
  line('ada-2'),
  line('bo-1'),
];

type Seen = Extract<HistoryRecord, { what: 'seen' }>;
const seenBy = (run: Run, client: string) => run.of(client).filter((record): record is Seen => record.what === 'seen');
const find = <W extends Told['what']>(run: Run, client: string, what: W) =>
  run.of(client).find((record) => record.what === what) as Extract<HistoryRecord, { what: W }>;
const drop = <T>(list: T[], value: T | undefined) => list.splice(list.indexOf(value as T), 1);
const messageAt = (run: Run, conversation: string, seq: number) =>
  run.log.find((event) => event.conversation === conversation && event.seq === seq)?.message as Copy;
const setScreen = (run: Run, client: string, change: (messages: Copy[]) => void) => {
  const screen = find(run, client, 'screen');
  screen.messages = [...screen.messages];
  change(screen.messages);
};

/** Each breaks one thing, and names every rule that has to notice it. */
const plants: [name: string, rules: Rule[], plant: (run: Run) => void][] = [
  [
    'an acknowledged message that is not stored',
    ['sparse', 'lost', 'forgotten', 'phantom', 'screen'],
    (run) =>
      drop(
        run.log,
        run.log.find(({ message }) => message?.id === 'id-3'),
      ),
  ],
  [
    'the last message of a conversation lost, with no gap to tell of it',
    ['lost', 'forgotten', 'phantom', 'screen'],
    (run) =>
      drop(
        run.log,
        run.log.find(({ message }) => message?.id === 'id-8'),
      ),
  ],
  [
    'a message that a crashed client had taken on, and nobody ever sent',
    ['forgotten'],
    (run) => {
      run
        .of('bo-1')
        .push(
          { client: 'bo-1', at: 1, what: 'invoke', hash: 'hash-x', text: 'x' },
          { client: 'bo-1', at: 2, what: 'kept', hash: 'hash-x', client_id: 'client-x' },
        );
    },
  ],
  [
    'a message stored twice',
    ['twice', 'late', 'screen'],
    (run) => {
      const message = messageAt(run, 'talk-b', 2);
      run.log.push({ conversation: 'talk-b', seq: 5, message: { ...message, seq: 5 } });
    },
  ],
  [
    'a retry stored as another message',
    ['twice', 'late', 'screen'],
    (run) => {
      const message = messageAt(run, 'talk-b', 2);
      run.log.push({ conversation: 'talk-b', seq: 5, message: { ...message, id: 'id-other', client_id: 'c', seq: 5 } });
    },
  ],
  [
    'a message stored elsewhere than acknowledged',
    ['moved'],
    (run) => {
      find(run, 'bo-1', 'ok').seq = 3;
    },
  ],
  [
    'a retry that is acknowledged as another message',
    ['moved'],
    (run) => void run.of('bo-1').push({ ...find(run, 'bo-1', 'ok'), id: 'id-other' }),
  ],
  [
    'content that changed on its way into the store',
    ['changed', 'phantom', 'screen'],
    (run) => {
      messageAt(run, 'talk-b', 2).hash = 'hash-changed';
      for (const record of [...seenBy(run, 'bo-1'), ...seenBy(run, 'bot')])
        if (record.id === 'id-2') record.hash = 'hash-changed';
      setScreen(run, 'bo-1', (messages) => (messages[0] = { ...(messages[0] as Copy), hash: 'hash-2' }));
    },
  ],
  [
    'other content acknowledged under the same client id',
    ['changed'],
    (run) => void run.of('bo-1').push({ ...find(run, 'bo-1', 'ok'), hash: 'hash-forged' }),
  ],
  [
    'content that one client saw changed',
    ['changed'],
    (run) => {
      (seenBy(run, 'ada-2')[1] as Seen).hash = 'hash-changed';
    },
  ],
  [
    'a refused message that is stored',
    ['resurrected', 'late', 'screen'],
    (run) => {
      const message = { conversation: 'talk-a', seq: 8, id: 'id-r', client_id: 'client-refused', hash: 'too-long' };
      run.log.push({ conversation: 'talk-a', seq: 8, message });
    },
  ],
  [
    'a stored message that nobody said',
    ['phantom', 'late', 'screen'],
    (run) => {
      const message = { conversation: 'talk-b', seq: 5, id: 'id-p', client_id: 'client-p', hash: 'hash-p' };
      run.log.push({ conversation: 'talk-b', seq: 5, message });
    },
  ],
  [
    'a message on one screen that is stored nowhere',
    ['phantom'],
    (run) => {
      const first = seenBy(run, 'bo-1')[0] as Seen;
      run.of('bo-1').push({ ...first, seq: 99, id: 'id-p', hash: 'hash-p' });
    },
  ],
  [
    'two messages swapped on their way into the store',
    ['moved', 'swapped', 'gap', 'disorder', 'screen'],
    (run) => {
      const [first, second] = [messageAt(run, 'talk-a', 2), messageAt(run, 'talk-a', 5)];
      [first.seq, second.seq] = [second.seq, first.seq];
      // Who was told was told of them at their own places.
      for (const stored of run.log) if (stored.message) stored.seq = stored.message.seq;
      for (const history of run.histories)
        for (const record of history.records)
          if (record.what === 'seen') {
            if (record.id === first.id) record.seq = first.seq;
            if (record.id === second.id) record.seq = second.seq;
          }
    },
  ],
  [
    'two messages swapped on one screen',
    ['gap', 'disorder'],
    (run) => {
      const records = run.of('ada-2');
      const [, one, other] = seenBy(run, 'ada-2') as [Seen, Seen, Seen];
      const [at, to] = [records.indexOf(one), records.indexOf(other)];
      records[at] = other;
      records[to] = one;
    },
  ],
  [
    'a message that one client never saw, in the middle',
    ['gap', 'late'],
    (run) => void drop(run.of('bot'), seenBy(run, 'bot')[4]),
  ],
  [
    'a last message that one client never saw',
    ['late'],
    (run) => void drop(run.of('bo-1'), seenBy(run, 'bo-1').at(-1)),
  ],
  [
    'a message that one client saw twice',
    ['again'],
    (run) => void run.of('ada-1').push(seenBy(run, 'ada-1')[2] as Seen),
  ],
  [
    'a message that came 36 s after quiet',
    ['late'],
    (run) => {
      (seenBy(run, 'bo-1').at(-1) as Seen).at = find(run, 'rig', 'quiet').at + 36_000;
    },
  ],
  [
    'a client that sees nothing at all',
    ['late', 'screen'],
    (run) => {
      run
        .of('bo-1')
        .splice(
          0,
          Number.POSITIVE_INFINITY,
          { client: 'bo-1', at: 1, what: 'open' },
          ...run.of('bo-1').filter(({ what }) => what !== 'seen' && what !== 'screen'),
          { client: 'bo-1', at: 9_999, what: 'screen', messages: [], waiting: 0 },
        );
    },
  ],
  [
    'a message of another customer',
    ['foreign'],
    (run) => void run.of('ada-1').push({ ...(seenBy(run, 'bo-1')[0] as Seen), client: 'ada-1' }),
  ],
  [
    'a hole in the log',
    ['sparse'],
    (run) =>
      void drop(
        run.log,
        run.log.find(({ conversation, message }) => conversation === 'talk-b' && !message),
      ),
  ],
  [
    'a row missing on the screen in the end',
    ['screen'],
    (run) => setScreen(run, 'ada-1', (messages) => void messages.splice(1, 1)),
  ],
  [
    'a row twice on the screen in the end',
    ['screen'],
    (run) => setScreen(run, 'ada-1', (messages) => void messages.push(messages[0] as Copy)),
  ],
  [
    'a message that waits for ever',
    ['screen'],
    (run) => {
      find(run, 'ada-2', 'screen').waiting = 1;
    },
  ],
  ['a run that never came to rest', ['unsettled'], (run) => void run.of('rig').splice(0)],
];

describe('a planted fault is found by the rules that it breaks, and by no other', () => {
  test.each(plants)('%s', (_name, rules, plant) => {
    const run = cleanRun(talk);

    plant(run);

    const found = new Set(check(run.histories, run.log).map(({ rule }) => rule));
    expect([...found].sort()).toEqual([...rules].sort());
  });
});

const someTalk = fc.array(
  fc.oneof(
    fc.constantFrom(line('ada-1'), line('ada-2'), line('bo-1')),
    fc.constantFrom(line('bot', 'talk-a'), line('bot', 'talk-b')),
  ),
  { maxLength: 30 },
);

test('nothing is found where nothing is wrong', () => {
  fc.assert(
    fc.property(someTalk, (lines) => {
      const { histories, log } = cleanRun(lines);

      expect(check(histories, log)).toEqual([]);
    }),
  );
});

test('a client that opens its page again in the middle may see old messages again', () => {
  const run = cleanRun(talk);
  const records = run.of('ada-1');

  records.splice(
    records.indexOf(seenBy(run, 'ada-1')[3] as Seen),
    0,
    { client: 'ada-1', at: 1, what: 'open' },
    ...seenBy(run, 'ada-1').slice(1, 3),
  );

  expect(check(run.histories, run.log)).toEqual([]);
});

/** One record or event is lost, doubled, or changed, wherever it is. */
const mutations: Record<string, (run: Run, pick: <T>(list: readonly T[]) => T) => void> = {
  'an event lost': (run, pick) => void drop(run.log, pick(run.log.filter(({ message }) => message))),
  'an event doubled': (run, pick) => {
    const event = pick(run.log.filter(({ message }) => message));
    run.log.push(structuredClone(event));
  },
  'content changed': (run, pick) => {
    (pick(run.log.filter(({ message }) => message)).message as Copy).hash = 'changed';
  },
  'a sight lost': (run, pick) => {
    const client = pick(speakers.filter((name) => seenBy(run, name).length > 1));
    // Of the first one a client can't be sure: it may have come later.
    drop(run.of(client), pick(client === 'bot' ? seenBy(run, client) : seenBy(run, client).slice(1)));
  },
  'a sight doubled': (run, pick) => {
    const client = pick(speakers.filter((name) => seenBy(run, name).length > 0));
    run.of(client).push(pick(seenBy(run, client)));
  },
  'an acknowledgement of another place': (run, pick) => {
    const client = pick(speakers.filter((name) => find(run, name, 'ok')));
    find(run, client, 'ok').seq += 1;
  },
  'an acknowledgement of what is nowhere': (run, pick) => {
    const client = pick(speakers.filter((name) => find(run, name, 'ok')));
    run.of(client).push({ ...find(run, client, 'ok'), client_id: 'client-x', id: 'id-x' });
  },
};

test.each(Object.entries(mutations))('whatever else happens, it finds %s', (_name, mutate) => {
  const talkOfAll = someTalk.map((lines) => [line('ada-1'), line('bot', 'talk-a'), ...lines]);
  fc.assert(
    fc.property(talkOfAll, fc.nat(), (lines, dice) => {
      const run = cleanRun(lines);

      mutate(run, (list) => list[dice % list.length] as (typeof list)[number]);

      expect(check(run.histories, run.log).length).toBeGreaterThan(0);
    }),
  );
});
