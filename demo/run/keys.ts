import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentKey } from '../desk/staff';

/** Whose tokens they are: each program's own, and of each of the staff at the desk. */
export type TokenName = 'bot' | 'cards' | AgentKey;

/** What the demo has to keep between runs: its own secrets, and those that Guichet shows only once. */
export type Keys = {
  internalSecret: string;
  sessionSecret: string;
  identityKey?: { kid: string; secret: string };
  tokens: { [name in TokenName]?: { id: string; token: string } };
  webhook?: { id: string; url: string; secret: string; publicKey: string };
};

const fileIn = (folder: string) => join(folder, 'demo.json');

export async function readKeys(folder: string): Promise<Keys> {
  const fresh: Keys = { internalSecret: randomSecret(), sessionSecret: randomSecret(), tokens: {} };
  let text: string;
  try {
    text = await readFile(fileIn(folder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fresh;
    throw error;
  }
  try {
    return { ...fresh, ...(JSON.parse(text) as Partial<Keys>) };
  } catch {
    throw new Error(`${fileIn(folder)} is not JSON any more. Remove ${folder} to start afresh.`);
  }
}

/** Replaces the file as a whole; only its owner may read it. */
export async function writeKeys(folder: string, keys: Keys): Promise<void> {
  const draft = `${fileIn(folder)}.${process.pid}.tmp`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(keys, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, fileIn(folder));
}

const randomSecret = () => randomBytes(32).toString('base64url');
