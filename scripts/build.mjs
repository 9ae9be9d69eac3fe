/**
 * `npm run build`: makes everything in dist/ from src/, demo/ and public/.
 *
 *   node scripts/build.mjs                    everything
 *   node scripts/build.mjs --changed          only the parts whose sources differ from what dist/ was made of
 *   node scripts/build.mjs client server      only these parts
 *
 * A part is built beside dist/ and then moved into place, so a failed build leaves the last good one standing and a
 * running server never sees half of one. Two builds at once wait for each other.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';
import { createBuilder } from 'vite';
import { writeDeclarations } from './declarations.mjs';
import { isMain, root } from './process.mjs';

/**
 * What each part is built from, and by which environments of vite.config.ts, in order.
 * @typedef {'client' | 'server' | 'demo'} Part
 * @type {Record<Part, { environments: string[], sources: string[] }>}
 */
const parts = {
  client: {
    environments: ['client', 'loader', 'webview', 'webviewShims', 'webviewModule', 'hostView'],
    sources: ['src/protocol', 'src/channel', 'src/loader', 'src/client', 'src/widget', 'src/webview', 'public'],
  },
  server: { environments: ['server'], sources: ['src/protocol', 'src/server'] },
  demo: { environments: ['demo', 'desk'], sources: ['demo'] },
};
const partNames = /** @type {Part[]} */ (Object.keys(parts));
const recipe = [
  'vite.config.ts',
  'scripts/build.mjs',
  'scripts/declarations.mjs',
  'tsconfig.base.json',
  'package.json',
  'package-lock.json',
];

const dist = join(root, 'dist');
const stampFile = join(dist, 'stamp.json');

/** Builds the parts named, and says which. @param {Part[]} names */
export const build = (names = partNames) => locked(() => buildParts(names));

/** Builds what is out of date, and says which parts that were. */
export const buildChanged = () => locked(async () => buildParts(await stale()));

/** @param {Part[]} names @returns {Promise<Part[]>} */
async function buildParts(names) {
  if (names.length === 0) return names;
  const started = performance.now();
  const stamps = await readStamps();
  const next = join(dist, `.next-${process.pid}`);
  try {
    for (const name of names) {
      // Taken before the build: a file saved meanwhile makes the next build run again.
      const stamp = await stampOf(name);
      const modules = await bundle(parts[name].environments, join(next, name));
      if (name === 'client') await finishClient(join(next, name));
      await writeFile(join(dist, `${name}-modules.json`), `${JSON.stringify(modules, null, 1)}\n`);
      await replace(join(dist, name), join(next, name));
      stamps[name] = stamp;
    }
    await writeFile(stampFile, `${JSON.stringify(stamps, null, 2)}\n`);
  } finally {
    await rm(next, { recursive: true, force: true });
  }
  console.log(`built ${names.join(', ')} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return names;
}

/**
 * Builds the environments into one folder, and tells which modules went into each file of it.
 * @param {string[]} environments
 * @param {string} outDir
 */
async function bundle(environments, outDir) {
  await mkdir(outDir, { recursive: true });
  /** @type {Record<string, string[]>} */
  const modules = {};
  /** @type {import('vite').Plugin} */
  const listModules = {
    name: 'guichet:list-modules',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') modules[chunk.fileName] = chunk.moduleIds.map(moduleName);
      }
    },
  };
  const builder = await createBuilder({
    configFile: join(root, 'vite.config.ts'),
    mode: 'production',
    plugins: [listModules],
    environments: Object.fromEntries(environments.map((name) => [name, { build: { outDir } }])),
  });
  for (const name of environments) {
    const environment = builder.environments[name];
    if (!environment) throw new Error(`vite.config.ts has no environment called ${name}`);
    await builder.build(environment);
  }
  return modules;
}

/** A module by its path in the repository. Those that the bundler makes up keep their name. @param {string} id */
const moduleName = (id) => (id.startsWith(root) ? id.slice(root.length) : id.replace(/^\0/, ''));

/** @param {string} folder */
async function finishClient(folder) {
  // The size check reads it; a browser has no business with it.
  await rename(join(folder, '.vite/manifest.json'), join(dist, 'manifest.json'));
  await rm(join(folder, '.vite'), { recursive: true });
  await writeDeclarations(join(dist, `.types-${process.pid}`), join(folder, 'webview.d.ts'));
  await compress(folder);
}

const brotli = promisify(brotliCompress);
const gz = promisify(gzip);
const text = /\.(html|js|mjs|css|json|svg|txt|map|webmanifest|d\.ts)$/;

/** Writes `.br` and `.gz` beside every text file: the server sends them as they are. @param {string} folder */
async function compress(folder) {
  const files = (await filesIn(folder)).filter((file) => text.test(file));
  await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(file);
      const params = {
        [zlib.BROTLI_PARAM_QUALITY]: 11,
        [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        [zlib.BROTLI_PARAM_MODE]: zlib.BROTLI_MODE_TEXT,
      };
      await writeFile(`${file}.br`, await brotli(bytes, { params }));
      await writeFile(`${file}.gz`, await gz(bytes, { level: 9 }));
    }),
  );
}

/** @param {string} target @param {string} source */
async function replace(target, source) {
  const old = `${source}-old`;
  if (existsSync(target)) await rename(target, old);
  await rename(source, target);
}

/** @returns {Promise<Part[]>} */
async function stale() {
  const stamps = await readStamps();
  const wanted = await Promise.all(
    partNames.map(async (name) => existsSync(join(dist, name)) && stamps[name] === (await stampOf(name))),
  );
  return partNames.filter((_, index) => !wanted[index]);
}

/** @returns {Promise<Partial<Record<Part, string>>>} */
async function readStamps() {
  try {
    return JSON.parse(await readFile(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

/** @param {Part} name */
async function stampOf(name) {
  const hash = createHash('sha256').update(process.version);
  const sources = await Promise.all(parts[name].sources.map((source) => filesIn(join(root, source))));
  const files = sources.flat().filter((file) => !/\.test\.tsx?$/.test(file));
  for (const file of [...files.sort(), ...recipe.map((file) => join(root, file))]) {
    hash.update(`\0${relative(root, file)}\0`).update(await readFile(file).catch(() => ''));
  }
  return hash.digest('hex');
}

/** @param {string} folder @returns {Promise<string[]>} */
async function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/**
 * @template T
 * @param {() => Promise<T>} work
 */
async function locked(work) {
  const lock = join(dist, '.lock');
  await mkdir(dist, { recursive: true });
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      if (await abandoned(lock)) await rm(lock, { force: true });
      else await pause(200);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** A lock whose process is gone, or that nobody filled in. @param {string} lock */
async function abandoned(lock) {
  try {
    const pid = Number(await readFile(lock, 'utf8'));
    if (pid) process.kill(pid, 0);
    return !pid && Date.now() - (await stat(lock)).mtimeMs > 5_000;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

if (isMain(import.meta.url)) {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => name !== '--changed' && !partNames.includes(/** @type {Part} */ (name)));
  if (unknown) {
    console.error(`unknown part "${unknown}": expected any of ${partNames.join(', ')}, or --changed`);
    process.exit(2);
  }
  if (names.includes('--changed')) {
    const built = await buildChanged();
    if (built.length === 0) console.log('dist/ is up to date');
  } else {
    await build(names.length > 0 ? /** @type {Part[]} */ (names) : undefined);
  }
}
