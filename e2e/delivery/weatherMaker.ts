/** Lets what a plan says come to pass: each fault at its time, undone when it is over. */
import { setTimeout as pause } from 'node:timers/promises';
import type { BuiltServer } from '../support/server';
import type { Fault, FaultKind } from './faultPlan';
import type { FaultProxy, Weather } from './faultProxy';
import type { Tab } from './tab';

/** What can be hurt, by the names that the plan uses. */
export type Victims = {
  server: Pick<BuiltServer, 'pid' | 'kill' | 'start'>;
  networks: Record<string, FaultProxy>;
  tabs: Record<string, Tab>;
  hook: FaultProxy;
  receiver: { fails: boolean };
};

export type Weathering = {
  /** How often each kind came. */
  counts: Partial<Record<FaultKind, number>>;
  /** Whether the server is down or stands still on purpose. */
  readonly isServerAway: boolean;
  /** Resolves when every fault is over and undone. */
  done: Promise<void>;
};

/** @param log told of what begins and ends, for whoever looks for the cause of a violation */
export function letItHappen(plan: readonly Fault[], victims: Victims, log: (line: object) => void): Weathering {
  const counts: Weathering['counts'] = {};
  const start = performance.now();
  let away = 0;
  /** A process can't be killed, stopped and started at the same time. */
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>) => {
    turn = turn.then(async () => {
      away += 1;
      await work();
      away -= 1;
    });
    return turn;
  };

  async function befall(fault: Fault): Promise<void> {
    if (fault.kind === 'kill') return inTurn(() => killServer(victims.server, fault.ms));
    if (fault.kind === 'stop') return inTurn(() => stopServer(victims.server, fault.ms));
    const tab = victims.tabs[fault.target];
    const network = victims.networks[fault.target];
    switch (fault.kind) {
      case 'hookReset':
        return during(victims.hook, fault, { resetAfter: Math.floor(fault.size * 120) }, true);
      case 'muddle':
        for (const each of Object.values(victims.tabs)) void each.tell({ do: 'muddle', on: true });
        await pause(fault.ms);
        for (const each of Object.values(victims.tabs)) void each.tell({ do: 'muddle', on: false });
        return;
      case 'takesAndFails':
        victims.receiver.fails = true;
        await pause(fault.ms);
        victims.receiver.fails = false;
        return;
      case 'clock':
        for (const each of Object.values(victims.tabs).filter(({ browser }) => browser === fault.target)) {
          each.skew = Math.round((fault.size - 0.5) * 2 * 3_600_000);
          void each.tell({ do: 'skew', ms: each.skew });
        }
        return;
    }
    if (network && isOfNetwork(fault.kind)) return befallNetwork(fault, network);
    if (tab && network) return befallTab(fault, tab, network);
    throw new Error(`nobody to befall: ${JSON.stringify(fault)}`);
  }

  return {
    counts,
    get isServerAway() {
      return away > 0;
    },
    done: Promise.all(
      plan.map(async (fault) => {
        await pause(Math.max(0, start + fault.at - performance.now()));
        log({ begins: fault });
        counts[fault.kind] = (counts[fault.kind] ?? 0) + 1;
        await befall(fault);
        log({ ends: fault.kind, on: fault.target });
      }),
    ).then(() => {}),
  };
}

async function killServer(server: Victims['server'], ms: number) {
  await server.kill('SIGKILL');
  await pause(ms);
  await server.start();
}
async function stopServer(server: Victims['server'], ms: number) {
  process.kill(server.pid, 'SIGSTOP');
  await pause(ms);
  process.kill(server.pid, 'SIGCONT');
}

const networkKinds = {
  delay: ({ size }) => ({ delay: [5, 20 + size * 400] }),
  stall: () => ({ isStalled: true }),
  oneWayUp: () => ({ swallows: ['up'] }),
  oneWayDown: () => ({ swallows: ['down'] }),
  split: () => ({ isSplit: true }),
  resetAfter: ({ size }) => ({ resetAfter: Math.floor(20 + size * 1_500) }),
  refuse: () => ({ refuses: true }),
  squeeze: ({ size }) => ({ bytesPerSecond: 1_500 + size * 6_000 }),
  swallowUpgrade: () => ({ upgrades: 'swallow' }),
  blockUpgrade: () => ({ upgrades: 'block' }),
  blackHole: () => ({}),
  reset: () => ({}),
} satisfies Partial<Record<FaultKind, (fault: Fault) => Partial<Weather>>>;
type NetworkKind = keyof typeof networkKinds;
const isOfNetwork = (kind: FaultKind): kind is NetworkKind => kind in networkKinds;

async function befallNetwork(fault: Fault, network: FaultProxy): Promise<void> {
  if (fault.kind === 'blackHole') return network.blackHole();
  if (!isOfNetwork(fault.kind)) return;
  const cuts = ['reset', 'refuse', 'swallowUpgrade', 'blockUpgrade'].includes(fault.kind);
  await during(network, fault, networkKinds[fault.kind](fault), cuts);
}

/** `cuts`: open connections are reset first, so that it is felt at once. */
async function during(network: FaultProxy, fault: Fault, weather: Partial<Weather>, cuts: boolean) {
  network.change(weather);
  if (cuts) network.reset();
  await pause(fault.ms);
  network.clear(...(Object.keys(weather) as (keyof Weather)[]));
}

async function befallTab(fault: Fault, tab: Tab, network: FaultProxy): Promise<void> {
  switch (fault.kind) {
    case 'double':
      void tab.tell({ do: 'double', on: true });
      await pause(fault.ms);
      void tab.tell({ do: 'double', on: false });
      return;
    case 'offline':
      void tab.tell({ do: 'online', on: false });
      await during(network, fault, { refuses: true }, true);
      void tab.tell({ do: 'online', on: true });
      return;
    case 'crash':
      // So that there is something on its way that it must not forget.
      if (fault.size < 0.7) await during(network, { ...fault, ms: 300 + fault.size * 1_000 }, { refuses: true }, true);
      await tab.crash();
      await pause(fault.ms);
      if (!tab.isOpen) tab.open();
      return;
    case 'freeze':
      void tab.tell({ do: 'freeze', ms: fault.ms });
      await pause(fault.ms);
      // What a browser tells a page that it lets go on.
      void tab.tell({ do: 'wake' });
      return;
    case 'leave':
      void tab.tell({ do: 'sleep' });
      tab.isAway = true;
      await pause(fault.ms);
      tab.isAway = false;
      void tab.tell({ do: 'wake' });
      return;
  }
}
