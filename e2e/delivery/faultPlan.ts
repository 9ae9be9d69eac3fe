/** What goes wrong in a run, when and for how long: all of it follows from the seed. */
import { between, numbersFrom, oneOf } from '../support/seededNumbers';

/**
 * `on`: what it befalls. `tab`, `network` (of one tab, or of the bot or the agent), `hook` (the server's way to the bot),
 * `receiver` (the bot's own door), `browser` (all tabs of one customer), `server`. `ms`: how long, at least and at most.
 */
export const faultKinds = {
  /** Each piece of data arrives late, by a time of its own. */
  delay: { on: 'network', ms: [800, 2_500] },
  /** Nothing passes, then all of it does. */
  stall: { on: 'network', ms: [500, 3_000] },
  /** Connections that are open carry nothing any more, in either direction, and don't end. New ones work. */
  blackHole: { on: 'network', ms: [0, 0] },
  /** What the client says is swallowed. A connection that lost something never comes right again. */
  oneWayUp: { on: 'network', ms: [300, 2_000] },
  /** What the server says is swallowed. */
  oneWayDown: { on: 'network', ms: [300, 2_000] },
  /** Data comes in pieces of a few bytes. */
  split: { on: 'network', ms: [1_000, 3_000] },
  /** Open connections are reset. */
  reset: { on: 'network', ms: [0, 0] },
  /** Connections are reset after some bytes of the server's, in the middle of whatever they are saying. */
  resetAfter: { on: 'network', ms: [500, 2_500] },
  /** Open connections are reset, new ones refused. */
  refuse: { on: 'network', ms: [300, 3_000] },
  /** A few kilobytes a second. */
  squeeze: { on: 'network', ms: [800, 2_500] },
  /** A network that lets no WebSocket through, without a word. */
  swallowUpgrade: { on: 'network', ms: [1_500, 4_000] },
  /** A network that answers WebSockets with 403. */
  blockUpgrade: { on: 'network', ms: [1_500, 4_000] },
  /** What the client sends arrives twice. */
  double: { on: 'tab', ms: [500, 3_000] },
  /** The browser says that it is offline, and it is. */
  offline: { on: 'tab', ms: [500, 3_500] },
  /** The tab is killed, mostly while its network fails, and the page opened again with what its storage holds. */
  crash: { on: 'tab', ms: [50, 1_500] },
  /** The tab stands still, and what comes waits at its door. */
  freeze: { on: 'tab', ms: [500, 4_000] },
  /** The page is left (into the back/forward cache) and shown again. */
  leave: { on: 'tab', ms: [300, 2_500] },
  /** The browser's clock jumps by up to an hour, either way. */
  clock: { on: 'browser', ms: [0, 0] },
  /** The way to the bot breaks in the middle of a webhook. */
  hookReset: { on: 'hook', ms: [300, 1_200] },
  /** The bot takes a webhook and answers 500. */
  takesAndFails: { on: 'receiver', ms: [300, 1_200] },
  /** What the server tells all tabs as it happens gets lost, comes twice, and comes in another order. */
  muddle: { on: 'server', ms: [1_500, 4_000] },
  /** SIGKILL to the server's process, which is started again. */
  kill: { on: 'server', ms: [0, 300] },
  /** SIGSTOP, and later SIGCONT. */
  stop: { on: 'server', ms: [300, 2_500] },
} as const satisfies Record<string, { on: FaultTarget; ms: readonly [number, number] }>;

export type FaultTarget = 'network' | 'tab' | 'browser' | 'hook' | 'receiver' | 'server';
export type FaultKind = keyof typeof faultKinds;
/** `at` and `ms` in milliseconds. `size` in [0, 1) is whatever the kind makes of it. */
export type Fault = { kind: FaultKind; target: string; at: number; ms: number; size: number };

export type PlanOptions = {
  seed: number;
  /** Faults begin within this time, and have ended by its end. */
  ms: number;
  faults: number;
  /** Names that each target can have. */
  targets: Record<FaultTarget, readonly string[]>;
  kinds?: readonly FaultKind[];
};

/** Every kind is dealt before any comes again. */
export function planFaults(options: PlanOptions): Fault[] {
  const random = numbersFrom(options.seed);
  const kinds = options.kinds ?? (Object.keys(faultKinds) as FaultKind[]);
  let deck: FaultKind[] = [];
  const plan: Fault[] = [];
  for (let n = 0; n < options.faults; n += 1) {
    if (deck.length === 0) deck = shuffled(kinds, random);
    const kind = deck.pop() as FaultKind;
    const { on, ms } = faultKinds[kind];
    const at = ((n + random()) / options.faults) * options.ms;
    const length = Math.min(between(random, ms[0], ms[1]), options.ms - at);
    plan.push({
      kind,
      target: oneOf(random, options.targets[on]),
      at: Math.round(at),
      ms: Math.round(length),
      size: random(),
    });
  }
  return plan;
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const rest = [...values];
  return values.map(() => rest.splice(Math.floor(random() * rest.length), 1)[0] as T);
}
