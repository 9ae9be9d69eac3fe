import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

const notOurs = /^(node_modules|dist|\.git|\.data|test-results|playwright-report|coverage)(\/|$)/;

/** Every file of the repository, by its path in it: what git tracks or would add; all but the ignored without git. */
export function repositoryFiles(): string[] {
  try {
    const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
    const output = execFileSync('git', list, {
      cwd: repository,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.split('\0').filter(Boolean);
  } catch {
    return walk(repository);
  }
}

/** Every file below `folder`, by its path below the repository. */
export function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const name = relative(repository, path).replaceAll('\\', '/');
    if (folder.startsWith(join(repository, 'dist')) ? false : notOurs.test(name)) return [];
    return entry.isDirectory() ? walk(path) : [name];
  });
}
