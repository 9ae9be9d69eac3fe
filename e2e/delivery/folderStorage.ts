/**
 * A browser's storage as a folder of files, shared by all its tabs and outliving each of them: a key is written whole or not
 * at all, and what was written is there for whoever opens the folder next.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from '../../src/client/storage';

export function openFolderStorage(folder: string, writer: string): Storage {
  mkdirSync(folder, { recursive: true });
  const fileOf = (key: string) => join(folder, encodeURIComponent(key));
  // No key begins so, once encoded.
  const unfinished = join(folder, `~${writer}`);
  return {
    get(key) {
      try {
        return readFileSync(fileOf(key), 'utf8');
      } catch {
        return null;
      }
    },
    set(key, value) {
      writeFileSync(unfinished, value);
      renameSync(unfinished, fileOf(key));
      return true;
    },
    remove: (key) => rmSync(fileOf(key), { force: true }),
    keys: (prefix) =>
      readdirSync(folder)
        .filter((name) => !name.startsWith('~'))
        .map(decodeURIComponent)
        .filter((key) => key.startsWith(prefix)),
  };
}
