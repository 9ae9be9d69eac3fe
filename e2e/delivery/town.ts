/** Everybody of a run, set up and at work: a built server, three customers in four tabs, a bot and an agent, each with a network of their own. */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Event } from '../../src/protocol/event';
import { numbersFrom } from '../support/seededNumbers';
import { botScopes, startServer } from '../support/server';
import { type Agent, readLog, startAgent } from './agent';
import { type Bot, startBot } from './bot';
import type { Stored } from './checker';
import type { FaultTarget } from './faultPlan';
import { type FaultProxy, openFaultProxy } from './faultProxy';
import { copyOf, type Keep, openHistory } from './history';
import { type Tab, tabOf } from './tab';
import type { Victims } from './weatherMaker';

/** Tab by tab, whose browser it is in. */
export const tabsOf = { 'ada-1': 'ada', 'ada-2': 'ada', 'bo-1': 'bo', 'cy-1': 'cy' } as const;
export const tabNames = Object.keys(tabsOf);
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
  bot: Pick<Bot, 'waiting' | 'answered' | 'seen' | 'counts'>;
  agent: Pick<Agent, 'say' | 'waiting' | 'seen'>;
  victims: Victims;
  /** All that is stored, read straight from the server. */
  readStored(): Promise<Stored[]>;
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
      bot,
      agent,
      victims: { server, networks, tabs, hook, receiver },
      readStored: openLog(`http://127.0.0.1:${server.port}`, token),
      keep: keep('rig'),
      fileOf,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Each reading goes on where the one before ended. */
function openLog(url: string, token: string): () => Promise<Stored[]> {
  const all: Stored[] = [];
  let cursor: string | undefined;
  return async () => {
    for (;;) {
      const page = await readLog(url, token, cursor).catch(() => undefined);
      if (!page) continue;
      cursor = page.cursor;
      all.push(...page.events.map(storedOf));
      if (page.events.length === 0) return all;
    }
  };
}

export const storedOf = (event: Event): Stored => ({
  conversation: event.conversation_id,
  seq: event.seq,
  ...(event.type === 'message_create'
    ? { message: copyOf(event.data.message), byCustomer: event.data.message.actor_type === 'user' }
    : {}),
});
