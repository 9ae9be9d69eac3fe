import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readCommand } from '../../src/server/control/cli';
import { askServer } from '../../src/server/control/socket';
import { repository } from './program';

export const guichetProgram = 'dist/server/guichet.js';

/**
 * What `guichet …` with `--json` answers about this data folder; rejects with what it would say on stderr.
 *
 * A running server is asked from here, in the words of the command line and by its socket, as `guichet` itself does: starting Node for
 * each question takes half a second of a core. Without a running server `guichet` is run.
 */
export async function commandLine<T>(
  data: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<T> {
  const { command, input } = readCommand([...args, '--json']);
  const answer = await askServer(data, command, input);
  if (answer?.ok) return answer.value as T;
  const failed = (why: string) => new Error(`guichet ${args.join(' ')} failed: ${why}`);
  if (answer) throw failed(`${answer.code}: ${answer.message}`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(repository, guichetProgram), ...args, '--json'],
    {
      cwd: repository,
      env: { PATH: process.env.PATH, ...environment, GUICHET_DATA: data },
      timeout: 30_000,
    },
  ).catch((error: Error & { stderr?: string }) => {
    throw failed(error.stderr || error.message);
  });
  return JSON.parse(stdout) as T;
}
