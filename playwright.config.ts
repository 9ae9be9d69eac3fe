import { defineConfig } from '@playwright/test';
import { type BrowserOptions, cookieModes, type ThirdPartyCookies } from './e2e/support/browser';
import { findBrowser } from './scripts/browser.mjs';

const executablePath = findBrowser();
const asked = process.env.GUICHET_THIRD_PARTY_COOKIES;
const forAll = cookieModes.find((mode) => mode === asked);
if (asked && !forAll)
  throw new Error(`GUICHET_THIRD_PARTY_COOKIES: expected ${cookieModes.join(' or ')}, got ${JSON.stringify(asked)}`);

interface Run {
  name: string;
  /** Below e2e, if it isn't the name. */
  folder?: string;
  mode: ThirdPartyCookies;
  /** Only tests with this tag. */
  tag?: string;
  /** Tests at once, if not as many as everywhere. */
  workers?: number;
}
/**
 * With third parties' cookies and without: what attacks runs where the browser lets most through, what has to work where it
 * lets least. What says where secrets go, and what stands or falls with cookies or storage, has the tag `@cookies` and runs in
 * both.
 */
const runs: Run[] = [
  { name: 'build', mode: 'blocked' },
  // These hardly ever wait: two keep two cores busy.
  { name: 'hostile', mode: 'allowed', workers: 2 },
  { name: 'journeys', mode: 'blocked' },
  { name: 'hostile-blocked', folder: 'hostile', mode: 'blocked', tag: '@cookies' },
  { name: 'journeys-allowed', folder: 'journeys', mode: 'allowed', tag: '@cookies' },
];

/** Specs import `test` from e2e/support/browser, which starts the browser with its real defaults. */
export default defineConfig<object, BrowserOptions>({
  testDir: 'e2e',
  projects: runs
    .filter(({ name, folder = name }) => !forAll || name === folder)
    .map(({ name, folder = name, mode, tag, workers }) => ({
      name,
      ...(workers ? { workers } : {}),
      ...(tag ? { grep: new RegExp(tag) } : {}),
      testDir: `e2e/${folder}`,
      testMatch: '**/*.spec.ts',
      use: { thirdPartyCookies: forAll ?? mode },
    })),
  outputDir: 'test-results/browser',
  // On two cores: journeys wait half of their time.
  workers: 3,
  timeout: 90_000,
  expect: { timeout: 20_000, toPass: { timeout: 30_000 } },
  forbidOnly: !!process.env.CI,
  // Only in `npm test`, which names those that needed it and lets few of them pass.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list'], ['json', { outputFile: 'test-results/playwright.json' }]],
  use: {
    ...(executablePath ? { launchOptions: { executablePath } } : {}),
    video: 'off',
    // Recording slows a test down; `--trace on` records one that is looked into.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
  },
});
