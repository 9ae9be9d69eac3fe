import { describe, expect, test } from 'vitest';
import { fakeLocks } from './fakeLocks';
import { openTurn } from './turn';

function bench(locks: Pick<LockManager, 'request'> | undefined) {
  const timers: { id: number; run: () => void; ms: number; isOff?: boolean }[] = [];
  let ids = 0;
  const open = () =>
    openTurn({
      locks,
      name: 'ana',
      patience: 30_000,
      setTimer(run, ms) {
        timers.push({ id: ++ids, run, ms });
        return ids;
      },
      clearTimer(timer) {
        const found = timers.find(({ id }) => id === timer);
        if (found) found.isOff = true;
      },
    });
  const runTimers = () => {
    for (const timer of timers.splice(0)) if (!timer.isOff) timer.run();
  };
  return { a: open(), b: open(), runTimers };
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const never = () => new Promise<void>(() => {});

describe('a turn', () => {
  test('is one tab’s at a time', async () => {
    const { a, b } = bench(fakeLocks());
    const story: string[] = [];
    const run = (name: string) => async () => {
      story.push(`${name} begins`);
      await settle();
      story.push(`${name} ends`);
    };

    await Promise.all([a.take(run('a')), b.take(run('b'))]);

    expect(story).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('that is let go is the next tab’s at once, whatever still runs in it', async () => {
    const { a, b } = bench(fakeLocks());
    const runs: string[] = [];
    const first = a.take(never);
    const second = b.take(async () => void runs.push('b'));
    await settle();
    expect(runs).toEqual([]);

    a.letGo();
    await Promise.all([first, second]);

    expect(runs).toEqual(['b']);
  });

  test('that is let go while it is waited for never comes', async () => {
    const { a, b } = bench(fakeLocks());
    const runs: string[] = [];
    void a.take(never);
    const waiting = b.take(async () => void runs.push('b'));

    b.letGo();
    await waiting;
    a.letGo();
    await settle();

    expect(runs).toEqual([]);
  });

  test('of a tab that gives no sign of life is stolen, and the tab may have another one later', async () => {
    const { a, b, runTimers } = bench(fakeLocks());
    const runs: string[] = [];
    let wake = () => {};
    const stuck = a.take(
      () =>
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
    );
    const waiting = b.take(async () => void runs.push('b'));
    await settle();
    expect(runs).toEqual([]);

    runTimers();
    await waiting;
    expect(runs).toEqual(['b']);
    wake();
    await stuck;
    await a.take(async () => void runs.push('a'));

    expect(runs).toEqual(['b', 'a']);
  });

  test('of a tab that says that it lives is waited for', async () => {
    const { a, b, runTimers } = bench(fakeLocks());
    const runs: string[] = [];
    void a.take(never);
    const waiting = b.take(async () => void runs.push('b'));
    await settle();

    b.wait(30_000);
    // The first timer is off by now; the one that is set anew hasn't run yet.
    await settle();
    expect(runs).toEqual([]);
    runTimers();
    await waiting;

    expect(runs).toEqual(['b']);
  });

  test('is everybody’s where there are no locks, or where the browser refuses them', async () => {
    const refusing = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) } as never;
    for (const { a, b } of [bench(undefined), bench(refusing)]) {
      const runs: string[] = [];

      void a.take(never);
      await b.take(async () => void runs.push('b'));

      expect(runs).toEqual(['b']);
    }
  });
});
