import { expect, test } from 'vitest';
import { createTurns } from './turns';

/** Lets each party do its work, and gives the order in which it was done. */
async function order(asked: string[]): Promise<string[]> {
  const turns = createTurns();
  const done: string[] = [];
  let running = 0;
  await Promise.all(
    asked.map(async (name) => {
      const end = await turns.take(name[0] ?? '');
      running += 1;
      expect(running).toBe(1);
      await Promise.resolve();
      done.push(name);
      running -= 1;
      end();
    }),
  );
  return done;
}

test('parties take turns, each in its own order, and one that waits long is not passed twice', async () => {
  expect(await order(['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2'])).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

test('one party alone goes on at once, a thousand times', async () => {
  const names = Array.from({ length: 1_000 }, (_, at) => `a${at}`);

  expect(await order(names)).toEqual(names);
});
