import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTyping } from './typing';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('who types on is told of again and again, and the end once', () => {
  const told: boolean[] = [];
  const typing = createTyping((on) => told.push(on));
  for (let at = 0; at < 30; at++) {
    typing.note();
    vi.advanceTimersByTime(1_000);
  }
  expect(told).toEqual([true, true, true, true, true, true]);
  vi.advanceTimersByTime(10_000);
  typing.stop();

  expect(told).toEqual([true, true, true, true, true, true, false]);
});
