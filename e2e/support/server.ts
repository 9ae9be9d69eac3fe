/**
 * The built conversation server alone, on a free port and a data folder of its own, set up by its command line.
 *
 * ```ts
 * const server = await startServer();
 * await server.addSite({ hosts: ['http://bank.localhost:4999'] });
 * const { token } = await server.createToken({ bot: true });
 * await server.kill('SIGKILL');
 * await server.start();
 * ```
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RequestInit, Response } from 'undici';
import { commandLine, guichetProgram } from './commandLine';
import { fetchLoopback, freePorts } from './loopback';
import { type Program, startProgram } from './program';

export interface CreatedToken {
  token: string;
  id: string;
  agent_id?: string;
}
export interface CreatedSite {
  site: { id: string } & Record<string, unknown>;
  identity_key: { kid: string; secret?: string };
}
export interface CreatedWebhook {
  webhook: { id: string } & Record<string, unknown>;
  secret: string;
  public_key: string;
}

export interface BuiltServer {
  readonly origin: string;
  readonly port: number;
  /** The server's data folder: database, WAL, control socket. */
  readonly data: string;
  readonly logFile: string;
  readonly pid: number;
  log(): Promise<string>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** What `guichet …` with `--json` answers; rejects with what it says on stderr. */
  command<T>(...args: string[]): Promise<T>;
  addSite(options?: { id?: string; name?: string; hosts?: string[]; webViewOrigins?: string[] }): Promise<CreatedSite>;
  createToken(options?: { name?: string; bot?: boolean; agent?: boolean; scopes?: string[] }): Promise<CreatedToken>;
  addWebhook(url: string, events?: string[]): Promise<CreatedWebhook>;
  /** Ends the process at once, with no chance to tidy up. The data stays. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data after `kill`. */
  start(): Promise<void>;
  /** Ends it in peace and removes its data. */
  stop(): Promise<void>;
}

export const botScopes = [
  'conversations:read',
  'conversations:write',
  'messages:read',
  'messages:write',
  'users:read',
  'channels:read',
  'agents:read',
  'web_views:read',
  'web_views:write',
  'web_views:results',
];

export async function startServer(settings: Record<string, string> = {}): Promise<BuiltServer> {
  const folder = await mkdtemp(join(tmpdir(), 'guichet-server-'));
  const data = join(folder, 'data');
  await mkdir(data);
  const logFile = join(folder, 'output.log');
  const port = await freePorts(1);
  const origin = `http://chat.localhost:${port}`;
  const environment = {
    GUICHET_DATA: data,
    GUICHET_PORT: String(port),
    GUICHET_ORIGIN: origin,
    GUICHET_ALLOW_PRIVATE_NETWORK: 'true',
    ...settings,
  };

  let running: Program;
  const start = async () => {
    running = startProgram(guichetProgram, ['serve'], environment, logFile);
    await Promise.race([healthy(origin), running.line(() => undefined)]);
  };
  try {
    await start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }

  const command = <T>(...args: string[]) => commandLine<T>(data, args, environment);
  const each = (name: string, values: readonly string[] = []) => values.flatMap((value) => [`--${name}`, value]);

  return {
    origin,
    port,
    data,
    logFile,
    get pid() {
      return running.pid;
    },
    log: () => readFile(logFile, 'utf8'),
    fetch: (path, init) => fetchLoopback(`${origin}${path}`, init),
    command,
    addSite: ({ id = 'ag-bank', name = 'AG Bank', hosts = ['http://bank.localhost:4181'], webViewOrigins } = {}) =>
      command('site', 'add', id, '--name', name, ...each('host', hosts), ...each('web-view-origin', webViewOrigins)),
    createToken: ({ name = 'Freddy', bot = false, agent = false, scopes = botScopes } = {}) =>
      command(
        ...['token', 'create', '--name', name],
        ...(bot ? ['--bot'] : []),
        ...(agent ? ['--agent'] : []),
        ...each('scope', scopes),
      ),
    addWebhook: (url, events) => command('webhook', 'add', url, ...each('event', events)),
    kill: (signal = 'SIGKILL') => running.end(signal),
    start,
    async stop() {
      await running.end();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Resolves once `GET /health` says that the server serves. */
async function healthy(origin: string) {
  for (;;) {
    const answer = await fetchLoopback(`${origin}/health`).catch(() => undefined);
    if (answer?.status === 200) return;
    await pause(20);
  }
}
