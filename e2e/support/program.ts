/** One of our built programs as a child process, whose output is kept in a file and can be waited for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** No setting of the machine that runs the tests reaches the program: only what it needs to run at all, and `settings`. */
const environment = (settings: Record<string, string>): Record<string, string> => ({
  ...Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'LANG'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ),
  ...settings,
});

export interface Program {
  readonly pid: number;
  /** Resolves to the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** The first line of output that `read` makes something of. Rejects if the program ends before, or after `timeout` ms. */
  line<T>(read: (line: string) => T | undefined, timeout?: number): Promise<T>;
  /** Sends the signal, waits for the end. A program that does not end within 30 s is killed, and that is an error. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Starts a built program, given by its path in the repository. It has a channel to this process: one that ends when
 * the channel closes (the demo does) is not left behind when this process is killed.
 */
export function startProgram(file: string, args: string[], settings: Record<string, string>, logFile: string): Program {
  const child = spawn(process.execPath, ['--enable-source-maps', join(repository, file), ...args], {
    cwd: repository,
    env: environment(settings),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  const lines = new Lines();
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    stream.pipe(log, { end: false });
    stream.setEncoding('utf8').on('data', (text: string) => lines.add(text));
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      lines.end();
      log.end();
      resolve(code ?? signal ?? 1);
    });
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  ended.then(() => process.off('exit', killWithUs));
  if (child.pid === undefined) throw new Error(`${file} could not be started`);

  return {
    pid: child.pid,
    ended,
    line: (read, timeout = 30_000) => lines.find(read, timeout, `${file} ${args.join(' ')}`),
    end: (signal = 'SIGTERM') => end(child, ended, signal),
  };
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), 30_000);
  try {
    await Promise.race([ended, once(late.signal, 'abort')]);
  } finally {
    clearTimeout(timer);
  }
  if (!late.signal.aborted) return;
  child.kill('SIGKILL');
  await ended;
  throw new Error(`the program was still there 30 s after ${signal}`);
}

/** What came out so far, by line, for those who wait for one. */
class Lines {
  #all: string[] = [];
  #rest = '';
  #ended = false;
  #changed = new EventTarget();

  add(text: string) {
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop() ?? '';
    this.#all.push(...parts);
    this.#changed.dispatchEvent(new Event('change'));
  }

  end() {
    this.add('\n');
    this.#ended = true;
    this.#changed.dispatchEvent(new Event('change'));
  }

  find<T>(read: (line: string) => T | undefined, timeout: number, name: string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let seen = 0;
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#changed.removeEventListener('change', look);
        act();
      };
      const fail = (why: string) =>
        settle(() => reject(new Error(`${name} ${why}; it said:\n${this.#all.join('\n')}`)));
      const look = () => {
        for (; seen < this.#all.length; seen += 1) {
          const found = read(this.#all[seen] ?? '');
          if (found !== undefined) return settle(() => resolve(found));
        }
        if (this.#ended) fail('ended');
      };
      const timer = setTimeout(() => fail(`did not get there in ${timeout} ms`), timeout);
      this.#changed.addEventListener('change', look);
      look();
    });
  }
}
