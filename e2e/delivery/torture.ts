/** The long runs behind the figures of docs/delivery.md. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openResults, quantile, resultsFolder, sum } from './results';
import { type Outcome, run } from './run';
import { bundleTab } from './tab';

const usage = `npm run torture -- [options]
  --seeds 50       seeds 1 to 50; 7 or 3-9 are others
  --messages 400   messages a seed, about
  --faults 26      faults a seed
  --seconds 12     during which they come
  --minutes 480    begins no seed after this time
  --fresh          forgets what was done before: else it goes on where it stopped
  --seed 17        this one alone, and anew`;

/** Gives whether nothing was found. */
export async function torture(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '50' },
      seed: { type: 'string' },
      messages: { type: 'string', default: '400' },
      faults: { type: 'string', default: '26' },
      seconds: { type: 'string', default: '12' },
      minutes: { type: 'string', default: '480' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return true;
  }
  const until = Date.now() + Number(values.minutes) * 60_000;
  const results = openResults<Outcome>('seeds', values.fresh);
  const code = await bundleTab();
  const again = values.seed === undefined ? undefined : Number(values.seed);
  const todo = (again === undefined ? seedsOf(values.seeds) : [again]).filter(
    (seed) => seed === again || !results.done.some((outcome) => outcome.seed === seed),
  );
  for (const seed of todo) {
    if (Date.now() > until) break;
    const outcome = await run({
      seed,
      code,
      folder: join(resultsFolder, `seed-${seed}`),
      ms: Number(values.seconds) * 1_000,
      faults: Number(values.faults),
      messages: Number(values.messages),
    });
    report(outcome);
    if (again === undefined) results.add(outcome);
  }
  if (again === undefined) summarise(results.done);
  return results.done.every(({ violations }) => violations.length === 0);
}

/** `50`: 1 to 50; `3-9`: 3 to 9. */
function seedsOf(text: string): number[] {
  const [first, last] = text.includes('-') ? text.split('-').map(Number) : [1, Number(text)];
  if (!first || !last || last < first) throw new Error(`--seeds: expected 50 or 3-9, got ${text}`);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function report({ seed, messages, acknowledged, faults, violations, settled, healed }: Outcome) {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const kinds = Object.values(faults);
  console.log(
    `seed ${seed}: ${messages} messages, ${acknowledged} acknowledged, ${sum(kinds)} faults of ${kinds.length} kinds, ` +
      `settled in ${seconds(settled)}, equal after ${seconds(healed)}, ${violations.length} violations`,
  );
  for (const { rule, client, what } of violations.slice(0, 20)) console.log(`  ${rule} ${client ?? ''}: ${what}`);
  if (violations.length > 0) console.log(`  again: npm run torture -- --seed ${seed}; its files: ${resultsFolder}`);
}

function summarise(done: readonly Outcome[]) {
  if (done.length === 0) return;
  const total = (of: (outcome: Outcome) => number) => sum(done.map(of));
  const healed = done.map((outcome) => outcome.healed / 1_000);
  const kinds = new Set(done.flatMap(({ faults }) => Object.keys(faults)));
  const rows: [string, string | number][] = [
    ['seeds', done.length],
    ['messages', total(({ messages }) => messages)],
    ['acknowledged', total(({ acknowledged }) => acknowledged)],
    ['kinds of fault', kinds.size],
    ['faults', total(({ faults }) => sum(Object.values(faults)))],
    ['server killed', total(({ faults }) => faults.kill ?? 0)],
    ['tabs crashed', total(({ faults }) => faults.crash ?? 0)],
    ['equal after quiet', `${quantile(healed, 0.5).toFixed(1)} s (at most ${Math.max(...healed).toFixed(1)} s)`],
    ['violations', total(({ violations }) => violations.length)],
  ];
  console.log(`\n${rows.map(([name, value]) => `${name.padEnd(20)}${value}`).join('\n')}`);
}
