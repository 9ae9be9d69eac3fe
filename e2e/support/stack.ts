/**
 * The whole built demo (chat server, bank, card page, bot) on free ports with a data folder of its own.
 *
 * ```ts
 * const stack = await startStack();
 * await page.goto(stack.addresses.bank);
 * await stack.stop();
 * ```
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './loopback';
import { type Program, repository, startProgram } from './program';

export interface Addresses {
  chat: string;
  bank: string;
  cards: string;
  bot: string;
}

export interface Stack {
  readonly addresses: Addresses;
  /** Where every process of the demo keeps what it keeps: databases, secrets. */
  readonly data: string;
  /** All that the processes printed. */
  readonly logFile: string;
  log(): Promise<string>;
  /** Ends the demo and starts it again on the same ports and data. */
  restart(): Promise<void>;
  /** Ends the demo and removes its data. */
  stop(): Promise<void>;
}

export async function startStack(settings: Record<string, string> = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'guichet-stack-'));
  const data = join(folder, 'data');
  await mkdir(data);
  const logFile = join(folder, 'output.log');
  const base = await freePorts(4);
  const environment = {
    GUICHET_DEMO_PORT: String(base),
    GUICHET_DEMO_DATA: data,
    GUICHET_DEMO_JSON: '1',
    NO_COLOR: '1',
    ...settings,
  };
  const addresses = {
    chat: `http://chat.localhost:${base}`,
    bank: `http://bank.localhost:${base + 1}`,
    cards: `http://cards.bank.localhost:${base + 2}`,
    bot: `http://bot.localhost:${base + 3}`,
  };

  let program: Program;
  const start = async () => {
    program = startProgram(join(repository, 'dist/demo/main.js'), [], environment, logFile);
    await program.line((line) => (/^ready\b/.test(line) ? true : undefined), 45_000);
  };
  try {
    await start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }

  return {
    addresses,
    data,
    logFile,
    log: () => readFile(logFile, 'utf8'),
    async restart() {
      await program.end();
      await start();
    },
    async stop() {
      await program.end();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
