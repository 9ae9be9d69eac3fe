import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ApiError, guichetApi } from '../guichetApi';
import { closeConnections } from '../loopback';
import { root } from '../repository';
import { pull } from './pull';
import { push } from './push';

const usage = `A customer register beside Guichet: it knows nothing but /v2.

  npm run crm -- push FILE.csv [--link-by-email]   bring customers in: new ones are made, known ones changed
  npm run crm -- pull [--out FILE] [--follow]      append every new message to a file, each once

  --state FOLDER   where it keeps how far it is (default .data/crm)
  --out FILE       JSON lines (default .data/crm/messages.jsonl)
  --follow         go on waiting for what is new, until Ctrl-C
  --link-by-email  let a row with a reference_id take over a user who is known by the same e-mail only

  GUICHET_TOKEN    npm run --silent guichet -- token create --name CRM --scope users:read --scope users:write --scope events:read
  GUICHET_URL      default http://chat.localhost:4180`;

class UsageError extends Error {}

async function main(words: string[]): Promise<number> {
  const { verb, file, values } = read(words);
  // npm runs us in the repository's folder; paths are meant from where one stands.
  const at = (path: string) => resolve(process.env.INIT_CWD ?? process.cwd(), path);
  const state = values.state ? at(values.state) : resolve(root, '.data/crm');
  const origin = new URL(process.env.GUICHET_URL || 'http://chat.localhost:4180').href.replace(/\/+(v2\/*)?$/, '');
  const token = process.env.GUICHET_TOKEN;
  if (!token) throw new UsageError(`GUICHET_TOKEN is not set.\n\n${usage}`);
  const api = guichetApi(origin, token);
  const say = (text: string) => console.log(text);

  if (verb === 'push') {
    const done = await push({
      api,
      origin,
      file: at(file),
      state,
      linkByEmail: values['link-by-email'] ?? false,
      say,
      tell: (text) => console.error(text),
    });
    const { created, updated, unchanged, skipped } = done;
    say(`${created} created, ${updated} updated, ${unchanged} unchanged, ${skipped} skipped`);
    return skipped > 0 ? 1 : 0;
  }
  const out = values.out ? at(values.out) : resolve(state, 'messages.jsonl');
  const messages = await pull({ api, origin, out, state, follow: values.follow ?? false, say });
  say(`${messages} ${messages === 1 ? 'message' : 'messages'} appended to ${out}`);
  return 0;
}

function read(words: string[]) {
  const options = {
    state: { type: 'string' },
    out: { type: 'string' },
    follow: { type: 'boolean' },
    'link-by-email': { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: words, allowPositionals: true, options });
    const [verb, file = '', ...more] = positionals;
    const fits = verb === 'push' ? !!file && more.length === 0 : verb === 'pull' && !file;
    if (fits && !values.help) return { verb, file, values };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
  throw new UsageError(usage);
}

// What is on the disk is whole at any moment, so there is nothing to wait for; 130 is what a shell expects after Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

main(process.argv.slice(2))
  .then(
    (code) => {
      process.exitCode = code;
    },
    (error: Error) => {
      const hint =
        error instanceof ApiError && [401, 403].includes(error.status) ? '\nSee `npm run crm -- --help`.' : '';
      console.error(error instanceof UsageError ? error.message : `${error.message}${hint}`);
      process.exitCode = 2;
    },
  )
  .finally(closeConnections);
