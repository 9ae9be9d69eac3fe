import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import { GuichetError } from '../../protocol/errors';
import type { Commands } from './words';

/** A Unix socket's path may have some 100 bytes: the shorter of the two spellings is used. */
function socketPathOf(dataDir: string): string {
  const absolute = join(dataDir, 'control.sock');
  const fromHere = relative(process.cwd(), absolute);
  return fromHere.length < absolute.length ? fromHere : absolute;
}

const Request = v.object({ command: v.string(), input: v.unknown() });
export type ControlAnswer = { ok: true; value: object } | { ok: false; code: string; message: string };

/** Lets the command line speak to the running server: one JSON line each way, by whoever may read the data folder. */
export async function listenForCommands(dataDir: string, commands: Commands): Promise<Server> {
  const path = socketPathOf(dataDir);
  rmSync(path, { force: true }); // What a killed server left; the database's lock says that no other one runs.
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    let text = '';
    connection.setTimeout(20_000, () => connection.destroy());
    connection.on('error', () => connection.destroy());
    connection.on('data', (chunk) => {
      text += chunk;
      if (text.length > 1_000_000) connection.destroy();
    });
    connection.on('end', async () => connection.end(JSON.stringify(await run(commands, text))));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

async function run(commands: Commands, text: string): Promise<ControlAnswer> {
  try {
    const { command, input } = v.parse(Request, JSON.parse(text));
    return await runCommand(commands, command, input);
  } catch {
    return { ok: false, code: 'INVALID_JSON', message: 'The command could not be read.' };
  }
}

export async function runCommand(commands: Commands, name: string, input: unknown): Promise<ControlAnswer> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) return { ok: false, code: 'NOT_FOUND', message: `There is no command "${name}".` };
  try {
    return { ok: true, value: await command(input) };
  } catch (error) {
    if (error instanceof GuichetError) return { ok: false, code: error.code, message: error.message };
    return { ok: false, code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Asks the running server; `undefined` when none runs. */
export async function askServer(dataDir: string, command: string, input: unknown): Promise<ControlAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socketPathOf(dataDir));
    let text = '';
    // A test of a webhook waits up to 15 s for the receiver.
    connection.setTimeout(20_000, () => connection.destroy(new Error('The running server does not answer.')));
    connection.on('connect', () => connection.end(JSON.stringify({ command, input })));
    connection.on('data', (chunk) => {
      text += chunk;
    });
    connection.on('end', () => {
      try {
        resolve(JSON.parse(text));
      } catch {
        reject(new Error('The running server broke off its answer.'));
      }
    });
    connection.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
  });
}
