/** `npm run torture -- --kill` and `--webhooks`: kill loops in batches, each with a seed and a database of its own. */
import { join } from 'node:path';
import { type KillOptions, type KillOutcome, killLoop } from './killLoop';
import { openResults, quantile, resultsFolder, sum } from './results';

type Kind = 'kill' | 'webhooks';
export const killsOf: Record<Kind, number> = { kill: 100, webhooks: 60 };
const batch = 20;
const loads: Record<Kind, Omit<KillOptions, 'seed' | 'folder' | 'kills'>> = {
  // As much as the server takes, for as long as it takes to say 500 things and more.
  kill: { sockets: 10, http: 2, acknowledgements: 560, life: 100, rest: 0 },
  // Many conversations of few messages: within one of them a failed webhook holds up the others.
  webhooks: { sockets: 10, http: 50, acknowledgements: 15, life: 700, rest: 2_500, bot: { failing: 0.3 } },
};

export type KillTorture = { kind: Kind; kills: number; until: number; fresh: boolean };

/** Gives whether nothing was found. */
export async function tortureByKills({ kind, kills, until, fresh }: KillTorture): Promise<boolean> {
  const results = openResults<KillOutcome>(kind, fresh);
  for (let seed = 1; (seed - 1) * batch < kills; seed += 1) {
    if (results.done.some((outcome) => outcome.seed === seed)) continue;
    if (Date.now() > until) break;
    const outcome = await killLoop({
      ...loads[kind],
      seed,
      kills: Math.min(batch, kills - (seed - 1) * batch),
      folder: join(resultsFolder, `${kind}-${seed}`),
    });
    results.add(outcome);
    console.log(
      `${kind} ${seed}: ${outcome.kills.length} kills, ${outcome.acknowledged} acknowledged, ` +
        `${outcome.events} events, ${outcome.webhooks.received} webhooks, ${outcome.violations.length} violations`,
    );
    for (const { rule, client, what } of outcome.violations.slice(0, 20))
      console.log(`  ${rule} ${client ?? ''}: ${what}`);
    for (const said of outcome.corrupt) console.log(`  corrupt: ${said}`);
  }
  summarise(kind, results.done);
  return results.done.every(({ violations, corrupt }) => violations.length + corrupt.length === 0);
}

function summarise(kind: Kind, done: readonly KillOutcome[]) {
  if (done.length === 0) return;
  const total = (of: (outcome: KillOutcome) => number) => sum(done.map(of));
  const kills = done.flatMap((outcome) => outcome.kills);
  const reopen = kills.map((kill) => kill.reopen);
  const between = kills.filter(({ before, inFlight }) => before > 0 && inFlight > 0).length;
  const rows: [string, string | number][] = [
    ['kills', kills.length],
    ['…between two acks', between],
    ['acknowledged', total(({ acknowledged }) => acknowledged)],
    ['events stored', total(({ events }) => events)],
    ['serving again', `${quantile(reopen, 0.5)} ms (at most ${Math.max(...reopen)} ms)`],
    ['databases looked at', `${total(({ looked }) => looked)}, not whole ${total(({ corrupt }) => corrupt.length)}`],
    ...(kind === 'webhooks'
      ? ([
          ['webhooks', total(({ webhooks }) => webhooks.received)],
          ['…that failed', total(({ webhooks }) => webhooks.failed)],
          ['…that came again', total(({ webhooks }) => webhooks.repeated)],
        ] satisfies [string, number][])
      : []),
    ['violations', total(({ violations }) => violations.length)],
  ];
  console.log(`\n${rows.map(([name, value]) => `${name.padEnd(20)}${value}`).join('\n')}`);
}
