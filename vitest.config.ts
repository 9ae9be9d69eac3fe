import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

/** `unit` lies beside the code and needs no build; `built` looks at, or runs, what `npm run build` made. */
export default defineConfig({
  root,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    environment: 'node',
    // The default leaves a core idle, which on two is half of them; four take longer than two.
    maxWorkers: 2,
    exclude: [...configDefaults.exclude],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Loading the modules anew for each file took a third of the time; each test puts back what it changes.
          pool: 'threads',
          isolate: false,
          // Some start servers or fold thousands of events; on a machine that is busy this takes its time.
          testTimeout: 20_000,
          hookTimeout: 20_000,
          include: ['src/**/*.test.{ts,tsx}', 'demo/**/*.test.ts', 'scripts/**/*.test.ts', 'e2e/support/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'built',
          include: ['e2e/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'e2e/support/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
