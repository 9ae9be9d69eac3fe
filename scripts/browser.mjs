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
export function findBrowser() {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    if (existsSync(asked)) return asked;
    throw new Error(
      `CHROMIUM_PATH is ${asked}, and there is no such file: set it to a Chromium or Chrome, or unset it`,
    );
  }
  const folders = new Set([...systemFolders, ...(process.env.PATH ?? '').split(delimiter)].filter(Boolean));
  const candidates = [
    playwrightsOwn(),
    ...systemNames.flatMap((name) => [...folders].map((folder) => join(folder, name))),
    ...systemFiles,
  ];
  return candidates.find((path) => path && existsSync(path));
}

/** Finds a browser that starts, or installs one; says what to do where neither works. @returns {Promise<string>} */
export async function provideBrowser() {
  const here = findBrowser();
  if (here && starts(here)) return here;
  console.log(here ? `${here} does not start; installing a Chromium` : 'no Chromium or Chrome found; installing one');

  const asRoot = process.getuid?.() === 0;
  const playwright = createRequire(import.meta.url).resolve('@playwright/test/cli');
  const ways = [
    () => run(process.execPath, [playwright, 'install', ...(asRoot ? ['--with-deps'] : []), 'chromium']),
    async () => (asRoot && existsSync('/usr/bin/apt-get') ? await debiansOwn() : 1),
  ];
  for (const install of ways) {
    const code = await install().catch(() => 1);
    const found = code === 0 ? findBrowser() : undefined;
    if (found && starts(found)) return found;
  }
  throw new Error(
    'The browser tests need Chromium or Chrome, and none could be installed. Install one (on Debian: apt-get install chromium) ' +
      'or set CHROMIUM_PATH to where it is, then run npm test again.',
  );
}

async function debiansOwn() {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const updated = await run('apt-get', ['update', '-qq'], options);
  return updated || run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
}

function playwrightsOwn() {
  try {
    return createRequire(import.meta.url)('@playwright/test').chromium.executablePath();
  } catch {
    return undefined;
  }
}

/** @param {string} path */
const starts = (path) => spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;
