/** The built demo as one child process, and how a terminal ends it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './process.mjs';

/** What one press of Ctrl-C may send more than once: the terminal signals the whole group, and npm passes it on too. */
const samePressMs = 300;

/**
 * Starts the demo in this terminal. It has a process group of its own, so that it hears of Ctrl-C from us, once.
 * @param {NodeJS.ProcessEnv} [env] what it gets besides this environment
 */
export function runDemo(env = {}) {
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist/demo/main.js')], {
    cwd: root,
    detached: true,
    // The demo ends when this channel closes, so it is not left behind when this process is killed.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  });
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`the demo could not be started: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
  return { ended, stop: (/** @type {NodeJS.Signals} */ signal) => child.kill(signal) };
}

/** Calls back for each Ctrl-C, hang-up or termination. @param {(signal: NodeJS.Signals) => void} act */
export function whenAskedToStop(act) {
  let last = Number.NEGATIVE_INFINITY;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (performance.now() - last < samePressMs) return;
      last = performance.now();
      act(signal);
    });
  }
}
