/**
 * One tab of a browser, in a thread of its own: it has its own clock and its own word on whether there is a network, it can
 * stand still, and it can be killed at any moment. tab.ts bundles it and talks to it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Customer, CustomerState, Network } from './customer';
import { type Keep, openHistory } from './history';

export type TabData = {
  name: string;
  url: string;
  site: string;
  browser: string;
  folder: string;
  history: string;
  skew: number;
};
export type Command =
  | { do: 'say' | 'forge'; text: string }
  | { do: 'sleep' | 'wake' | 'tidy' | 'show' | 'state' | 'close' }
  | { do: 'double' | 'muddle' | 'online'; on: boolean }
  | { do: 'freeze'; ms: number }
  | { do: 'skew'; ms: number };
export type Answer = { id: number; value?: CustomerState; error?: string };

const data = workerData as TabData;
const network: Network = { isDoubling: false, isMuddled: false };
let isOnline = true;

Object.defineProperty(globalThis, 'navigator', {
  configurable: true,
  value: {
    get onLine() {
      return isOnline;
    },
    languages: ['en'],
  },
});
let skew = data.skew;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args: []) {
    super(...(args.length > 0 ? args : ([RealDate.now() + skew] as never)));
  }
  static override now() {
    return RealDate.now() + skew;
  }
} as DateConstructor;
/** Threads share their channels; browsers don't. */
const RealChannel = BroadcastChannel;
globalThis.BroadcastChannel = class extends RealChannel {
  constructor(name: string) {
    super(`${data.folder} ${name}`);
  }
};

/** Opens a customer in this thread and lets it do what the rig says. */
export function serveTab(open: (data: TabData, tools: { keep: Keep; network: Network }) => Customer): void {
  const keep = openHistory(data.history, data.name);
  const customer = open(data, { keep, network });
  customer.open();
  parentPort?.on('message', async ({ id, command }: { id: number; command: Command }) => {
    const answer: Answer = { id };
    try {
      const value = await obey(command, customer, keep);
      if (value) answer.value = value;
    } catch (error) {
      answer.error = String(error instanceof Error ? error.stack : error);
    }
    parentPort?.postMessage(answer);
  });
}

async function obey(command: Command, customer: Customer, keep: Keep): Promise<CustomerState | undefined> {
  switch (command.do) {
    case 'say':
      customer.say(command.text);
      return;
    case 'forge':
      return void (await customer.forge(command.text));
    case 'tidy':
      return customer.tidy() as undefined;
    case 'show':
      return void keep({ what: 'screen', ...(await customer.show()) });
    case 'state':
      return customer.state();
    case 'close':
      return customer.close() as undefined;
    case 'sleep':
      return customer.sleep() as undefined;
    case 'wake':
      return customer.wake() as undefined;
    case 'double':
      network.isDoubling = command.on;
      return;
    case 'muddle':
      network.isMuddled = command.on;
      return;
    case 'online':
      isOnline = command.on;
      if (isOnline) customer.wake();
      return;
    case 'skew':
      skew = command.ms;
      return;
    case 'freeze':
      // Not a wait: nothing at all runs in this thread.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.ms);
      return;
  }
}
