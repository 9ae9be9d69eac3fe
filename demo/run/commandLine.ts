import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../repository';

export type CommandLine = (...args: string[]) => Promise<Record<string, unknown>>;

/** Guichet's command line, as a customer would use it, with `--json`. Throws an Error with what it said. */
export function commandLine(env: Record<string, string>): CommandLine {
  return (...args) =>
    new Promise((resolve, reject) => {
      const all = [join(root, 'dist/server/guichet.js'), ...args, '--json'];
      execFile(
        process.execPath,
        all,
        { cwd: root, env: { ...process.env, ...env }, timeout: 30_000 },
        (error, stdout, stderr) => {
          // Only the words that say what was to be done: values behind options may be anything.
          const what = `guichet ${args.slice(0, 2).join(' ')}`;
          if (error) return reject(new Error(`${what} failed: ${stderr.trim() || error.message}`));
          try {
            resolve(JSON.parse(stdout) as Record<string, unknown>);
          } catch {
            reject(new Error(`${what} answered no JSON: ${stdout.slice(0, 200)}`));
          }
        },
      );
    });
}
