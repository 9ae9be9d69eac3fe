import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Config } from '../config';
import { openInstallation } from '../installation';
import { createCommands } from './commands';
import { askServer, type ControlAnswer, runCommand } from './socket';

export const usage = `guichet: a chat widget and the conversation API behind it

  guichet serve                            run the server (settings: docs/configuration.md)
  guichet site add ID --name NAME --host ORIGIN [--host …] [--web-view-origin ORIGIN …]
               [--config FILE.json] [--allow-host-origin] [--replace]
  guichet site show ID
  guichet token create --name NAME --scope SCOPE [--scope …] [--bot | --agent]
  guichet token list
  guichet token revoke ID
  guichet webhook add URL [--event NAME …]
  guichet webhook list
  guichet webhook remove ID

  --json   answer as JSON
The data folder is GUICHET_DATA (default .data/server); a running server is spoken to, without one its database is opened.`;

/** A fault of whoever typed: shown without a stack. */
export class UsageError extends Error {}

/** Turns words into a command and its input. @throws UsageError */
export function readCommand(words: string[]): { command: string; input: object; json: boolean } {
  const { values, positionals } = parse(words);
  const [noun = '', verb = '', id, ...extra] = positionals;
  const command = `${noun} ${verb}`;
  const needs: Record<string, { id?: string; takes: string[]; input: () => object }> = {
    'site add': {
      id: 'a site id',
      takes: ['name', 'host', 'web-view-origin', 'config', 'allow-host-origin', 'replace'],
      input: () => ({
        id,
        name: required(values.name, '--name'),
        hosts: requiredList(values.host, '--host'),
        web_view_origins: values['web-view-origin'] ?? [],
        allow_host_origin: values['allow-host-origin'] ?? false,
        replace: values.replace ?? false,
        ...(values.config ? { config: readJson(values.config) } : {}),
      }),
    },
    'site show': { id: 'a site id', takes: [], input: () => ({ id }) },
    'token create': {
      takes: ['name', 'scope', 'bot', 'agent'],
      input: () => {
        if (values.bot && values.agent) throw new UsageError('--bot and --agent exclude each other.');
        return {
          name: required(values.name, '--name'),
          scopes: requiredList(values.scope, '--scope'),
          ...(values.bot ? { actor: 'bot' } : values.agent ? { actor: 'agent' } : {}),
        };
      },
    },
    'token list': { takes: [], input: () => ({}) },
    'token revoke': { id: 'a token id', takes: [], input: () => ({ id }) },
    'webhook add': {
      id: 'a URL',
      takes: ['event'],
      input: () => ({ url: id, ...(values.event ? { events: values.event } : {}) }),
    },
    'webhook list': { takes: [], input: () => ({}) },
    'webhook remove': { id: 'a webhook id', takes: [], input: () => ({ id }) },
  };
  const need = needs[command];
  if (!need) throw new UsageError(`There is no command "${positionals.join(' ')}".\n\n${usage}`);
  if (need.id && !id) throw new UsageError(`"${command}" needs ${need.id}.`);
  const unexpected = [...(need.id ? extra : [id, ...extra])].filter((word) => word !== undefined);
  if (unexpected.length > 0) throw new UsageError(`"${command}" does not take "${unexpected.join(' ')}".`);
  const wrong = Object.keys(values).find((name) => name !== 'json' && !need.takes.includes(name));
  if (wrong) throw new UsageError(`"${command}" does not take --${wrong}.`);
  return { command, input: need.input(), json: values.json ?? false };
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        name: { type: 'string' },
        host: { type: 'string', multiple: true },
        'web-view-origin': { type: 'string', multiple: true },
        config: { type: 'string' },
        'allow-host-origin': { type: 'boolean' },
        replace: { type: 'boolean' },
        scope: { type: 'string', multiple: true },
        bot: { type: 'boolean' },
        agent: { type: 'boolean' },
        event: { type: 'string', multiple: true },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function required(value: string | undefined, flag: string): string {
  if (!value) throw new UsageError(`${flag} is missing.`);
  return value;
}

function requiredList(value: string[] | undefined, flag: string): string[] {
  if (!value?.length) throw new UsageError(`${flag} is missing: give it at least once.`);
  return value;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--config ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Runs a command against the running server, or against its database when none runs. */
export async function runFromCommandLine(
  config: Config,
  words: string[],
  print: (text: string) => void,
): Promise<void> {
  const { command, input, json } = readCommand(words);
  const answer = (await askServer(config.dataDir, command, input)) ?? (await runOffline(config, command, input));
  if (!answer.ok) throw new UsageError(`${answer.code}: ${answer.message}`);
  print(json ? JSON.stringify(answer.value) : JSON.stringify(answer.value, null, 2));
  if (!json && /"(token|secret)": "/.test(JSON.stringify(answer.value, null, 1)))
    print('Keep the secret above: it is not shown again.');
}

async function runOffline(config: Config, command: string, input: object): Promise<ControlAnswer> {
  const installation = await openInstallation(config);
  try {
    const { world, publicKey } = installation;
    return await runCommand(
      createCommands(world, { allowPrivateNetwork: config.allowPrivateNetwork, publicKey }),
      command,
      input,
    );
  } finally {
    await installation.world.store.close();
  }
}
