import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrows, fault, importsOf, programImports } from './imports';
import { repository, walk } from './sources';

describe('the imports of the sources', () => {
  const imports = programImports();

  it('follow the arrows of the layout', () => {
    expect(imports.flatMap((one) => fault(one) ?? [])).toEqual([]);
  });

  it('were read in every folder', () => {
    const seen = Object.keys(arrows).filter((folder) => imports.some(({ from }) => from.startsWith(`${folder}/`)));

    expect(seen).toEqual(Object.keys(arrows));
  });

  it.each([
    ['the loader using a framework', 'src/loader/launcher.ts', "import { render } from 'preact';"],
    ['the protocol using Node', 'src/protocol/message.ts', "import { createHash } from 'node:crypto';"],
    ['the channel knowing the protocol', 'src/channel/channel.ts', "import { x } from '../protocol/frame';"],
    ['the client knowing the widget', 'src/client/live.ts', "const x = await import('../widget/model/thread');"],
    [
      'the widget reaching into the server',
      'src/widget/view/App.tsx',
      "import type { X } from '../../server/store/store';",
    ],
    ['the server using browser code', 'src/server/http/app.ts', "export { x } from '../../client/rest';"],
    ['the demo using our sources', 'demo/bot/bot.ts', "import { y } from '../../src/protocol/message';"],
    ['anything importing a main', 'src/widget/view/App.tsx', "import { x } from '../main';"],
  ])('would notice %s', (_, file, code) => {
    expect(importsOf(file, code).flatMap((one) => fault(one) ?? [])).toHaveLength(1);
  });
});

describe('what is built', () => {
  const client = join(repository, 'dist/client');
  const read = (file: string) => readFileSync(join(repository, file), 'utf8');

  /** Which modules went into each file: the build writes it down. */
  const modulesOf = (part: 'client' | 'server' | 'demo'): Record<string, string[]> =>
    JSON.parse(read(`dist/${part}-modules.json`));
  /** The modules of a file that neither lie in these folders nor are made by the bundler itself. */
  const strangersIn = (file: string, ...folders: string[]) =>
    modulesOf('client')[file]?.filter(
      (module) => !folders.some((folder) => module.startsWith(`${folder}/`)) && !/^(rolldown|vite)\b/.test(module),
    );

  it('was built', () => {
    const missing = [
      'guichet.js',
      'webview.js',
      'webview.mjs',
      'webview-shims.js',
      'host-view.js',
      'webview.d.ts',
      'widget/index.html',
    ].filter((file) => !existsSync(join(client, file)));

    expect(missing).toEqual([]);
  });

  it('has nothing in the loader but the loader, the channel and the protocol', () => {
    expect(strangersIn('guichet.js', 'src/loader', 'src/channel', 'src/protocol')).toEqual([]);
  });

  it('has nothing in the loader’s second file but the loader, the channel and the protocol', () => {
    expect(strangersIn('host-view.js', 'src/loader', 'src/channel', 'src/protocol')).toEqual([]);
  });

  it.each(['webview.js', 'webview.mjs', 'webview-shims.js'])(
    'has nothing in %s but the SDK, the channel and the protocol',
    (file) => {
      expect(strangersIn(file, 'src/webview', 'src/channel', 'src/protocol')).toEqual([]);
    },
  );

  it('has no server code, and nothing of Node, in anything that a browser loads', () => {
    const forbidden =
      /^src\/server\/|^demo\/|^node:|__vite-browser-external|node_modules\/(kysely|libsql|hono|@hono|pino|undici|socket\.io)\//;

    expect(
      Object.values(modulesOf('client'))
        .flat()
        .filter((module) => forbidden.test(module)),
    ).toEqual([]);
  });

  it('has no browser code in the server, and nothing of ours in the demo', () => {
    const ours = (part: 'server' | 'demo') =>
      Object.values(modulesOf(part))
        .flat()
        .filter((module) => module.startsWith('src/'));

    expect(ours('server').filter((module) => !/^src\/(server|protocol)\//.test(module))).toEqual([]);
    expect(ours('demo')).toEqual([]);
  });

  it('would notice a library: the ones of the widget are listed there', () => {
    const inWidget = Object.values(modulesOf('client')).flat().join('\n');

    expect(inWidget).toMatch(/node_modules\/preact\//);
    expect(inWidget).toMatch(/node_modules\/socket\.io-client\//);
    expect(inWidget).toMatch(/node_modules\/valibot\//);
  });

  it('has no helpers, imports or exports in the scripts that run on other people’s pages, but for one that the loader may fetch', () => {
    for (const file of ['dist/client/guichet.js', 'dist/client/webview.js', 'dist/client/webview-shims.js']) {
      const text = read(file).replace(/import\(`\$\{\w\}\/host-view\.js`\)/, file.endsWith('guichet.js') ? '' : '$&');
      expect(text).not.toMatch(/@babel\/helpers|\bimport\s*[({'"]|\bexport\s*[{*]/);
    }
  });

  it('leaves one name on a page at most', () => {
    const names = (file: string) =>
      [...read(file).matchAll(/^(?:var|let|const|function)\s+([\w$]+)/gm)].map(([, name]) => name);

    expect(names('dist/client/guichet.js')).toEqual([]);
    for (const sdk of ['webview.js', 'webview-shims.js'])
      expect(names(`dist/client/${sdk}`).filter((name) => name !== 'GuichetWebView')).toEqual([]);
  });

  it('has a compressed twin of every text file, in both encodings', () => {
    const texts = walk(client).filter((file) => /\.(html|m?js|css|json|svg|txt)$/.test(file));

    expect(texts.length).toBeGreaterThan(4);
    expect(
      texts.flatMap((file) => [`${file}.br`, `${file}.gz`]).filter((file) => !existsSync(join(repository, file))),
    ).toEqual([]);
  });

  it('gives the widget document only files of its own origin, with no script or style in the document', () => {
    const html = read('dist/client/widget/index.html');
    const scriptsInPage = [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)];

    expect([...html.matchAll(/\b(?:src|href)="([^"]+)"/g)].map(([, url]) => url)).toSatisfy((urls: string[]) =>
      urls.every((url) => /^(\.{1,2}\/)[\w./-]+$/.test(url)),
    );
    expect(
      scriptsInPage
        .filter(([, attributes]) => attributes?.includes('type="application/json"'))
        .map(([, , text]) => text),
    ).toEqual(['{}']);
    expect(
      scriptsInPage.filter(([, attributes, text]) => !attributes?.includes('type="application/json"') && text?.trim()),
    ).toEqual([]);
    expect(html).not.toMatch(/<style\b|\son\w+=|\sstyle=/);
  });

  it('has no source map or manifest among what is served', () => {
    expect(walk(client).filter((file) => /\.map$|manifest\.json$|\.vite/.test(file))).toEqual([]);
  });
});
