/** Opens, kills and commands tabs (tabThread.ts), each a thread that runs the client's code, bundled once. */
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build, type Plugin } from 'vite';
import { repository } from '../support/program';
import type { CustomerState } from './customer';
import type { Answer, Command, TabData } from './tabThread';

export type Tab = {
  readonly name: string;
  readonly browser: string;
  readonly isOpen: boolean;
  open(): void;
  /** Ends the thread wherever it is. */
  crash(): Promise<void>;
  /** Throws when the tab did not do it; gives nothing when it is not there, or dies first. */
  tell(command: Command): Promise<CustomerState | undefined>;
  /** With which the tab is opened from now on. */
  skew: number;
  /** The customer is on another page: nobody writes here. */
  isAway: boolean;
};

export function tabOf(code: string, data: Omit<TabData, 'skew'>): Tab {
  let worker: Worker | undefined;
  let fault: Error | undefined;
  let ids = 0;
  const asked = new Map<number, (answer?: Answer) => void>();
  const gone = () => {
    worker = undefined;
    for (const settle of asked.values()) settle();
    asked.clear();
  };
  const tab: Tab = {
    name: data.name,
    browser: data.browser,
    skew: 0,
    isAway: false,
    get isOpen() {
      return worker !== undefined;
    },
    open() {
      const opened = new Worker(code, { workerData: { ...data, skew: tab.skew } satisfies TabData });
      worker = opened;
      opened.on('message', (answer: Answer) => {
        asked.get(answer.id)?.(answer);
        asked.delete(answer.id);
      });
      opened.on('error', (error) => {
        fault = error;
        gone();
      });
    },
    async crash() {
      const dying = worker;
      gone();
      await dying?.terminate();
    },
    async tell(command) {
      if (fault) throw fault;
      if (!worker) return undefined;
      const id = ++ids;
      const answered = new Promise<Answer | undefined>((resolve) => asked.set(id, resolve));
      worker.postMessage({ id, command });
      const answer = await answered;
      if (answer?.error) throw new Error(`${data.name} ${command.do}: ${answer.error}`);
      return answer?.value;
    },
  };
  return tab;
}

/** In Node the socket client has all of its transports from the start; only the browser's comes in parts. */
const wholeSocketClient: Plugin = {
  name: 'whole-socket-client',
  enforce: 'pre',
  load: (id) => (id.endsWith('/socketio/polling.ts') ? 'export {}' : undefined),
};

/** Node runs no TypeScript by itself. Gives the file; it lies in the repository so that it finds what it imports. */
export async function bundleTab(entry: 'customerTab.ts' | 'bareTab.ts' = 'customerTab.ts'): Promise<string> {
  const outDir = join(repository, 'test-results', 'delivery', `code-${process.pid}`);
  await mkdir(outDir, { recursive: true });
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }));
  await build({
    root: repository,
    configFile: false,
    logLevel: 'warn',
    plugins: [wholeSocketClient],
    build: {
      ssr: join(repository, 'e2e/delivery', entry),
      outDir,
      emptyOutDir: false,
      minify: false,
      rollupOptions: { output: { entryFileNames: '[name].mjs' } },
    },
  });
  return join(outDir, entry.replace(/\.ts$/, '.mjs'));
}
