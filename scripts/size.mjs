/**
 * `npm run size`: what the customer's browser downloads, in brotli bytes, against the budget. Fails above it.
 *
 * "Ready to type" is everything that is fetched until the customer can type and a message can go out: the loader, the
 * widget document, every script and style it reaches by static imports, and the socket client, which is imported when
 * the panel opens. All other chunks are fetched when they are needed.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMain, root } from './process.mjs';

export const budget = { loader: 3_000, readyToType: 45_000, hostView: 2_000 };

/**
 * @typedef {{ file: string, src?: string, isEntry?: boolean, imports?: string[], dynamicImports?: string[], css?: string[], assets?: string[] }} Chunk
 * @typedef {{ file: string, raw: number, brotli: number, group: 'loader' | 'ready to type' | 'later' | 'on the host page, for a web view' | 'web view SDK' }} Row
 */

/** @returns {Promise<{ rows: Row[], loader: number, readyToType: number, faults: string[] }>} */
export async function measure(dist = join(root, 'dist')) {
  /** @type {Record<string, Chunk>} */
  const manifest = JSON.parse(
    await readFile(join(dist, 'manifest.json'), 'utf8').catch(() => {
      throw new Error('dist/manifest.json is not there: run npm run build first');
    }),
  );
  const document = 'widget/index.html';
  if (!manifest[document]) throw new Error(`dist/manifest.json does not have ${document}: was the build complete?`);

  const critical = reachedFrom([document], manifest);
  const sockets = Object.keys(manifest).filter((key) => isSocketClient(key, manifest) && !critical.has(key));
  const ready = new Set([...critical, ...reachedFrom(sockets, manifest)]);
  const holdsSocket =
    [...ready].some((key) => isSocketClient(key, manifest)) ||
    (await mentionsSocketClient(dist, filesOf(ready, manifest)));
  const readyFiles = new Set([document, ...filesOf(ready, manifest)]);
  const laterFiles = filesOf(new Set(Object.keys(manifest)), manifest).filter((file) => !readyFiles.has(file));

  const rows = await Promise.all([
    row(dist, 'guichet.js', 'loader'),
    ...[...readyFiles].map((file) => row(dist, file, 'ready to type')),
    ...[...new Set(laterFiles)].map((file) => row(dist, file, 'later')),
    row(dist, 'host-view.js', 'on the host page, for a web view'),
    ...['webview.js', 'webview.mjs', 'webview-shims.js'].map((file) => row(dist, file, 'web view SDK')),
  ]);
  const sum = (/** @type {Row['group'][]} */ ...groups) =>
    rows.filter(({ group }) => groups.includes(group)).reduce((total, { brotli }) => total + brotli, 0);
  const loader = sum('loader');
  const readyToType = sum('loader', 'ready to type');
  const hostView = sum('on the host page, for a web view');

  const faults = [];
  if (!holdsSocket) faults.push('no chunk with the socket client was found: the sum would leave it out');
  if (loader > budget.loader) faults.push(`the loader is ${loader} B, over its ${budget.loader} B`);
  if (readyToType > budget.readyToType) {
    faults.push(`ready to type takes ${readyToType} B, over its ${budget.readyToType} B`);
  }
  if (hostView > budget.hostView) faults.push(`host-view.js is ${hostView} B, over its ${budget.hostView} B`);
  return { rows, loader, readyToType, faults };
}

/** The chunks that these need at once, themselves included. @param {string[]} keys @param {Record<string, Chunk>} manifest */
function reachedFrom(keys, manifest) {
  /** @type {Set<string>} */
  const reached = new Set();
  const waiting = [...keys];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (reached.has(key)) continue;
    reached.add(key);
    waiting.push(...(manifest[key]?.imports ?? []));
  }
  return reached;
}

/** Our live connection, or the library itself where that is what is imported late. @param {string} key @param {Record<string, Chunk>} manifest */
const isSocketClient = (key, manifest) =>
  [key, manifest[key]?.src ?? ''].some((name) =>
    /socket\.io-client|(^|\/)client\/(live|socketio\/connect)(\/|\.)|^_connect-/.test(name),
  );

/** @param {string} dist @param {string[]} files */
async function mentionsSocketClient(dist, files) {
  const texts = await Promise.all(files.map((file) => readFile(join(dist, 'client', file), 'utf8')));
  return texts.some((text) => text.includes('tryAllTransports'));
}

/** @param {Set<string>} keys @param {Record<string, Chunk>} manifest */
const filesOf = (keys, manifest) =>
  [...keys].flatMap((key) => {
    const chunk = manifest[key];
    return chunk ? [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])] : [];
  });

/** @param {string} dist @param {string} file @param {Row['group']} group @returns {Promise<Row>} */
async function row(dist, file, group) {
  const path = join(dist, 'client', file);
  const raw = await readFile(path).catch(() => {
    throw new Error(`dist/client/${file} is not there: run npm run build first`);
  });
  const compressed = await readFile(`${path}.br`).catch(() => raw);
  return { file, group, raw: raw.length, brotli: compressed.length };
}

/** @param {Awaited<ReturnType<typeof measure>>} sizes */
export function table({ rows, loader, readyToType, faults }) {
  const width = Math.max(...rows.map(({ file }) => file.length));
  const number = (/** @type {number} */ bytes) => bytes.toLocaleString('en').padStart(9);
  const lines = [`${'file'.padEnd(width)}       raw    brotli`];
  for (const group of /** @type {const} */ ([
    'loader',
    'ready to type',
    'later',
    'on the host page, for a web view',
    'web view SDK',
  ])) {
    lines.push(group);
    for (const { file, raw, brotli } of rows.filter((one) => one.group === group).sort((a, b) => b.brotli - a.brotli)) {
      lines.push(`${file.padEnd(width)} ${number(raw)} ${number(brotli)}`);
    }
  }
  lines.push('', `loader        ${number(loader)} of ${number(budget.loader)} B`);
  lines.push(`ready to type ${number(readyToType)} of ${number(budget.readyToType)} B, loader included`);
  return [...lines, ...faults.map((fault) => `over budget: ${fault}`)].join('\n');
}

if (isMain(import.meta.url)) {
  try {
    const sizes = await measure();
    console.log(table(sizes));
    if (sizes.faults.length > 0) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
