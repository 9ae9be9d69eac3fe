import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const at = (path: string) => resolve(root, path);

/** A module that other people's pages import: one file, with its exports. */
const importable = (input: string, fileName: string): EnvironmentOptions => ({
  consumer: 'client',
  build: {
    outDir: at('dist/client'),
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: false,
    target: 'es2020',
    rolldownOptions: {
      input: at(input),
      preserveEntrySignatures: 'strict',
      output: { format: 'esm', entryFileNames: fileName },
    },
  },
});

/** A script that runs as it is on somebody else's page: one file, no imports, one name at most. */
const classicScript = (input: string, fileName: string, target: string, globalName?: string): EnvironmentOptions => ({
  consumer: 'client',
  build: {
    outDir: at('dist/client'),
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: false,
    target,
    // As a library: else vite wraps `import()` in a helper of its own, which waits for preloads that there are none of.
    lib: { entry: at(input), formats: ['iife'], name: globalName ?? 'guichet', fileName: () => fileName },
    rolldownOptions: { preserveEntrySignatures: globalName ? 'strict' : false },
  },
});

/** The widget's parts that come late are loaded by a helper of our own: vite's is 0.8 kB more until the customer can type. */
const smallPreload: Plugin = {
  name: 'guichet:small-preload',
  enforce: 'pre',
  applyToEnvironment: ({ name }) => name === 'client',
  resolveId: (id) => (id === '\0vite/preload-helper.js' ? at('src/widget/preload.ts') : undefined),
};

/** Goes once more over what customers wait for, after the bundler's own minifier: a third of a kilobyte less until they can type. */
const minifiedTwice: Plugin = {
  name: 'guichet:minified-twice',
  enforce: 'post',
  applyToEnvironment: ({ name }) => name === 'client',
  async generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || !/^(widget|connect|preact)$/.test(chunk.name)) continue;
      const compress = {
        passes: 3,
        unsafe_arrows: true,
        pure_getters: true,
        global_defs: { 'window.__PREACT_SIGNALS_DEVTOOLS__': false },
      };
      chunk.code = (await minify(chunk.code, { ecma: 2020, module: true, compress })).code ?? chunk.code;
    }
  },
};

const nodePrograms = (input: Record<string, string>, outDir: string, banner?: string): EnvironmentOptions => ({
  consumer: 'server',
  resolve: { noExternal: true, external: ['libsql', 'pino'] },
  build: {
    outDir: at(outDir),
    emptyOutDir: true,
    copyPublicDir: false,
    target: 'node20',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: Object.fromEntries(Object.entries(input).map(([name, path]) => [name, at(path)])),
      output: {
        format: 'esm',
        entryFileNames: '[name].js',
        chunkFileNames: 'chunks/[name]-[hash].js',
        ...(banner ? { banner: (chunk: { isEntry: boolean }) => (chunk.isEntry ? banner : '') } : {}),
      },
    },
  },
});

const isOfSocket = (id: string) =>
  /\/(socket\.io-client|engine\.io-client|component-emitter|client\/socketio)\//.test(id) &&
  !/polling|has-cors/.test(id);

/**
 * Modules of the socket client that customers would wait for and never use, and what stands in their place: no binary
 * packets, no WebTransport, and polling only once WebSocket has failed. `src/client/socketio/packets.test.ts` fails when an
 * upgrade of the library needs more of them.
 */
const leanSocket: Plugin = {
  name: 'guichet:lean-socket',
  enforce: 'pre',
  applyToEnvironment: ({ name }) => name === 'client',
  async resolveId(source, importer = '') {
    const own = (name: string) => at(`src/client/socketio/${name}.ts`);
    const [, transport] = /^engine\.io-client\/transports\/([\w-]+)$/.exec(source) ?? [];
    if (transport) {
      const engine = await this.resolve('engine.io-client', at('node_modules/socket.io-client/index.js'));
      return engine?.id.replace(/index\.js$/, `transports/${transport}.js`);
    }
    if (source === 'socket.io-client' && importer.endsWith('socketio/connect.ts')) {
      const whole = await this.resolve(source, importer, { skipSelf: true });
      return whole?.id.replace(/index\.js$/, 'manager.js');
    }
    if (!/node_modules\/(socket|engine)\.io-client\//.test(importer.replaceAll('\\', '/'))) return undefined;
    if (source === 'socket.io-parser') return own('socketPackets');
    if (source === 'engine.io-parser') return own('enginePackets');
    if (source === './transports/index.js') return own('transports');
    if (source.endsWith('/contrib/parseuri.js')) return own('parseUri');
    return /\/(webtransport|polling-fetch|polling-xhr|polling-xhr\.node)\.js$/.test(source)
      ? own('leftOut')
      : undefined;
  },
};

/**
 * One configuration, an environment for each thing that is downloaded or run. `scripts/build.mjs` builds them in this
 * order (those that share a folder after the one that empties it) and compresses what browsers fetch.
 */
export default defineConfig({
  root: at('src'),
  base: './',
  publicDir: at('public'),
  cacheDir: at('node_modules/.vite'),
  appType: 'mpa',
  logLevel: 'warn',
  plugins: [leanSocket, smallPreload, minifiedTwice],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  environments: {
    client: {
      build: {
        outDir: at('dist/client'),
        emptyOutDir: true,
        manifest: '.vite/manifest.json',
        target: 'es2022',
        modulePreload: { polyfill: false },
        // Inlined files would be data: URLs, which the widget's CSP refuses.
        assetsInlineLimit: 0,
        reportCompressedSize: false,
        rolldownOptions: {
          input: { widget: at('src/widget/index.html') },
          // That the second minifier takes most of the build's time is known.
          checks: { pluginTimings: false },
          output: {
            entryFileNames: 'widget/assets/[name]-[hash].js',
            chunkFileNames: 'widget/assets/[name]-[hash].js',
            assetFileNames: 'widget/assets/[name]-[hash][extname]',
            // What polling shares with the rest is there before it: a chunk of its own would be one request more for everybody.
            codeSplitting: {
              groups: [
                { name: 'connect', test: isOfSocket },
                { name: 'preact', test: /\/node_modules\/@?preact\// },
              ],
            },
          },
        },
      },
    },
    loader: classicScript('src/loader/main.ts', 'guichet.js', 'es2018'),
    webview: classicScript('src/webview/main.ts', 'webview.js', 'es2020', 'GuichetWebView'),
    webviewShims: classicScript('src/webview/shims.ts', 'webview-shims.js', 'es2020', 'GuichetWebView'),
    webviewModule: importable('src/webview/sdk.ts', 'webview.mjs'),
    hostView: importable('src/loader/hostView.ts', 'host-view.js'),
    server: nodePrograms({ guichet: 'src/server/main.ts' }, 'dist/server', '#!/usr/bin/env node'),
    demo: nodePrograms(
      {
        main: 'demo/main.ts',
        bank: 'demo/bank/main.ts',
        cards: 'demo/cards/main.ts',
        bot: 'demo/bot/main.ts',
        crm: 'demo/crm/main.ts',
        desk: 'demo/desk/main.ts',
      },
      'dist/demo',
    ),
    desk: {
      consumer: 'client',
      build: {
        outDir: at('dist/demo'),
        emptyOutDir: false,
        copyPublicDir: false,
        modulePreload: false,
        target: 'es2022',
        assetsInlineLimit: 0,
        rolldownOptions: {
          input: { desk: at('demo/desk/page/main.tsx') },
          output: { entryFileNames: 'desk/[name].js', assetFileNames: 'desk/[name][extname]' },
        },
      },
    },
  },
  builder: {},
});
