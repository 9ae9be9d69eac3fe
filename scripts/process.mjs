/** Paths and child processes for the scripts here. Node's own modules only: these run before anything is installed. */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The top folder of this repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Whether this module is the program that was started. @param {string} url its `import.meta.url` */
export const isMain = (url) => !!process.argv[1] && pathToFileURL(realpathSync(process.argv[1])).href === url;

/**
 * Runs a program to its end, with this terminal; resolves to its exit code (never rejects for a failing program).
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

/** npm, whatever it is called here. @param {string[]} args */
export const npm = (args) =>
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { shell: process.platform === 'win32' });
