/**
 * `npm run dev`: the demo, as `npm start` runs it, that follows the sources. A saved file rebuilds what is made of it,
 * restarts the processes (the chat server reads its files once, when it starts), and reloads the pages that are open.
 */
import { existsSync, watch } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runDemo, whenAskedToStop } from './demo.mjs';
import { root } from './process.mjs';
import { setUp } from './setup.mjs';

/** Editors write a file in several steps, and a checkout many files. */
const quietMs = 80;

await setUp();
const { buildChanged } = await import('./build.mjs');
const pages = await openPages();
let working = Promise.resolve();
/** @type {ReturnType<typeof runDemo> | undefined} Undefined between two of them. */
let demo;
let stopping = false;
demo = start();
whenAskedToStop(async (signal) => {
  stopping = true;
  demo?.stop(signal);
  await working;
  process.exit(await demo?.ended);
});

/** @type {NodeJS.Timeout | undefined} */
let timer;
for (const folder of ['src', 'demo', 'public'].filter((name) => existsSync(join(root, name)))) {
  const watcher = watch(join(root, folder), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working.then(follow);
    }, quietMs);
  });
  // A file that is gone before it could be looked at is no reason to stop.
  watcher.on('error', (error) => console.error(`watching ${folder}: ${error.message}`));
}

function start() {
  const running = runDemo({ GUICHET_DEV_RELOAD: pages.url });
  running.ended.then((code) => {
    if (running !== demo || stopping) return;
    demo = undefined;
    console.error(`the demo ended (${code}); it is started again when a file is saved`);
  });
  return running;
}

async function follow() {
  if (stopping) return;
  try {
    const built = await buildChanged();
    if (built.length === 0) return;
    await restart();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error('not built: what ran before goes on');
  }
}

async function restart() {
  const old = demo;
  demo = undefined;
  old?.stop('SIGTERM');
  await old?.ended;
  if (stopping) return;
  demo = start();
  await Promise.race([demo.ended, demoListens()]);
  pages.reload();
}

/** A page that reloads before its server listens would show an error, and listen to nothing any more. */
async function demoListens() {
  const first = Number(process.env.GUICHET_DEMO_PORT ?? 4180);
  for (const port of [first, first + 1, first + 2, first + 3, first + 4]) {
    while (!stopping && !(await listens(port))) await pause(50);
  }
}

/** @param {number} port @returns {Promise<boolean>} */
const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** An event stream that the demo's pages listen to while GUICHET_DEV_RELOAD is set. */
async function openPages() {
  /** @type {Set<import('node:http').ServerResponse>} */
  const open = new Set();
  const server = createServer((request, response) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-private-network': 'true',
    });
    response.write(': following\n\n');
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  await /** @type {Promise<void>} */ (new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    reload() {
      for (const response of open) response.write('data: reload\n\n');
    },
  };
}
