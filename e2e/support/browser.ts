/**
 * `test` for browser specs: Playwright's, in a Chromium that behaves as it does for people.
 *
 * Playwright's own list of flags switches off what this product has to live with: storage partitioned by top-level
 * site, the back/forward cache, the throttling of timers in the background. So none of its defaults are used, only the
 * flags below, which keep Chromium quiet and give Playwright its pipe. `e2e/build/browser-defaults.spec.ts` asserts
 * that the rest is as in the world.
 *
 * Two things to know in specs: `page.goBack()` to a page out of the back/forward cache fires no load event, so wait for
 * `{ waitUntil: 'commit' }`; and Playwright makes every page believe that it has focus and is visible.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, test as base, chromium } from '@playwright/test';
import { provideBrowser } from '../../scripts/browser.mjs';
import { type Stack, startStack } from './stack';

export { expect } from '@playwright/test';

/** A running Chromium with its own defaults, and how to end it. */
export async function launchBrowser(extraFlags: readonly string[] = []) {
  const profile = await mkdtemp(join(tmpdir(), 'guichet-browser-'));
  const browser = await chromium.launch({
    executablePath: await provideBrowser(),
    ignoreDefaultArgs: true,
    args: [...flags(profile), ...extraFlags],
  });
  return {
    browser,
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Nothing here may change how a page behaves. */
const flags = (profile: string): string[] => [
  '--headless=new',
  '--remote-debugging-pipe',
  `--user-data-dir=${profile}`,
  '--no-startup-window',
  // Chromium refuses to run as root with its own sandbox, and containers seldom allow it.
  ...(process.getuid?.() === 0 || process.env.CI ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-quic',
  '--disable-sync',
  '--mute-audio',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-service-autorun',
  '--password-store=basic',
  '--use-mock-keychain',
];

export const test = base.extend<object, { browser: Browser; stack: Stack }>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const { browser, close } = await launchBrowser();
      await use(browser);
      await close();
    },
    { scope: 'worker' },
  ],

  /** The built demo with its server, on free ports and a data folder of its own; one for each worker. */
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const stack = await startStack();
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});
