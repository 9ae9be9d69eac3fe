/** The long runs behind the figures of docs/delivery.md. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBareTown } from './bareTown';
import type { Rule } from './checker';
import { openResults, quantile, type Results, resultsFolder, sum } from './results';
import { type Outcome, type RunOptions, run } from './run';
import { bundleTab } from './tab';
import { killsOf, tortureByKills } from './tortureByKills';

const usage = `npm run torture -- [options]
  --seeds 50       seeds 1 to 50; 3-9 are others
  --messages 400   messages a seed, about
  --faults 26      faults a seed
  --seconds 12     during which they come
  --bare           each seed also for a plain socket.io chat, without and with its recovery and retries
  --minutes 480    begins no seed after this time
  --fresh          forgets what was done before: else it goes on where it stopped
  --seed 17        this one alone, and anew
  --kill           instead: 100 kills (--kills) of a server at full speed, in batches of 20
  --webhooks       instead: 60 kills (--kills) while a bot fails 30 % of its webhooks, in batches of 20`;

const subjects = ['guichet', 'plain', 'recovery'] as const;
type Subject = (typeof subjects)[number];

/** Gives whether nothing of ours was found wrong. */
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
      bare: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      kill: { type: 'boolean', default: false },
      webhooks: { type: 'boolean', default: false },
      kills: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return true;
  }
  const until = Date.now() + Number(values.minutes) * 60_000;
  if (values.kill || values.webhooks) {
    const kind = values.kill ? 'kill' : 'webhooks';
    return tortureByKills({ kind, kills: Number(values.kills ?? killsOf[kind]), until, fresh: values.fresh });
  }

  const again = values.seed === undefined ? undefined : Number(values.seed);
  const chosen = values.bare ? subjects : subjects.slice(0, 1);
  const results = chosen.map((subject) => [subject, openResults<Outcome>(subject, values.fresh)] as const);
  const ours = await bundleTab('customerTab.ts');
  const theirs = values.bare ? await bundleTab('bareTab.ts') : '';
  const found: Outcome[] = [];
  for (const seed of again === undefined ? seedsOf(values.seeds) : [again]) {
    for (const [subject, { done, add }] of results) {
      if (again === undefined && (Date.now() > until || done.some((outcome) => outcome.seed === seed))) continue;
      const options: RunOptions = {
        seed,
        code: subject === 'guichet' ? ours : theirs,
        folder: join(resultsFolder, `${subject}-${seed}`),
        ms: Number(values.seconds) * 1_000,
        faults: Number(values.faults),
        messages: Number(values.messages),
        // What a plain socket has not got through by then never comes.
        ...(subject === 'guichet' ? {} : { open: openBareTown(subject), patience: 15_000, healing: 2_000 }),
      };
      const outcome = await run(options);
      report(subject, outcome);
      if (again === undefined) add(outcome);
      if (subject === 'guichet') found.push(outcome);
    }
  }
  if (again === undefined) summarise(results);
  return [...found, ...(results[0]?.[1].done ?? [])].every(({ violations }) => violations.length === 0);
}

/** `50`: 1 to 50; `3-9`: 3 to 9. */
function seedsOf(text: string): number[] {
  const [first, last] = text.includes('-') ? text.split('-').map(Number) : [1, Number(text)];
  if (!first || !last || last < first) throw new Error(`--seeds: expected 50 or 3-9, got ${text}`);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function report(subject: Subject, outcome: Outcome) {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const kinds = Object.values(outcome.faults);
  const violations = sum(Object.values(outcome.found));
  console.log(
    `${subject} ${outcome.seed}: ${outcome.messages} messages, ${sum(kinds)} faults of ${kinds.length} kinds, ` +
      `settled in ${seconds(outcome.settled)}, equal after ${seconds(outcome.healed)}, ${violations} violations`,
  );
  if (subject !== 'guichet') return;
  for (const { rule, client, what } of outcome.violations) console.log(`  ${rule} ${client ?? ''}: ${what}`);
  if (violations > 0)
    console.log(`  again: npm run torture -- --seed ${outcome.seed}; its files: ${resultsFolder}/${subject}-…`);
}

function summarise(results: readonly (readonly [Subject, Results<Outcome>])[]) {
  const rows: [string, (done: readonly Outcome[]) => string | number][] = [
    ['seeds', (done) => done.length],
    ['messages stored', (done) => sum(done.map(({ messages }) => messages))],
    ['acknowledged', (done) => sum(done.map(({ acknowledged }) => acknowledged))],
    ['kinds of fault', (done) => new Set(done.flatMap(({ faults }) => Object.keys(faults))).size],
    ['faults', (done) => sum(done.flatMap(({ faults }) => Object.values(faults)))],
    ['server killed', (done) => sum(done.map(({ faults }) => faults.kill ?? 0))],
    ['tabs killed', (done) => sum(done.map(({ faults }) => faults.crash ?? 0))],
    ['equal: median', (done) => `${(quantile(healed(done), 0.5) / 1_000).toFixed(1)} s`],
    ['equal: at most', (done) => `${(Math.max(...healed(done)) / 1_000).toFixed(1)} s`],
    ['said, not stored', (done) => count(done, 'forgotten', 'lost')],
    ['stored twice', (done) => count(done, 'twice')],
    ['out of order', (done) => count(done, 'swapped', 'disorder')],
    ['not seen by a client', (done) => count(done, 'late')],
    ['seen twice', (done) => count(done, 'again')],
    ['screens unlike the store', (done) => count(done, 'screen')],
    ['violations in all', (done) => sum(done.flatMap(({ found }) => Object.values(found)))],
  ];
  console.log(`\n${''.padEnd(26)}${results.map(([subject]) => subject.padStart(12)).join('')}`);
  for (const [name, of] of rows)
    console.log(`${name.padEnd(26)}${results.map(([, { done }]) => String(of(done)).padStart(12)).join('')}`);
}
const healed = (done: readonly Outcome[]) => done.map((outcome) => outcome.healed);
const count = (done: readonly Outcome[], ...rules: Rule[]) =>
  sum(done.flatMap(({ found }) => rules.map((rule) => found[rule] ?? 0)));
