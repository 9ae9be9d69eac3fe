import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSaver } from './saver';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('saving what a page wants kept', () => {
  it('saves the first at once, and of those that follow the newest after a second', async () => {
    const sent: unknown[] = [];
    const { save } = createSaver(async (state) => sent.push(state));

    const all = [1, 2, 3, 4].map(save);
    expect(sent).toEqual([1]);
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(all);

    expect(sent).toEqual([1, 4]);
  });

  it('never sends more than one a second, however many are saved', async () => {
    const sent: unknown[] = [];
    const { save } = createSaver(async (state) => sent.push(state));

    for (let at = 0; at < 100; at++) {
      void save(at);
      await vi.advanceTimersByTimeAsync(50);
    }
    await vi.advanceTimersByTimeAsync(2_000);

    expect(sent.length).toBeLessThanOrEqual(7);
    expect(sent.at(-1)).toBe(99);
  });

  it('tells each who saved of the refusal of what was saved for them', async () => {
    const { save } = createSaver(async (state) => {
      if (state === 'bad') throw new Error('refused');
    });

    await save('good');
    const [former, latter] = [save('worse'), save('bad')].map((saved) => saved.catch((error) => error.message));
    await vi.advanceTimersByTimeAsync(1_000);

    expect([await former, await latter]).toEqual(['refused', 'refused']);
  });

  it('saves what waits in the same moment when there is no more time', () => {
    const sent: unknown[] = [];
    const { save, flush } = createSaver(async (state) => sent.push(state));
    void save('first');
    void save('last');

    flush();

    expect(sent).toEqual(['first', 'last']);
  });
});
