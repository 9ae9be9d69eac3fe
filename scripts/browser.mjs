/** Where a Chromium for the browser tests is. One answer for `npm test`, Playwright's configuration and the benchmarks. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { run } from './process.mjs';

const systemNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
];
const systemFolders = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];
const systemFiles = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * The first that exists: CHROMIUM_PATH, the one that Playwright downloaded, one of the system's.
 * @returns {string | undefined} its path
 */
export const findBrowser = () => browsersHere()[0];

/** Finds a browser that starts, or installs one; says what to do where neither works. @returns {Promise<string>} */
export async function provideBrowser() {
  const here = browsersHere();
  const good = here.find(starts);
  if (good) return good;
  console.log(
    here[0] ? `${here[0]} does not start; installing a Chromium` : 'no Chromium or Chrome found; installing one',
  );

  const asRoot = process.getuid?.() === 0;
  const ways = [
    () => playwright('install', 'chromium'),
    // It is there now, and may lack libraries of the system.
    async () => (asRoot && playwrightsOwn() ? await playwright('install-deps', 'chromium') : 1),
    async () => (asRoot && existsSync('/usr/bin/apt-get') ? await debiansOwn() : 1),
  ];
  for (const install of ways) {
    await install().catch(() => 1);
    const found = browsersHere().find(starts);
    if (found) return found;
  }
  throw new Error(
    'The browser tests need Chromium or Chrome, and none could be installed. Install one (on Debian: apt-get install chromium) ' +
      'or set CHROMIUM_PATH to where it is, then run npm test again.',
  );
}

/** @returns {string[]} those that exist, the preferred one first */
function browsersHere() {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    if (existsSync(asked)) return [asked];
    throw new Error(
      `CHROMIUM_PATH is ${asked}, and there is no such file: set it to a Chromium or Chrome, or unset it`,
    );
  }
  const folders = new Set([...systemFolders, ...(process.env.PATH ?? '').split(delimiter)].filter(Boolean));
  return [
    playwrightsOwn(),
    ...systemNames.flatMap((name) => [...folders].map((folder) => join(folder, name))),
    ...systemFiles,
  ].flatMap((path) => (path && existsSync(path) ? [path] : []));
}

/** @param {string[]} args */
const playwright = (...args) =>
  run(process.execPath, [createRequire(import.meta.url).resolve('@playwright/test/cli'), ...args]);

async function debiansOwn() {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const updated = await run('apt-get', ['update', '-qq'], options);
  return updated || run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
}

/** @returns {string | undefined} */
function playwrightsOwn() {
  try {
    const path = createRequire(import.meta.url)('@playwright/test').chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} path */
const starts = (path) => spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;
