// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerStill, askStill } from './still';

const page = 'https://cards.example';

/** A frame that writes down what it is asked, and can answer as whoever. */
function framed(origin = page) {
  const asked: { still: number; target: string }[] = [];
  const frame = {
    postMessage: (data: { still: number }, target: string) => asked.push({ still: data.still, target }),
  } as unknown as Window;
  const answer = (more: { data?: unknown; origin?: string; source?: unknown } = {}) =>
    window.dispatchEvent(
      Object.assign(new Event('message'), {
        source: frame,
        origin,
        data: { guichet: 1, still: asked[0]?.still },
        ...more,
      }),
    );
  const outcome = askStill({ window, frame: () => frame, origin, timeoutMs: 5_000 });
  return { asked, answer, outcome };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('asking', () => {
  it('is for the expected origin, and hears that very frame', async () => {
    const { asked, answer, outcome } = framed();

    answer();

    expect(asked).toMatchObject([{ target: page }]);
    expect(await outcome).toBe(true);
  });

  it('takes the window of a frame without an origin for enough', async () => {
    const { asked, answer, outcome } = framed('null');

    answer();

    expect(asked).toMatchObject([{ target: '*' }]);
    expect(await outcome).toBe(true);
  });

  it.each<[string, object]>([
    ['another window', { source: window }],
    ['no window', { source: null }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an answer to another question', { data: { guichet: 1, still: -1 } }],
    ['foreign traffic', { data: { still: 1 } }],
    ['nothing', { data: null }],
  ])('does not hear %s, and gives up', async (_, more) => {
    const { answer, outcome } = framed();

    answer(more);
    await vi.advanceTimersByTimeAsync(5_000);

    expect(await outcome).toBe(false);
  });
});

describe('answering', () => {
  it('is for the parent at its origin alone', () => {
    const parent = { postMessage: vi.fn() } as unknown as Window;
    answerStill(window, parent, 'https://chat.example');
    const ask = (more: object) =>
      window.dispatchEvent(
        Object.assign(new Event('message'), {
          source: parent,
          origin: 'https://chat.example',
          data: { guichet: 1, still: 7 },
          ...more,
        }),
      );

    ask({ source: window });
    ask({ origin: 'https://evil.example' });
    ask({ data: { still: 7 } });
    ask({ data: null });
    expect(parent.postMessage).not.toHaveBeenCalled();

    ask({});
    expect(parent.postMessage).toHaveBeenCalledExactlyOnceWith({ guichet: 1, still: 7 }, 'https://chat.example');
  });
});
