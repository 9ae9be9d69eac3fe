import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../client/failure';
import type { Live, LiveState } from '../../client/live';
import { createHeadWatch } from './headWatch';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function bench(start: { state: LiveState; isVisible?: boolean; askLive?: () => Promise<unknown> }) {
  const liveState = signal<LiveState>(start.state);
  const isVisible = signal(start.isVisible ?? true);
  const asked: string[] = [];
  const said: Record<string, number>[] = [];
  let http: () => Promise<{ cursors: Record<string, number> }> = async () => ({ cursors: { c: 7 } });
  const live = {
    get state() {
      return liveState.value;
    },
    ask: () => {
      asked.push('socket');
      return start.askLive?.() ?? Promise.resolve({ cursors: { c: 7 } });
    },
    /** Before what was missed is asked for. */
    resume: (isDeaf: boolean) => void (isDeaf && said.length === 0 && asked.push('begins anew')),
  } as unknown as Live;
  const watch = createHeadWatch({
    live: () => live,
    liveState,
    rest: {
      head: () => {
        asked.push('http');
        return http();
      },
    },
    token: () => 'token',
    isReady: signal(true),
    isVisible,
    sawHead: (cursors) => void said.push(cursors),
    onSessionOver: () => void asked.push('over'),
  });
  return {
    watch,
    liveState,
    isVisible,
    asked,
    said,
    answer(next: typeof http) {
      http = next;
    },
  };
}

describe('looking for what was lost on the way', () => {
  it('finds it within 35 s in a visible tab, by the socket', async () => {
    const { watch, said, asked } = bench({ state: 'online' });

    await vi.advanceTimersByTimeAsync(34_000);
    watch.stop();

    expect(said).toContainEqual({ c: 7 });
    expect(asked).toEqual(['socket']);
  });

  it('finds it within 35 s too when the socket only looks connected', async () => {
    const askLive = () =>
      new Promise((_, reject) => setTimeout(reject, 5_000, new Failure('timeout', 'No acknowledgement.')));
    const { watch, said, asked } = bench({ state: 'online', askLive });

    await vi.advanceTimersByTimeAsync(34_000);
    watch.stop();

    expect(said).toContainEqual({ c: 7 });
    expect(asked).toEqual(['socket', 'http', 'begins anew']);
  });

  const never = () => new Promise<never>(() => {});

  it('finds it within 3 s of waking when the socket only looks connected, which then begins anew', async () => {
    const { watch, said, asked } = bench({ state: 'online', askLive: never });

    void watch.check(1_500);
    await vi.advanceTimersByTimeAsync(1_600);
    watch.stop();

    expect(asked).toEqual(['socket', 'http', 'begins anew']);
    expect(said).toEqual([{ c: 7 }]);
  });

  it('doesn’t wait for a question that was under way when it woke, and asks once however often it is woken', async () => {
    const { watch, said, asked } = bench({ state: 'online', askLive: never });

    void watch.check();
    void watch.check(1_500);
    void watch.check(1_500);
    await vi.advanceTimersByTimeAsync(1_600);
    watch.stop();

    expect(asked).toEqual(['socket', 'socket', 'http', 'begins anew']);
    expect(said).toEqual([{ c: 7 }]);
  });

  it('leaves a slow socket alone: it answers before HTTP does, or HTTP gets through as little', async () => {
    const late = () => new Promise((resolve) => setTimeout(resolve, 2_000, { cursors: { c: 7 } }));
    const slow = bench({ state: 'online', askLive: late });
    const dead = bench({ state: 'online', askLive: never });
    slow.answer(() => new Promise((resolve) => setTimeout(resolve, 1_000, { cursors: { c: 7 } })));
    dead.answer(() => Promise.reject(new Failure('unreachable', 'no network')));

    for (const { watch } of [slow, dead]) void watch.check(1_500);
    await vi.advanceTimersByTimeAsync(3_000);
    for (const { watch } of [slow, dead]) watch.stop();

    expect(slow.asked).toEqual(['socket', 'http']);
    expect(dead.asked).toEqual(['socket', 'http']);
  });

  it('asks over HTTP in a hidden tab, at least twice within the minute that its timers may wait for', async () => {
    const { watch, asked } = bench({ state: 'online', isVisible: false });

    await vi.advanceTimersByTimeAsync(61_000);
    watch.stop();

    expect(asked).toEqual(['http', 'http']);
  });

  it('doesn’t go by the wall clock', async () => {
    const { watch, asked } = bench({ state: 'online' });

    vi.setSystemTime(Date.now() + 86_400_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([]);
    vi.setSystemTime(Date.now() - 2 * 86_400_000);
    await vi.advanceTimersByTimeAsync(25_000);
    watch.stop();

    expect(asked).toEqual(['socket']);
  });
});

describe('without a socket', () => {
  it('asks every 4 s while the customer is active, more seldom later, and says that it is slow', async () => {
    const { watch, asked } = bench({ state: 'offline' });

    await vi.advanceTimersByTimeAsync(60_000);
    expect(watch.connection.value).toBe('slow');
    expect(asked.length).toBeGreaterThanOrEqual(15);
    await vi.advanceTimersByTimeAsync(80_000);
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.length - before).toBe(4);
    watch.noteActivity();
    await vi.advanceTimersByTimeAsync(60_000);
    watch.stop();

    expect(asked.length - before).toBeGreaterThan(15);
  });

  it('is offline only when HTTP doesn’t get through either', async () => {
    const { watch, liveState, answer } = bench({ state: 'online' });
    answer(() => Promise.reject(new Failure('unreachable', 'no network')));

    liveState.value = 'connecting';
    expect(watch.connection.value).toBe('connecting');
    await vi.advanceTimersByTimeAsync(3_000);
    liveState.value = 'offline';
    expect(watch.connection.value).toBe('offline');
    answer(async () => ({ cursors: {} }));
    await vi.advanceTimersByTimeAsync(4_100);
    expect(watch.connection.value).toBe('slow');
    liveState.value = 'online';
    watch.stop();

    expect(watch.connection.value).toBe('online');
  });

  it('ends with the session', async () => {
    const { watch, asked, answer } = bench({ state: 'offline' });
    answer(() => Promise.reject(new Failure('refused', 'revoked', 'SESSION_INVALID')));
    await watch.check();
    watch.stop();

    expect(asked).toEqual(['http', 'over']);
  });
});
