/**
 * `npm run torture`: builds what is out of date, then lets e2e/delivery/torture.ts break everything for as long as it is
 * asked to; docs/delivery.md says what its options are and what came of it.
 */
import { join } from 'node:path';
import { root } from './process.mjs';
import { setUp } from './setup.mjs';

await setUp();
// Node runs no TypeScript by itself; vite, which is here anyway, does.
const { runnerImport } = await import('vite');
const { module } = await runnerImport(join(root, 'e2e/delivery/torture.ts'), { configFile: false, logLevel: 'warn' });
const { torture } = /** @type {{ torture: (args: string[]) => Promise<boolean> }} */ (module);
process.exitCode = (await torture(process.argv.slice(2))) ? 0 : 1;
