import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { loopbackFetch } from '../loopback';
import { root } from '../repository';

export type Program = {
  name: string;
  /** From the repository's top. */
  file: string;
  args?: string[];
  env: Record<string, string>;
  /** Answers 200 at /health once it serves. */
  origin: string;
};
export type Tell = (name: string, text: string) => void;

const tether = pathToFileURL(join(root, 'demo/run/tether.mjs')).href;
const startTime = 30_000;

/** A program of the demo: started, watched, started again when it crashes, stopped. */
export class Child {
  private process: ChildProcess | undefined;
  private stopping = false;
  /** Until it serves, its warnings are part of why it could not. */
  private serving = false;
  private crashes = 0;
  private readonly recent: string[] = [];

  constructor(
    readonly program: Program,
    private readonly logFolder: string,
    private readonly tell: Tell,
  ) {}

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Resolves when it serves. @throws Error with its last words */
  async start(): Promise<void> {
    const gone = this.launch(false);
    const until = Date.now() + startTime;
    while (Date.now() < until) {
      if (await this.answers()) {
        this.serving = true;
        gone.then((how) => this.crashed(how));
        return;
      }
      const how = await Promise.race([gone, pause(100, undefined)]);
      if (how) throw new Error(`${this.program.name} could not start (${how}).\n${this.lastWords()}`);
    }
    throw new Error(
      `${this.program.name} did not answer at ${this.program.origin} within ${startTime / 1_000} s.\n${this.lastWords()}`,
    );
  }

  /** SIGTERM, and SIGKILL after 5 s. */
  async stop(): Promise<void> {
    this.stopping = true;
    const running = this.process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise<void>((done) => running.once('exit', () => done()));
    running.kill('SIGTERM');
    const force = setTimeout(() => running.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(force);
  }

  /** Resolves, when the process has ended, to how. */
  private launch(again: boolean): Promise<string> {
    const { name, file, args = [], env } = this.program;
    const child = spawn(process.execPath, ['--enable-source-maps', '--import', tether, join(root, file), ...args], {
      cwd: root,
      env: { ...inherited(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.process = child;
    const logFile = join(this.logFolder, `${name}.log`);
    if (!again && existsSync(logFile) && statSync(logFile).size > 10_000_000) renameSync(logFile, `${logFile}.old`);
    const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
    log.on('error', (error) => this.tell(name, `can't write its log: ${error.message}`));
    log.write(`--- ${new Date().toISOString()} ${again ? 'started again' : 'started'} as process ${child.pid}\n`);
    const listen = (stream: NodeJS.ReadableStream | null, isError: boolean) => {
      if (!stream) return;
      createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
        log.write(`${line}\n`);
        this.recent.push(line);
        if (this.recent.length > 30) this.recent.shift();
        const worth = warningIn(line, isError);
        if (worth && this.serving && !this.stopping) this.tell(name, worth);
      });
    };
    listen(child.stdout, false);
    listen(child.stderr, true);
    return new Promise((done) => {
      child.once('error', (error) => done(error.message));
      child.once('close', (code, signal) => {
        log.end();
        done(signal ? `ended by ${signal}` : `ended with code ${code}`);
      });
    });
  }

  private async crashed(how: string): Promise<void> {
    if (this.stopping) return;
    const wait = Math.min(30_000, 500 * 2 ** this.crashes);
    this.crashes += 1;
    this.tell(this.program.name, `${how}; starting it again in ${wait / 1_000} s`);
    await pause(wait);
    if (this.stopping) return;
    const started = Date.now();
    this.launch(true).then((next) => {
      if (Date.now() - started > 60_000) this.crashes = 0;
      return this.crashed(next);
    });
  }

  private async answers(): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(2_000);
      const answer = await loopbackFetch(`${this.program.origin}/health`, { signal });
      await answer.text();
      return answer.ok;
    } catch {
      return false;
    }
  }

  private lastWords(): string {
    return this.recent
      .slice(-8)
      .map((line) => `  ${warningIn(line, true) ?? line}`)
      .join('\n');
  }
}

/** A child gets what it needs of our environment and nothing of another one's secrets. */
function inherited(): Record<string, string> {
  const wanted = [
    'PATH',
    'HOME',
    'TMPDIR',
    'TEMP',
    'TMP',
    'LANG',
    'TZ',
    'SystemRoot',
    'NODE_EXTRA_CA_CERTS',
    'NODE_V8_COVERAGE',
  ];
  const found: Record<string, string> = {};
  for (const name of wanted) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** What of a log line a person at the terminal should see; the server's lines are JSON with a level (40 is a warning). */
function warningIn(line: string, isError: boolean): string | undefined {
  if (!line.startsWith('{')) return isError && line.trim() !== '' ? line : undefined;
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: unknown; msg?: unknown; err?: { message?: unknown } };
    const severe = typeof level === 'number' ? level >= 40 : ['warn', 'error', 'fatal'].includes(String(level));
    if (!severe) return undefined;
    return [msg, err?.message].filter((each) => typeof each === 'string').join(': ') || line;
  } catch {
    return isError ? line : undefined;
  }
}
