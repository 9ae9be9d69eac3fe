import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Post } from '../webhooks/post';
import type { World } from '../world';

/** Every flag of the command line; a phrase says which of them it takes. */
export const flags = {
  json: { type: 'boolean' },
  name: { type: 'string' },
  host: { type: 'string', multiple: true },
  'web-view-origin': { type: 'string', multiple: true },
  config: { type: 'string' },
  'allow-host-origin': { type: 'boolean' },
  'no-allow-host-origin': { type: 'boolean' },
  'allow-host-mount': { type: 'boolean' },
  'no-allow-host-mount': { type: 'boolean' },
  'web-view-permission': { type: 'string', multiple: true },
  replace: { type: 'boolean' },
  scope: { type: 'string', multiple: true },
  bot: { type: 'boolean' },
  agent: { type: 'boolean' },
  event: { type: 'string', multiple: true },
  email: { type: 'string' },
  member: { type: 'string', multiple: true },
  welcome: { type: 'string' },
  group: { type: 'string' },
  'agent-id': { type: 'string' },
  overlap: { type: 'string' },
  setting: { type: 'string', multiple: true },
  kid: { type: 'string' },
  site: { type: 'string' },
  mount: { type: 'string' },
  url: { type: 'string' },
  on: { type: 'boolean' },
  off: { type: 'boolean' },
  state: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  cursor: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export const readWords = (words: string[]) => parseArgs({ args: words, allowPositionals: true, options: flags });
export type Flags = ReturnType<typeof readWords>['values'];

/** What is typed after `guichet`: two words, often an id or the like, and flags. */
export type Phrase = {
  /** What the third word is, for whoever forgets it. */
  id?: string;
  takes: readonly (keyof Flags)[];
  /** The command's input. @throws UsageError */
  input(id: string, flags: Flags): object;
  /** Of an answer that came: the command exits with 1 all the same. */
  isBad?(answer: object): boolean;
};

/** What the command line does to an installation, whether its server runs or not. Arguments and answers are JSON. */
export type Commands = Record<string, (input: unknown) => Promise<object>>;
export type CommandOptions = { allowPrivateNetwork: boolean; publicKey: string; post: Post };

export type CreateCommands = (world: World, options: CommandOptions) => Commands;

/** How commands that belong together are typed. What they do is in `commands`, which who only types them doesn't wait for. */
export type Topic = {
  /** Lines of `guichet help`. */
  usage: string;
  phrases: Record<string, Phrase>;
};

/** A fault of whoever typed: shown without a stack. */
export class UsageError extends Error {}

export function required(value: string | undefined, flag: string): string {
  if (!value) throw new UsageError(`${flag} is missing.`);
  return value;
}

export function requiredList(value: string[] | undefined, flag: string): string[] {
  if (!value?.length) throw new UsageError(`${flag} is missing: give it at least once.`);
  return value;
}

/** `90`, `90s`, `15m`, `24h`, `7d` → seconds. */
export function seconds(value: string, flag: string): number {
  const [, number, unit] = /^(\d{1,9})([smhd]?)$/.exec(value) ?? [];
  if (!number) throw new UsageError(`${flag} ${value}: expected a time such as 90s, 15m, 24h or 7d.`);
  return Number(number) * { s: 1, m: 60, h: 3_600, d: 86_400 }[(unit || 's') as 's' | 'm' | 'h' | 'd'];
}

/** What a flag's file holds. */
export function readJson(path: string, flag: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${flag} ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
