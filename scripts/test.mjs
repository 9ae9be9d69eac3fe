/**
 * `npm test`: everything, from a fresh clone: sets up, then format and lint, types, build, size, unit and built-output
 * tests, browser tests. A step that fails does not keep the others from running. The last line is the sum.
 */
import { readdirSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { provideBrowser } from './browser.mjs';
import { root, run } from './process.mjs';
import { install } from './setup.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
const nothing = { passed: 0, failed: 0, skipped: 0 };
/** @type {Counts} */
const one = { ...nothing, passed: 1 };
/** @type {Counts} */
const fault = { ...nothing, failed: 1 };

const results = join(root, 'test-results');
const bin = (/** @type {string} */ path) => join(root, 'node_modules', path);
const node = (/** @type {string[]} */ ...args) => run(process.execPath, args, { env: { ...process.env, CI: 'true' } });

/** @param {Promise<number>} run */
const passes = async (run) => ((await run) === 0 ? one : fault);

/** @type {[name: string, run: () => Promise<Counts>][]} */
const steps = [
  ['format and lint', () => passes(node(bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings'))],
  ...readdirSync(root)
    .filter((file) => /^tsconfig\..+\.json$/.test(file) && file !== 'tsconfig.base.json')
    .map(
      (file) =>
        /** @type {[string, () => Promise<Counts>]} */ ([
          `types: ${file}`,
          () => passes(node(bin('typescript/bin/tsc'), '-p', file)),
        ]),
    ),
  ['build', () => passes(node(join(root, 'scripts/build.mjs')))],
  ['size', () => passes(node(join(root, 'scripts/size.mjs')))],
  ['unit and built-output tests', vitest],
  ['browser tests', playwright],
];

async function vitest() {
  const report = join(results, 'vitest.json');
  const code = await node(
    bin('vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  );
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    await readFile(report, 'utf8'),
  );
  /** A file that could not even be loaded has no tests that failed. @type {{ status: string, assertionResults: { status: string }[] }[]} */
  const files = testResults;
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return sum(code, {
    passed: numPassedTests,
    failed: numFailedTests + broken,
    skipped: numPendingTests + (numTodoTests ?? 0),
  });
}

/** Of the browser tests so many may need a second try, which is said of each: a slow machine is no fault of theirs, more would be. */
const mostAgain = 3;

async function playwright() {
  process.env.CHROMIUM_PATH = await provideBrowser();
  const code = await node(bin('@playwright/test/cli.js'), 'test');
  const { stats, errors, suites } = JSON.parse(await readFile(join(results, 'playwright.json'), 'utf8'));
  const again = suites.flatMap(flaky);
  if (again.length > 0)
    console.log(`\nonly at the second try, which is a fault to be mended:\n  ${again.join('\n  ')}`);
  return sum(code, {
    passed: stats.expected + again.length,
    failed: stats.unexpected + errors.length + Math.max(0, again.length - mostAgain),
    skipped: stats.skipped,
  });
}

/** @typedef {{ title: string, file: string, line: number, tests: { status: string }[] }} Spec */
/** @param {{ suites?: any[], specs: Spec[] }} suite @returns {string[]} */
const flaky = ({ suites = [], specs }) => [
  ...specs
    .filter(({ tests }) => tests.some(({ status }) => status === 'flaky'))
    .map(({ title, file, line }) => `${file}:${line} ${title}`),
  ...suites.flatMap(flaky),
];

/** A run that ended badly counts as failed, whatever its report says. @param {number} code @param {Counts} counts */
const sum = (code, counts) => (code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts);

await install();
await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });

const started = performance.now();
/** @type {[string, Counts, number][]} */
const done = [];
for (const [name, step] of steps) {
  console.log(`\n── ${name}`);
  const begun = performance.now();
  const counts = await step().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    return fault;
  });
  done.push([name, counts, performance.now() - begun]);
}

const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(1)} s`.padStart(8);
console.log(`\n── in ${seconds(performance.now() - started).trim()}`);
for (const [name, counts, ms] of done)
  console.log(`${counts.failed > 0 ? '✗' : '✓'} ${name.padEnd(30)}${seconds(ms)}  ${line(counts)}`);
const total = done.reduce(
  (all, [, counts]) => ({
    passed: all.passed + counts.passed,
    failed: all.failed + counts.failed,
    skipped: all.skipped + counts.skipped,
  }),
  nothing,
);
process.exitCode = total.failed > 0 ? 1 : 0;
console.log(line(total));

/** @param {Counts} counts */
function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
