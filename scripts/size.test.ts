import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Chunk, measure, table } from './size.mjs';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A dist/ whose compressed files have these sizes. */
function dist(manifest: Record<string, Chunk>, sizes: Record<string, number>): string {
  const folder = mkdtempSync(join(tmpdir(), 'guichet-size-'));
  folders.push(folder);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  for (const [file, size] of Object.entries({
    'host-view.js': 10,
    'webview.js': 10,
    'webview.mjs': 10,
    'webview-shims.js': 10,
    ...sizes,
  })) {
    const path = join(folder, 'client', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'raw');
    writeFileSync(`${path}.br`, randomBytes(size));
  }
  return folder;
}

const manifest: Record<string, Chunk> = {
  'widget/index.html': {
    file: 'w/index.js',
    isEntry: true,
    imports: ['_shared.js'],
    css: ['w/index.css'],
    dynamicImports: ['client/live.ts', 'widget/text/html.ts'],
  },
  '_shared.js': { file: 'w/shared.js', imports: ['_deep.js'] },
  '_deep.js': { file: 'w/deep.js' },
  'client/live.ts': { file: 'w/live.js', src: 'client/live.ts', imports: ['_engine.js', '_shared.js'] },
  '_engine.js': { file: 'w/engine.js' },
  'widget/text/html.ts': { file: 'w/html.js', css: ['w/html.css'], imports: ['_shared.js'] },
};
const sizes = {
  'guichet.js': 1_000,
  'widget/index.html': 100,
  'w/index.js': 2_000,
  'w/index.css': 300,
  'w/shared.js': 400,
  'w/deep.js': 500,
  'w/live.js': 6_000,
  'w/engine.js': 7_000,
  'w/html.js': 90_000,
  'w/html.css': 90_000,
};

describe('the size check', () => {
  it('counts the loader, the document, all that it reaches at once and the socket client, each file once', async () => {
    const { loader, readyToType, faults } = await measure(dist(manifest, sizes));

    expect(loader).toBe(1_000);
    expect(readyToType).toBe(1_000 + 100 + 2_000 + 300 + 400 + 500 + 6_000 + 7_000);
    expect(faults).toEqual([]);
  });

  it('shows what is fetched later, apart', async () => {
    const { rows } = await measure(dist(manifest, sizes));

    expect(rows.filter(({ group }) => group === 'later').map(({ file }) => file)).toEqual(['w/html.js', 'w/html.css']);
  });

  it.each([
    ['the loader', { 'guichet.js': 3_001 }, /loader is 3001 B/],
    ['a style', { 'w/index.css': 45_000 }, /ready to type takes/],
    ['something deep', { 'w/deep.js': 45_000 }, /ready to type takes/],
    ['what the socket client imports', { 'w/engine.js': 45_000 }, /ready to type takes/],
  ])('fails when %s grows over the budget', async (_, grown, fault) => {
    const sizesNow = await measure(dist(manifest, { ...sizes, ...grown }));

    expect(sizesNow.faults).toEqual([expect.stringMatching(fault)]);
    expect(table(sizesNow)).toMatch(fault);
  });

  it('fails when the socket client is nowhere: the sum would be of something else', async () => {
    const { 'client/live.ts': _, ...without } = manifest;

    const { faults } = await measure(dist(without, sizes));

    expect(faults).toEqual([expect.stringMatching(/socket client/)]);
  });

  it('refuses a build without the widget', async () => {
    await expect(measure(dist({}, sizes))).rejects.toThrow(/widget\/index.html/);
  });
});
