/**
 * The whole built demo (chat server, bank, card page, bot, desk) on free ports with a data folder of its own.
 *
 * ```ts
 * const stack = await startStack();
 * await page.goto(stack.addresses.bank);
 * await stack.stop();
 * ```
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './loopback';
import { type Program, startProgram } from './program';

export interface Addresses {
  chat: string;
  bank: string;
  cards: string;
  bot: string;
  desk: string;
}

/** What the demo says of itself when it is ready. */
interface Ready extends Addresses {
  /** With this, a program may ask the bank's inside (see demo/README.md). */
  internalSecret: string;
  /** The processes, by name: chat, bank, cards, bot, desk. */
  pids: Record<keyof Addresses, number>;
}

export interface Stack {
  readonly addresses: Addresses;
  readonly internalSecret: string;
  /** The processes as they were started; the demo starts one that dies again, as another process. */
  readonly pids: Record<keyof Addresses, number>;
  /** Where every process of the demo keeps what it keeps: databases, secrets, logs. */
  readonly data: string;
  /** The folder of the chat server alone: all that Guichet itself keeps. */
  readonly serverData: string;
  /** What each process printed, by its name in `logs`; and what the demo itself said. */
  log(name: keyof Addresses | 'demo'): Promise<string>;
  /** Ends the demo and starts it again on the same ports and data. */
  restart(): Promise<void>;
  /** Ends the demo and removes its data. */
  stop(): Promise<void>;
}

export async function startStack(settings: Record<string, string> = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'guichet-stack-'));
  const data = join(folder, 'data');
  const logFile = join(folder, 'demo.log');
  const environment = {
    GUICHET_DEMO_PORT: String(await freePorts(5)),
    GUICHET_DEMO_DATA: data,
    GUICHET_DEMO_JSON: '1',
    ...settings,
  };
  const start = async () => {
    const program = startProgram('dist/demo/main.js', [], environment, logFile);
    const ready = await program.line(readiness, 100_000);
    return { program, ready };
  };

  let running: { program: Program; ready: Ready };
  try {
    running = await start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }

  return {
    get addresses() {
      const { chat, bank, cards, bot, desk } = running.ready;
      return { chat, bank, cards, bot, desk };
    },
    get internalSecret() {
      return running.ready.internalSecret;
    },
    get pids() {
      return running.ready.pids;
    },
    data,
    serverData: join(data, 'server'),
    log: (name) => readFile(name === 'demo' ? logFile : join(data, 'logs', `${name}.log`), 'utf8'),
    async restart() {
      await running.program.end();
      running = await start();
    },
    async stop() {
      await running.program.end();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const readiness = (line: string): Ready | undefined =>
  line.startsWith('ready ') ? (JSON.parse(line.slice('ready '.length)) as Ready) : undefined;
