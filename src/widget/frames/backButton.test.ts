import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchBackButton } from './backButton';

/**
 * A tab's joint history as a frame sees it: entries of the page, of a frame inside of ours and our own, all in one row. Steps are made a while
 * after they are asked for. @param has whether there is the Navigation API
 */
function tab({ navigation: has }: { navigation: boolean }) {
  const entries: { key: string; state: unknown }[] = [
    { key: 'bank', state: null },
    { key: 'start', state: null },
  ];
  let at = 1;
  const steps: string[] = [];
  const listeners = new Set<(event: { state: unknown }) => void>();
  const go = (to: number, how: string) => {
    steps.push(how);
    setTimeout(() => {
      const before = entries[at]?.state;
      at = Math.max(0, Math.min(entries.length - 1, to));
      const { state } = entries[at] as { state: unknown };
      if (before !== state) for (const listener of listeners) listener({ state });
    }, 20);
  };
  const push = (state: unknown) => {
    entries.splice(at + 1);
    at = entries.push({ key: `pushed-${entries.length}`, state }) - 1;
  };
  const window = {
    history: {
      get length() {
        return entries.length;
      },
      get state() {
        return entries[at]?.state;
      },
      pushState: (state: unknown) => push(state),
      back: () => go(at - 1, 'back'),
      forward: () => go(at + 1, 'forward'),
      go: (by: number) => go(at + by, 'go'),
    },
    ...(has
      ? {
          navigation: {
            get currentEntry() {
              return entries[at];
            },
            traverseTo(key: string) {
              go(
                entries.findIndex((entry) => entry.key === key),
                'traverse',
              );
              return { committed: Promise.resolve(), finished: Promise.resolve() };
            },
          },
        }
      : {}),
    addEventListener: (_: string, listener: never) => listeners.add(listener),
    removeEventListener: (_: string, listener: never) => listeners.delete(listener),
  };
  return {
    window: window as unknown as Window,
    steps,
    /** The page inside makes a step: in our own document nothing changes. */
    pageStep: () => push(entries[at]?.state),
    /** The customer presses a button of the browser, as often. */
    async press(button: 'back' | 'forward', times = 1) {
      for (let n = 0; n < times; n++) {
        go(at + (button === 'back' ? -1 : 1), `customer ${button}`);
        await vi.advanceTimersByTimeAsync(25);
      }
    },
    place: () => entries[at]?.key,
    count: () => entries.length,
  };
}
const settle = () => vi.advanceTimersByTimeAsync(5_000);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe.each([true, false])('with the Navigation API: %s', (navigation) => {
  test('Back goes through three steps of the page first; the fourth is ours', async () => {
    const { window, pageStep, press, place } = tab({ navigation });
    const onBack = vi.fn(() => false);
    const button = watchBackButton(window, onBack);
    button.push();
    for (let n = 0; n < 3; n++) pageStep();

    await press('back', 3);
    expect(onBack).not.toHaveBeenCalled();
    await press('back');

    expect(onBack).toHaveBeenCalledTimes(1);
    expect(place()).toBe('start');
    button.back();
    await settle();
    expect(place()).toBe('start');
  });

  test.each([0, 1, 3])('any other close leaves nothing behind, %d steps of the page neither', async (steps) => {
    const { window, pageStep, place } = tab({ navigation });
    const onBack = vi.fn(() => false);
    const button = watchBackButton(window, onBack);
    button.push();
    for (let n = 0; n < steps; n++) pageStep();

    button.back();
    await settle();

    expect(place()).toBe('start');
    expect(onBack).not.toHaveBeenCalled();
  });

  test('who went back and forth in the page is not taken out of the site', async () => {
    const { window, pageStep, press, place } = tab({ navigation });
    const button = watchBackButton(window, () => false);
    button.push();
    for (let n = 0; n < 3; n++) pageStep();
    await press('back', 2);

    button.back();
    await settle();

    expect(place()).toBe('start');
  });

  test('what lay ahead when the view opened counts for nothing', async () => {
    const { window, pageStep, press, place } = tab({ navigation });
    for (let n = 0; n < 4; n++) pageStep();
    await press('back', 4);
    const button = watchBackButton(window, () => false);
    button.push();
    for (let n = 0; n < 2; n++) pageStep();

    button.back();
    await settle();

    expect(place()).toBe('start');
  });

  test('where the customer is to stay, the entry of their tap is gone to again and none is made; the next Back is asked about too', async () => {
    const { window, press, place, count, steps } = tab({ navigation });
    const answers = [true, false];
    const onBack = vi.fn(() => answers.shift() ?? false);
    const button = watchBackButton(window, onBack);
    button.push();
    const before = [place(), count()];

    await press('back');
    await settle();
    expect([place(), count()]).toEqual(before);
    expect(steps).toEqual(['customer back', 'forward']);
    await press('back');

    expect(onBack).toHaveBeenCalledTimes(2);
    expect(place()).toBe('start');
  });

  test('Forward opens nothing, and Back from there closes nothing', async () => {
    const { window, press, place } = tab({ navigation });
    const onBack = vi.fn(() => false);
    const button = watchBackButton(window, onBack);
    button.push();
    button.back();
    await settle();

    await press('forward');
    await press('back');

    expect([onBack.mock.calls.length, place()]).toEqual([0, 'start']);
  });

  test('one opened again at once keeps its entry', async () => {
    const { window, place, press } = tab({ navigation });
    const onBack = vi.fn(() => false);
    const button = watchBackButton(window, onBack);
    button.push();
    button.back();
    await settle();
    button.push();
    const opened = place();
    await settle();

    expect(place()).toBe(opened);
    await press('back');
    expect(onBack).toHaveBeenCalledTimes(1);
  });
});

test('where the browser refuses to push, nothing is gone back to', async () => {
  const { window, steps } = tab({ navigation: false });
  window.history.pushState = () => {
    throw new DOMException('too often', 'SecurityError');
  };
  const button = watchBackButton(window, () => false);
  button.push();
  button.back();
  await settle();

  expect(steps).toEqual([]);
});
