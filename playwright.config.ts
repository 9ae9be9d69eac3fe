import { defineConfig } from '@playwright/test';
import { type BrowserOptions, cookieModes } from './e2e/support/browser';
import { findBrowser } from './scripts/browser.mjs';

const executablePath = findBrowser();
const asked = process.env.GUICHET_THIRD_PARTY_COOKIES;
const forAll = cookieModes.find((mode) => mode === asked);
if (asked && !forAll)
  throw new Error(`GUICHET_THIRD_PARTY_COOKIES: expected ${cookieModes.join(' or ')}, got ${JSON.stringify(asked)}`);

/** Specs import `test` from e2e/support/browser, which starts the browser with its real defaults. */
export default defineConfig<object, BrowserOptions>({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  // With third parties' cookies and without: what attacks runs where the browser lets most through, what has to work where it lets least.
  projects: (
    [
      ['build', 'blocked'],
      ['hostile', 'allowed'],
      ['journeys', 'blocked'],
    ] as const
  ).map(([name, mode]) => ({ name, testDir: `e2e/${name}`, use: { thirdPartyCookies: forAll ?? mode } })),
  outputDir: 'test-results/browser',
  // Two cores: a page each.
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 20_000, toPass: { timeout: 30_000 } },
  forbidOnly: !!process.env.CI,
  retries: 0,
  reporter: [['list'], ['json', { outputFile: 'test-results/playwright.json' }]],
  use: {
    ...(executablePath ? { launchOptions: { executablePath } } : {}),
    video: 'off',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
