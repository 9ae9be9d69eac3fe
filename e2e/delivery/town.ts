/** Everybody of a run, set up and at work: a built server, three customers in four tabs, a bot and an agent, each with a network of their own. */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { numbersFrom } from '../support/seededNumbers';
import { type BuiltServer, botScopes, startServer } from '../support/server';
import { type Agent, startAgent } from './agent';
import { type Bot, startBot } from './bot';
import type { FaultTarget } from './faultPlan';
import { type FaultProxy, openFaultProxy } from './faultProxy';
import { type Keep, openHistory } from './history';
import { type Tab, tabOf } from './tab';
import type { Victims } from './weatherMaker';

/** Tab by tab, whose browser it is in. */
export const tabsOf = { 'ada-1': 'ada', 'ada-2': 'ada', 'bo-1': 'bo', 'cy-1': 'cy' } as const;
const tabNames = Object.keys(tabsOf);
export const targets: Record<FaultTarget, readonly string[]> = {
  // Customers have the worse networks.
  network: [...tabNames, ...tabNames, 'bot', 'agent'],
  tab: tabNames,
  browser: [...new Set(Object.values(tabsOf))],
  hook: ['hook'],
  receiver: ['bot'],
  server: ['server'],
};
const site = 'ag-bank';
export const noLimits = {
  GUICHET_LIMIT_CUSTOMER: '1000000',
  GUICHET_LIMIT_TOKEN: '1000000',
  GUICHET_LIMIT_SESSIONS: '1000000',
  GUICHET_LOG_LEVEL: 'warn',
};

export type Town = {
  server: BuiltServer;
  /** May read everything. */
  token: string;
  bot: Bot;
  agent: Agent;
  victims: Victims;
  /** The rig's own history. */
  keep: Keep;
  fileOf(client: string): string;
  /** Ends everybody; the histories stay. */
  stop(): Promise<void>;
};

export type TownOptions = { seed: number; folder: string; code: string };

export async function openTown({ seed, folder, code }: TownOptions): Promise<Town> {
  await mkdir(join(folder, 'histories'), { recursive: true });
  const fileOf = (client: string) => join(folder, 'histories', `${client}.jsonl`);
  const close: (() => unknown)[] = [];
  const stop = async () => {
    for (const undo of close.splice(0).reverse()) await undo();
  };
  try {
    const server = await startServer(noLimits);
    close.push(async () => {
      await copyFile(server.logFile, join(folder, 'server.log'));
      await server.stop();
    });
    await server.addSite({ id: site });
    const { token: botToken } = await server.createToken({ bot: true });
    const scopes = [...botScopes, 'events:read'];
    const { token } = await server.createToken({ name: 'Iris', agent: true, scopes });

    const random = numbersFrom(seed + 1);
    const network = async (to: number): Promise<FaultProxy> => {
      const proxy = await openFaultProxy(to, random);
      close.push(() => proxy.stop());
      return proxy;
    };
    const networks: Record<string, FaultProxy> = {};
    for (const name of [...tabNames, 'bot', 'agent']) networks[name] = await network(server.port);
    const urlOf = (name: string) => networks[name]?.url ?? '';

    const receiver = { fails: false };
    const isDoubling = () => random() < 0.05;
    const keep = (client: string) => openHistory(fileOf(client), client);
    const bot = await startBot({
      url: urlOf('bot'),
      token: botToken,
      keep: keep('bot'),
      receive: () => (receiver.fails ? 'take and fail' : 'take'),
      isDoubling,
    });
    close.push(() => bot.stop());
    const hook = await network(bot.port);
    await server.addWebhook(`${hook.url}/hook`, ['message_create']);
    const agent = startAgent({ url: urlOf('agent'), token, keep: keep('agent'), isDoubling });
    close.push(() => agent.stop());

    const tabs: Record<string, Tab> = {};
    for (const [name, browser] of Object.entries(tabsOf)) {
      const tab = tabOf(code, {
        name,
        browser,
        url: urlOf(name),
        site,
        folder: join(folder, 'browsers', browser),
        history: fileOf(name),
      });
      tabs[name] = tab;
      close.push(() => tab.crash());
      tab.open();
      await tab.tell({ do: 'say', text: `${name} is here` });
      // A second tab finds the first one's customer.
      while ((await tab.tell({ do: 'state' }))?.conversation === undefined) await pause(20);
    }
    return {
      server,
      token,
      bot,
      agent,
      victims: { server, networks, tabs, hook, receiver },
      keep: keep('rig'),
      fileOf,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
