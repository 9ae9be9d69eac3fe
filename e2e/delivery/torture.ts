import { join } from 'node:path';
import { repository } from '../support/program';
import { run } from './run';
import { bundleTab } from './tab';
export async function torture() {
  const code = await bundleTab();
  const seed = Number(process.env.SEED ?? 1);
  const outcome = await run({
    seed,
    code,
    folder: join(repository, 'test-results/torture', String(seed)),
    ms: 18_000,
    faults: 26,
    messages: 400,
  });
  console.log(
    JSON.stringify(
      { ...outcome, violations: outcome.violations.slice(0, 20), count: outcome.violations.length },
      undefined,
      1,
    ),
  );
}
