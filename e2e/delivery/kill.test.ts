/**
 * Short pieces of `npm run torture -- --kill` and `--webhooks`. GUICHET_KILLS (8) and GUICHET_KILL_SEED make them longer, or the
 * same again.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killLoop } from './killLoop';
import { resultsFolder } from './results';

const kills = Number(process.env.GUICHET_KILLS ?? 8);
const seed = Number(process.env.GUICHET_KILL_SEED ?? Math.floor(Math.random() * 1e9));

test(`nothing that was acknowledged is lost, doubled or moved by ${kills} kills, and the bot gets every event (seed ${seed})`, {
  timeout: 120_000 + kills * 10_000,
}, async () => {
  const outcome = await killLoop({
    seed,
    kills,
    folder: join(resultsFolder, `kill-test-${seed}`),
    sockets: 4,
    http: 2,
    life: 700,
    rest: 15,
    bot: { failing: 0 },
  });

  expect(outcome.violations).toEqual([]);
  expect(outcome.corrupt).toEqual([]);
  expect(outcome.kills).toHaveLength(kills);
  for (const { before, inFlight } of outcome.kills) {
    expect(before).toBeGreaterThan(0);
    expect(inFlight).toBeGreaterThan(0);
  }
  expect(outcome.acknowledged).toBeGreaterThan(kills * 10);
});
