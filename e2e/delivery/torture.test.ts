/**
 * A short piece of `npm run torture`: one seed, every kind of fault. GUICHET_TORTURE_SEED makes it the same again, in which
 * case its files are in test-results/torture.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FaultKind, faultKinds } from './faultPlan';
import { resultsFolder } from './results';
import { run } from './run';
import { bundleTab } from './tab';

const seed = Number(process.env.GUICHET_TORTURE_SEED ?? Math.floor(Math.random() * 1e6) + 1_000);
const kinds = Object.keys(faultKinds) as FaultKind[];

test(`whatever breaks, each message comes once and in order (seed ${seed})`, { timeout: 400_000 }, async () => {
  const outcome = await run({
    seed,
    code: await bundleTab(),
    folder: join(resultsFolder, `test-${seed}`),
    ms: 10_000,
    faults: kinds.length,
    messages: 200,
  });

  expect(outcome.violations).toEqual([]);
  expect(Object.keys(outcome.faults).sort()).toEqual([...kinds].sort());
  expect(outcome.messages).toBeGreaterThan(60);
});
