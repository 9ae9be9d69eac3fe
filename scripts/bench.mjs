/**
 * `npm run bench`: builds what is out of date, then runs every module of e2e/bench (or those named) in turn, each in a
 * process of its own.
 */
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { isMain, root, run } from './process.mjs';
import { setUp } from './setup.mjs';

const folder = join(root, 'e2e/bench');

async function runAll() {
  await setUp();
  const asked = process.argv.slice(2);
  const all = readdirSync(folder).filter((file) => /\.(mjs|ts)$/.test(file));
  const unknown = asked.filter((name) => !all.some((file) => parse(file).name === name));
  if (unknown.length > 0) {
    console.error(
      `no benchmark called ${unknown.join(', ')}: there is ${all.map((file) => parse(file).name).join(', ')}`,
    );
    process.exitCode = 1;
    return;
  }
  for (const file of all.sort().filter((name) => asked.length === 0 || asked.includes(parse(name).name))) {
    const code = await run(process.execPath, [join(root, 'scripts/bench.mjs'), '--run', join(folder, file)]);
    if (code !== 0) process.exitCode = code;
  }
}

/** Node runs no TypeScript by itself; vite, which is here anyway, does. @param {string} file */
async function runOne(file) {
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(file, { configFile: false, logLevel: 'warn' });
  await /** @type {{ bench: () => Promise<void> }} */ (module).bench();
}

if (isMain(import.meta.url)) {
  const [flag, file] = process.argv.slice(2);
  await (flag === '--run' && file ? runOne(file) : runAll());
}
