import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readConfig } from './config';
import { runFromCommandLine, UsageError, usage } from './control/cli';

const words = process.argv.slice(2);
const clientDir = fileURLToPath(new URL('../client', import.meta.url));

// Each way loads only what it needs: a program that asks the command line ten things waits for that ten times.
async function main(): Promise<void> {
  if (words[0] === undefined || words[0] === 'help' || words.includes('--help')) {
    console.log(usage);
    return;
  }
  if (words[0] === 'listen') {
    const { listenFromCommandLine } = await import('./listen/command');
    const ending = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort());
    await listenFromCommandLine(words.slice(1), {
      print: (text) => console.log(text),
      note: (text) => console.error(text),
      signal: ending.signal,
    });
    return;
  }
  const config = readConfig(process.env);
  if (words[0] !== 'serve') {
    process.exitCode = await runFromCommandLine(config, words, (text) => console.log(text));
    return;
  }
  if (words.length > 1)
    throw new UsageError(`"serve" does not take "${words.slice(1).join(' ')}": it is set up by the environment.`);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const { serve } = await import('./serve');
  const server = await serve(config, clientDir, version);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      server.log.info({ signal }, 'stopping');
      server.stop().then(
        () => process.exit(0),
        (error) => {
          server.log.error({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
    });
  }
}

main().catch((error) => {
  const plain =
    error instanceof UsageError ||
    (error as Error)?.name === 'DatabaseBusy' ||
    (error as NodeJS.ErrnoException)?.code === 'EADDRINUSE';
  console.error(plain || error instanceof Error ? String((error as Error).message) : error);
  if (!plain && process.env.GUICHET_LOG_LEVEL === 'debug') console.error(error);
  process.exit(1);
});
