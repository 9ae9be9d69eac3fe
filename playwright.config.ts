import { defineConfig } from '@playwright/test';
import { findBrowser } from './scripts/browser.mjs';

const executablePath = findBrowser();

/** Specs import `test` from e2e/support/browser, which starts the browser with its real defaults. */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
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
