import { afterEach, beforeEach, expect, it, vi } from 'vitest';

let notes: number;
let state: 'running' | 'suspended';
let held: Set<string>;

class FakeAudio {
  currentTime = 0;
  destination = {};
  state = state;
  resume = async () => {};
  close = async () => {};
  createGain = () => ({
    gain: { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} },
    connect: (to: unknown) => to,
  });
  createOscillator() {
    return {
      frequency: { value: 0 },
      connect: (to: unknown) => to,
      start: () => void notes++,
      stop() {},
      addEventListener: (_: string, done: () => void) => void setTimeout(done, 400),
    };
  }
}
const locks = {
  async request(name: string, _: { ifAvailable: boolean }, hold: (lock: object | null) => Promise<void>) {
    if (held.has(name)) return hold(null);
    held.add(name);
    await hold({});
    held.delete(name);
  },
};

beforeEach(() => {
  notes = 0;
  state = 'running';
  held = new Set();
  vi.useFakeTimers();
  vi.stubGlobal('AudioContext', FakeAudio);
  vi.stubGlobal('navigator', { locks });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Each tab has the module for itself. */
async function tab() {
  vi.resetModules();
  return (await import('./sound')).ring;
}

it('sounds once, however many tabs got the message', async () => {
  const [one, two] = [await tab(), await tab()];

  void one('m1', () => true);
  void two('m1', () => true);
  await vi.advanceTimersByTimeAsync(5_000);

  expect(notes).toBe(2);
});

it('stays quiet when somebody has looked meanwhile', async () => {
  const ring = await tab();
  let isUnread = true;

  void ring('m1', () => isUnread);
  await vi.advanceTimersByTimeAsync(500);
  isUnread = false;
  await vi.advanceTimersByTimeAsync(5_000);

  expect(notes).toBe(0);
});

it('makes one sound of a burst, and another one for what comes later', async () => {
  const ring = await tab();

  for (const id of ['m1', 'm2', 'm3']) void ring(id, () => true);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(notes).toBe(2);
  void ring('m4', () => true);
  await vi.advanceTimersByTimeAsync(5_000);

  expect(notes).toBe(4);
});

it('makes none where the browser doesn’t let it', async () => {
  state = 'suspended';
  const ring = await tab();

  void ring('m1', () => true);
  await vi.advanceTimersByTimeAsync(5_000);

  expect(notes).toBe(0);
});
