/** `npm run bench`: builds what is out of date, then runs every e2e/bench/*.mjs (or those named) in turn. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root, run } from './process.mjs';
import { setUp } from './setup.mjs';

await setUp();
const folder = join(root, 'e2e/bench');
const asked = process.argv.slice(2);
const benches = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((file) => file.endsWith('.mjs') && (asked.length === 0 || asked.includes(basename(file, '.mjs'))))
  .sort();
if (benches.length === 0) {
  console.error(
    asked.length > 0 ? `no benchmark called ${asked.join(' or ')} in e2e/bench` : 'no benchmarks in e2e/bench',
  );
  process.exitCode = 1;
}
for (const file of benches) {
  console.log(`\n${basename(file, '.mjs')}`);
  const code = await run(process.execPath, [join(folder, file)]);
  if (code !== 0) process.exitCode = code;
}
