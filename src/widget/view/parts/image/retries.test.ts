// @vitest-environment jsdom
import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { retries, retryAfter } from './retries';

describe('a picture that didn’t come', () => {
  const connection = signal('online');
  let tries = 0;
  let download: ReturnType<typeof retries>;
  beforeEach(() => {
    vi.useFakeTimers();
    connection.value = 'online';
    tries = 0;
    download = retries(() => tries++, connection);
  });
  afterEach(() => {
    download.stop();
    vi.useRealTimers();
  });
  const giveUp = () => {
    while (download.failed()) vi.runAllTimers();
  };

  it('is asked for again, each time after longer, and then given up', () => {
    for (const [at, after] of retryAfter.entries()) {
      expect(download.failed()).toBe(true);
      vi.advanceTimersByTime(after - 1);
      expect(tries).toBe(at);
      vi.advanceTimersByTime(1);
      expect(tries).toBe(at + 1);
    }

    expect(download.failed()).toBe(false);
    vi.advanceTimersByTime(3_600_000);
    expect(tries).toBe(retryAfter.length);
    expect([...retryAfter]).toEqual([...retryAfter].sort((a, b) => a - b));
  });

  it.each([
    ['the network', () => window.dispatchEvent(new Event('online'))],
    [
      'the conversation',
      () => {
        connection.value = 'offline';
        connection.value = 'online';
      },
    ],
  ])('is asked for at once when %s is back, also when it was given up, and once only', (_, comesBack) => {
    download.failed();
    comesBack();
    expect(tries).toBe(1);
    vi.runAllTimers();
    comesBack();
    expect(tries, 'while a try runs there is no other').toBe(1);

    giveUp();
    const before = tries;
    comesBack();
    expect(tries).toBe(before + 1);
  });

  it('has all its tries again once it came, or somebody asked by hand', () => {
    giveUp();
    download.reset();
    tries = 0;

    giveUp();

    expect(tries).toBe(retryAfter.length);
  });

  it('is not asked for any more once it is gone', () => {
    download.failed();
    download.stop();

    vi.runAllTimers();
    window.dispatchEvent(new Event('online'));
    connection.value = 'offline';
    connection.value = 'online';
    expect(tries).toBe(0);
  });
});
