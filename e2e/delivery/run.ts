/**
 * One run of the rig: from a seed come a plan of faults and what is said; when the last fault is over it waits until nothing
 * is on its way any more, then until everybody has everything, and lets the checker judge.
 */
import { appendFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { between, numbersFrom, oneOf, type Random } from '../support/seededNumbers';
import { check, healsWithin, type Rule, type Stored, type Violation } from './checker';
import type { CustomerState } from './customer';
import { type FaultKind, planFaults } from './faultPlan';
import { type History, now, readHistory } from './history';
import { openTown, type Town, type TownOptions, tabsOf, targets } from './town';
import { letItHappen } from './weatherMaker';

export type RunOptions = {
  seed: number;
  /** Where histories, plan and store go; emptied first. */
  folder: string;
  /** The bundled tab. */
  code: string;
  /** How long faults happen and customers write. */
  ms: number;
  faults: number;
  /** About how many messages are said, the bot's answers among them. */
  messages: number;
  kinds?: readonly FaultKind[];
  /** Ours unless given. */
  open?: (options: TownOptions) => Promise<Town>;
  /** How long what was said may take to be acknowledged once nothing is broken any more, in ms. */
  patience?: number;
  /** How long it is waited until everybody has everything, in ms. */
  healing?: number;
};

export type Outcome = {
  seed: number;
  /** The first ones. */
  violations: Violation[];
  /** How many of each kind. */
  found: Partial<Record<Rule, number>>;
  /** Messages stored. */
  messages: number;
  acknowledged: number;
  refused: number;
  webhooks: number;
  faults: Partial<Record<FaultKind, number>>;
  /** From quiet until everybody had everything, in ms. */
  healed: number;
  /** From the end of the faults until all that was said was settled, in ms. */
  settled: number;
};

export async function run(options: RunOptions): Promise<Outcome> {
  const { seed, folder } = options;
  await rm(folder, { recursive: true, force: true });
  const town = await (options.open ?? openTown)(options);
  try {
    town.keep({ what: 'open' });
    const plan = planFaults({ ...options, targets });
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan, undefined, 1));
    const talk = startTalk(town, options);
    const weather = letItHappen(plan, town.victims, (line) =>
      appendFileSync(join(folder, 'faults.jsonl'), `${JSON.stringify({ at: now(), ...line })}\n`),
    );
    await pause(options.ms);
    await weather.done;
    await talk.stop();
    for (const network of [...Object.values(town.victims.networks), town.victims.hook]) network.clear();

    const over = now();
    const isSettled = await until(options.patience ?? 150_000, async () => isAllSaid(town, await town.readStored()));
    const quiet = now();
    if (isSettled) town.keep({ what: 'quiet' });
    await until(options.healing ?? healsWithin + 5_000, async () => hasEverything(town, await town.readStored()));
    const healed = now() - quiet;
    for (const tab of Object.values(town.victims.tabs)) await tab.tell({ do: 'show' });
    const stored = await town.readStored();
    await writeFile(join(folder, 'store.jsonl'), stored.map((each) => `${JSON.stringify(each)}\n`).join(''));

    const histories = readHistories(town, await statesOf(town), stored);
    const violations = check(histories, stored);
    const found: Outcome['found'] = {};
    for (const { rule } of violations) found[rule] = (found[rule] ?? 0) + 1;
    return {
      seed,
      violations: violations.slice(0, 30),
      found,
      messages: messagesOf(stored).length,
      acknowledged: new Set(told(histories, 'ok')).size,
      refused: new Set(told(histories, 'refused')).size,
      webhooks: town.bot.counts.received,
      faults: weather.counts,
      healed,
      settled: quiet - over,
    };
  } finally {
    await town.stop();
  }
}

/** Customers and the agent write, each at a pace of their own. */
function startTalk(town: Town, { seed, ms, messages }: RunOptions): { stop(): Promise<void> } {
  let goesOn = true;
  // Of nine messages four are a customer's, four the bot's, and one the agent's.
  const pace = (ms * 9) / messages;
  const restFor = (random: Random, mean: number) => pause(between(random, 0.2 * mean, 1.8 * mean));
  const speakers: Promise<void>[] = [];
  for (const [at, [name, tab]] of Object.entries(town.victims.tabs).entries()) {
    const random = numbersFrom(seed * 31 + at);
    speakers.push(
      (async () => {
        for (let n = 0; goesOn; n += 1) {
          await restFor(random, (pace / 4) * Object.keys(tabsOf).length);
          if (tab.isAway || !tab.isOpen) continue;
          const dice = random();
          if (dice < 0.02) void tab.tell({ do: 'say', text: `${name} says ${n} ${'too long '.repeat(1_300)}` });
          else if (dice < 0.04) void tab.tell({ do: 'forge', text: `${name} forges ${n}` });
          else if (dice < 0.06) void tab.tell({ do: 'tidy' });
          else
            void tab.tell({ do: 'say', text: `${name} says ${n}${' blah'.repeat(Math.floor(random() ** 4 * 200))}` });
        }
      })(),
    );
  }
  speakers.push(
    (async () => {
      const random = numbersFrom(seed * 31 + 30);
      for (let n = 0; goesOn; n += 1) {
        await restFor(random, pace);
        const states = await statesOf(town);
        const known = states.flatMap(({ conversation }) => conversation ?? []);
        if (known.length > 0) town.agent.say(oneOf(random, known), `Iris says ${n}`, `iris-message-${n}`);
      }
    })(),
  );
  return {
    async stop() {
      goesOn = false;
      await Promise.all(speakers);
    },
  };
}

type NamedState = CustomerState & { name: string };
/** Of those tabs that answer now: one that stands still doesn't. */
async function statesOf(town: Town): Promise<NamedState[]> {
  const states = await Promise.all(
    Object.entries(town.victims.tabs).map(async ([name, tab]) => {
      const state = await Promise.race([tab.tell({ do: 'state' }), pause(200, undefined, { ref: false })]);
      return state && { ...state, name };
    }),
  );
  return states.filter((state) => state !== undefined);
}

const messagesOf = (stored: readonly Stored[]) => stored.flatMap(({ message }) => message ?? []);

/** Nothing waits to be sent, and the bot has answered every customer. */
async function isAllSaid(town: Town, stored: readonly Stored[]): Promise<boolean> {
  const states = await statesOf(town);
  return (
    states.length === Object.keys(tabsOf).length &&
    states.every(({ waiting }) => waiting === 0) &&
    town.agent.waiting === 0 &&
    town.bot.waiting === 0 &&
    town.bot.answered >= stored.filter(({ byCustomer }) => byCustomer).length
  );
}

async function hasEverything(town: Town, stored: readonly Stored[]): Promise<boolean> {
  const last = new Map(messagesOf(stored).map(({ conversation, seq }) => [conversation, seq]));
  const states = await statesOf(town);
  return (
    states.length === Object.keys(tabsOf).length &&
    states.every(({ conversation, seen }) => conversation && seen >= (last.get(conversation) ?? 0)) &&
    town.agent.seen >= messagesOf(stored).length &&
    town.bot.seen >= messagesOf(stored).length
  );
}

function readHistories(town: Town, states: readonly NamedState[], stored: readonly Stored[]): History[] {
  const customers = states.map(({ name, conversation }) => ({
    client: name,
    conversations: conversation ? [conversation] : [],
    isViewer: true,
  }));
  if (stored.length === 0) throw new Error('nothing was stored');
  return [
    ...customers,
    { client: 'bot', isViewer: true },
    { client: 'agent', isViewer: true },
    { client: 'rig', isViewer: false },
  ].map((history) => ({ ...history, records: readHistory(town.fileOf(history.client)) }));
}

const told = (histories: readonly History[], what: 'ok' | 'refused') =>
  histories.flatMap(({ records }) =>
    records.flatMap((record) => (record.what === what && 'client_id' in record ? record.client_id : [])),
  );

async function until(ms: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const end = now() + ms;
  while (!(await isSo())) {
    if (now() > end) return false;
    await pause(100);
  }
  return true;
}
