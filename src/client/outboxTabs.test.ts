/** Several tabs of one customer: one disk, one lock, a channel, and a server that loses requests and answers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SendRequest } from '../protocol/live';
import { openDisk } from './disk';
import { Failure } from './failure';
import { fakeLocks } from './fakeLocks';
import { type Outbox, openOutbox } from './outbox';
import { memoryStorage } from './storage';

/** BroadcastChannel: what one says the others hear, a moment later. */
function fakeChannels() {
  const open = new Set<{ onmessage: ((event: { data: unknown }) => void) | null }>();
  return () => {
    const channel = {
      onmessage: null as ((event: { data: unknown }) => void) | null,
      postMessage(data: unknown) {
        for (const other of open) if (other !== channel) setTimeout(() => other.onmessage?.({ data }));
      },
      close: () => void open.delete(channel),
    };
    open.add(channel);
    return channel as never as BroadcastChannel;
  };
}

type Fate = 'stored' | 'lost' | 'answer lost';

function world(fates: Fate[], isImpatient = false) {
  const storage = memoryStorage();
  const locks = fakeLocks();
  const channel = fakeChannels();
  /** What the server has stored, in its order; a client id once. */
  const stored: { id: string; text: string }[] = [];
  const wire: string[] = [];
  const refused: string[] = [];
  let sending = 0;
  let mostAtOnce = 0;
  let ids = 0;
  let clock = 0;

  async function send({ client_id: id, content }: SendRequest) {
    const text = 'text' in content ? content.text : '';
    wire.push(text);
    mostAtOnce = Math.max(mostAtOnce, ++sending);
    const fate = fates.shift() ?? 'stored';
    await new Promise((resolve) => setTimeout(resolve));
    const known = stored.find((each) => each.id === id);
    if (known && known.text !== text) refused.push(text);
    if (fate !== 'lost' && !known) stored.push({ id, text });
    sending--;
    if (fate !== 'stored') throw new Failure('timeout', 'no answer');
    return { id: `m-${id}`, conversation_id: 'c', seq: stored.length, created_time: 't' };
  }

  const open = (more: { hasLocks?: boolean } = {}): Outbox =>
    openOutbox({
      disk: openDisk(storage),
      prefix: 'outbox:ana:',
      locks: more.hasLocks === false ? undefined : locks,
      channel,
      send,
      onChange: () => {},
      onSent: () => {},
      newId: () => `id-${++ids}`,
      now: () => ++clock,
      random: () => 0,
      // Backoff costs no time here. The patience with who holds the lock ends at once, or never.
      setTimer: (run, ms) => (ms < 30_000 || isImpatient ? setTimeout(run) : undefined),
      clearTimer: clearTimeout,
    });
  return { open, stored, wire, refused, storage, mostAtOnce: () => mostAtOnce };
}

const until = async (condition: () => boolean) => {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 3_000) throw new Error('it never came to that');
    await new Promise((resolve) => setTimeout(resolve));
  }
};

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('say' as const), tab: fc.nat(2) }) },
    fc.record({ do: fc.constantFrom('sleep' as const, 'wake' as const, 'die' as const), tab: fc.nat(2) }),
    { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), turns: fc.nat(4) }) },
  ),
  { maxLength: 40 },
);
const fates = fc.array(fc.constantFrom<Fate>('stored', 'stored', 'lost', 'answer lost'), { maxLength: 30 });

describe('over several tabs', () => {
  for (const [title, isImpatient] of [
    ['one at a time', false],
    ['also when every lock is stolen from whoever has it', true],
  ] as const) {
    test(`everything goes out once and in its tab’s order, ${title}`, async () => {
      await fc.assert(
        fc.asyncProperty(steps, fates, async (steps, fates) => {
          const { open, stored, refused, storage, mostAtOnce } = world(fates, isImpatient);
          const tabs = [open(), open(), open()];
          const said: string[][] = [[], [], []];
          for (const step of steps) {
            if (step.do === 'pass') {
              for (let n = 0; n < step.turns; n++) await new Promise((resolve) => setTimeout(resolve));
              continue;
            }
            const tab = tabs[step.tab];
            const words = said[step.tab];
            if (!tab || !words) throw new Error('three tabs');
            if (step.do === 'say') {
              const text = `${step.tab}: ${words.length}`;
              words.push(text);
              tab.add({ text });
              // What dies before it is on disk was never promised.
              await new Promise((resolve) => setTimeout(resolve));
            } else if (step.do === 'sleep') tab.sleep();
            else if (step.do === 'wake') tab.kick();
            else {
              tab.stop();
              tabs[step.tab] = open();
            }
          }

          for (const tab of tabs) tab.kick();
          await until(() => storage.keys('').length === 0 && tabs.every((tab) => tab.entries().length === 0));
          for (const tab of tabs) tab.stop();

          expect(refused).toEqual([]);
          for (const [tab, words] of said.entries()) {
            expect(stored.map(({ text }) => text).filter((text) => text.startsWith(`${tab}:`))).toEqual(words);
          }
          if (!isImpatient && !steps.some((step) => step.do === 'sleep' || step.do === 'die')) {
            expect(mostAtOnce()).toBeLessThanOrEqual(1);
          }
        }),
        { numRuns: 60 },
      );
    });
  }

  test('what a tab that died left goes out by another one at once', async () => {
    const { open, stored } = world(['lost', 'lost']);
    const [first, second] = [open(), open()];
    first.add({ text: 'left behind' });
    await until(() => second.entries().length === 1);

    first.stop();
    second.kick();
    await until(() => stored.length === 1);
    await until(() => second.entries().length === 0);

    second.stop();
    expect(stored.map(({ text }) => text)).toEqual(['left behind']);
  });

  test('each tab shows what another one sends, and that it is sent', async () => {
    const { open } = world(['lost']);
    const [first, second] = [open(), open()];

    first.add({ text: 'by the first' });

    await until(() => second.entries().length === 1);
    await until(() => second.entries().length === 0);
    for (const tab of [first, second]) tab.stop();
  });

  test('where there are no locks the same message may go out twice, and is stored once', async () => {
    const { open, stored, wire } = world(['answer lost']);
    const tabs = [open({ hasLocks: false }), open({ hasLocks: false })];

    tabs[0]?.add({ text: 'one' });
    await until(() => tabs.every((tab) => tab.entries().length === 0) && stored.length > 0);

    for (const tab of tabs) tab.stop();
    expect(wire.length).toBeGreaterThan(1);
    expect(stored.map(({ text }) => text)).toEqual(['one']);
  });

  test('erased in one tab while another sends, nothing is left and nothing more goes out', async () => {
    const { open, wire, storage } = world(['lost']);
    const [first, second] = [open(), open()];
    first.add({ text: 'one' });
    first.add({ text: 'two' });
    await until(() => wire.length === 1);

    second.stop();
    await second.erase();
    await until(() => first.entries().length === 0);

    first.stop();
    expect(wire).toEqual(['one']);
    expect(storage.keys('')).toEqual([]);
  });
});
