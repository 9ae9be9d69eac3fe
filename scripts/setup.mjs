/**
 * Makes a fresh clone ready, or does nothing: shared by `npm start`, `npm run dev` and `npm test`.
 * Node's own modules only, until the packages are installed.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm, root } from './process.mjs';

const needed = { major: 20, minor: 19 };

/** Right Node, packages as the lock file says. Ends the process with a clear message where that can't be had. */
export async function install() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < needed.major || (major === needed.major && minor < needed.minor)) {
    console.error(`Guichet needs Node ${needed.major}.${needed.minor} or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  if (await packagesAreThere()) return;
  console.log('installing the packages of package-lock.json');
  const code = await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code === 0) return;
  console.error('npm ci failed: its message is above. Is the package registry within reach?');
  process.exit(code);
}

/** Installs and builds what is missing or out of date. */
export async function setUp() {
  await install();
  const { buildChanged } = await import('./build.mjs');
  await buildChanged();
}

/**
 * Whether what npm noted down of its last install here has every package of the lock file at its version.
 * (Times of files say less: a checkout changes them.)
 */
async function packagesAreThere() {
  const [wanted, installed] = await Promise.all([
    packagesIn(join(root, 'package-lock.json')),
    packagesIn(join(root, 'node_modules/.package-lock.json')).catch(() => undefined),
  ]);
  if (!installed) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const here = installed[path];
    return here ? here.version === version : optional === true;
  });
}

/** @param {string} file @returns {Promise<Record<string, { version?: string, optional?: boolean }>>} */
const packagesIn = async (file) => JSON.parse(await readFile(file, 'utf8')).packages;
