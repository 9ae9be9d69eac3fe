/** The same people on a plain socket.io chat (peers/bareChat.mjs), for a look at what it loses where Guichet doesn't. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../support/loopback';
import { type Program, startProgram } from '../support/program';
import { numbersFrom } from '../support/seededNumbers';
import { type BareStored, bareCopyOf, openBareClient } from './bareClient';
import { type FaultProxy, openFaultProxy } from './faultProxy';
import { openHistory } from './history';
import { type Tab, tabOf } from './tab';
import { type Town, type TownOptions, tabNames, tabsOf } from './town';

/** `recovery`: with connection state recovery on the server and retries in the client. */
export type BareVariant = 'plain' | 'recovery';

export const openBareTown =
  (variant: BareVariant) =>
  async ({ seed, folder, code }: TownOptions): Promise<Town> => {
    await mkdir(join(folder, 'histories'), { recursive: true });
    const fileOf = (client: string) => join(folder, 'histories', `${client}.jsonl`);
    const keepOf = (client: string) => openHistory(fileOf(client), client);
    const close: (() => unknown)[] = [];

    const port = await freePorts(1);
    let running: Program;
    const start = async () => {
      const args = [String(port), join(folder, 'rooms.jsonl'), variant];
      running = startProgram('e2e/delivery/peers/bareChat.mjs', args, {}, join(folder, 'server.log'));
      await running.line((line) => (line === 'listening' ? true : undefined));
    };
    await start();
    const server = {
      get pid() {
        return running.pid;
      },
      kill: (signal: NodeJS.Signals = 'SIGKILL') => running.end(signal),
      start,
    };
    close.push(() => running.end('SIGKILL'));

    const random = numbersFrom(seed + 1);
    const networks: Record<string, FaultProxy> = {};
    for (const name of [...tabNames, 'bot', 'agent']) {
      const proxy = await openFaultProxy(port, random);
      networks[name] = proxy;
      close.push(() => proxy.stop());
    }
    const urlOf = (name: string) => networks[name]?.url ?? '';
    const rooms = [...new Set(Object.values(tabsOf))];
    const retries = variant === 'recovery';

    let answered = 0;
    const answers = new Set<string>();
    const answer = ({ room, id, by }: BareStored) => {
      if (!tabNames.includes(by) || answers.has(id)) return;
      answers.add(id);
      answered += 1;
      bot.say(room, `Freddy answers ${id}`);
    };
    const bot = openBareClient({
      url: urlOf('bot'),
      name: 'bot',
      rooms,
      retries,
      keep: keepOf('bot'),
      onMessage: answer,
    });
    const agent = openBareClient({ url: urlOf('agent'), name: 'agent', rooms, retries, keep: keepOf('agent') });
    close.push(
      () => bot.leave(),
      () => agent.leave(),
    );

    const tabs: Record<string, Tab> = {};
    for (const [name, browser] of Object.entries(tabsOf)) {
      const history = fileOf(name);
      const tab = tabOf(code, { name, browser, url: urlOf(name), site: variant, folder, history });
      tabs[name] = tab;
      close.push(() => tab.crash());
      tab.open();
      await tab.tell({ do: 'say', text: `${name} is here` });
      while (((await tab.tell({ do: 'state' }))?.seen ?? 0) === 0) await pause(20);
    }
    return {
      bot: {
        get waiting() {
          return bot.waiting;
        },
        get answered() {
          return answered;
        },
        get seen() {
          return bot.shown.length;
        },
        counts: { received: 0, repeated: 0, failed: 0 },
      },
      agent: {
        say: (room, text) => agent.say(room, text),
        get waiting() {
          return agent.waiting;
        },
        get seen() {
          return agent.shown.length;
        },
      },
      // It has no webhooks: what would befall them befalls the bot's network.
      victims: { server, networks, tabs, hook: networks.bot as FaultProxy, receiver: { fails: false } },
      async readStored() {
        const all = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as BareStored[];
        return all.map((message) => ({
          conversation: message.room,
          seq: message.seq,
          message: bareCopyOf(message),
          byCustomer: tabNames.includes(message.by),
        }));
      },
      keep: keepOf('rig'),
      fileOf,
      async stop() {
        for (const undo of close.splice(0).reverse()) await undo();
      },
    };
  };
