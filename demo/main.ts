import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { closeConnections } from './loopback';
import { root } from './repository';
import { Child, type Program } from './run/child';
import { commandLine } from './run/commandLine';
import { readKeys } from './run/keys';
import { type Addresses, addressesAt, choosePorts } from './run/ports';
import { type ReadyKeys, setUp, siteId } from './run/setUp';
import { summary } from './run/summary';

/*
 * Starts the bank, its card page, its bot, its staff's desk and the conversation server, each as a process of its own, and sets them up
 * as a customer would. Settings: GUICHET_DEMO_PORT (first of five ports), GUICHET_DEMO_DATA (folder), GUICHET_DEMO_JSON=1
 * (one line `ready {…}` for programs that start this one), GUICHET_DEV_RELOAD (see demo/README.md).
 */
const children: Child[] = [];
let stopping: Promise<never> | undefined;

const json = process.env.GUICHET_DEMO_JSON === '1';
const say = (text: string): void => (json ? console.error(text) : console.log(text));
const tell = (name: string, text: string): void => console.error(`[${name}] ${text}`);

/** Stops every child (the stubborn ones after 5 s) and ends. */
function stop(code: number): Promise<never> {
  stopping ??= (async () => {
    await Promise.all(children.map((child) => child.stop()));
    await closeConnections();
    process.exit(code);
  })();
  return stopping;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stopping && !json) console.log('\nClosing the bank …');
    void stop(0);
  });
}
// Started with a channel to the one who started us: when that closes, nobody wants the demo any more.
process.on('disconnect', () => void stop(0));

async function start(child: Child): Promise<void> {
  children.push(child);
  await child.start();
}

async function main(): Promise<void> {
  for (const file of [
    'dist/server/guichet.js',
    'dist/demo/bank.js',
    'dist/demo/cards.js',
    'dist/demo/bot.js',
    'dist/demo/desk.js',
  ]) {
    if (!existsSync(join(root, file)))
      throw new Error(`${file} isn't there. Run \`npm start\`, or \`npm run build\` first.`);
  }
  const data = resolve(root, process.env.GUICHET_DEMO_DATA || '.data');
  const logs = join(data, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const base = await choosePorts(process.env.GUICHET_DEMO_PORT, say);
  const at = addressesAt(base);
  const run = (program: Program) => start(new Child(program, logs, tell));

  const server = serverSettings(base, at, data);
  await run({ name: 'chat', file: 'dist/server/guichet.js', args: ['serve'], env: server, origin: at.chat });
  const keys = await setUp(commandLine(server), at, data, await readKeys(data));
  await Promise.all(businessPrograms(at, data, keys).map(run));
  if (stopping) return;

  if (json) {
    const pids = Object.fromEntries(children.map((child) => [child.program.name, child.pid]));
    console.log(`ready ${JSON.stringify({ ...at, data, internalSecret: keys.internalSecret, pids })}`);
  } else {
    console.log(summary(at, relative(process.cwd(), data) || data));
  }
}

/** Customers' files have a site of their own, at the chat server's port. */
const filesOrigin = ({ chat }: Addresses): string => {
  const { protocol, host } = new URL(chat);
  return `${protocol}//files.${host}`;
};

const serverSettings = (base: number, at: Addresses, data: string): Record<string, string> => ({
  GUICHET_DATA: join(data, 'server'),
  GUICHET_PORT: String(base),
  GUICHET_HOST: '127.0.0.1',
  GUICHET_ORIGIN: at.chat,
  GUICHET_FILES_ORIGIN: filesOrigin(at),
  // The page of the bank's staff calls /v2 from the browser.
  GUICHET_API_ORIGINS: at.desk,
  // The bot's webhook is on this machine.
  GUICHET_ALLOW_PRIVATE_NETWORK: 'true',
  ...passed('GUICHET_LOG_LEVEL', 'GUICHET_LIMIT_SESSIONS', 'GUICHET_LIMIT_CUSTOMER', 'GUICHET_LIMIT_TOKEN'),
});

/** Each with the addresses and its own secrets, no other's. */
function businessPrograms(at: Addresses, data: string, keys: ReadyKeys): Program[] {
  const addresses = { CHAT_ORIGIN: at.chat, BANK_ORIGIN: at.bank, CARDS_ORIGIN: at.cards, BOT_ORIGIN: at.bot };
  const common = { ...addresses, BANK_INTERNAL_SECRET: keys.internalSecret };
  return [
    {
      name: 'bank',
      file: 'dist/demo/bank.js',
      origin: at.bank,
      env: {
        ...common,
        GUICHET_SITE: siteId,
        GUICHET_IDENTITY_KID: keys.identityKey.kid,
        GUICHET_IDENTITY_SECRET: keys.identityKey.secret,
        BANK_SESSION_SECRET: keys.sessionSecret,
        ...passed('GUICHET_DEV_RELOAD'),
      },
    },
    {
      name: 'cards',
      file: 'dist/demo/cards.js',
      origin: at.cards,
      env: { ...common, GUICHET_TOKEN: keys.tokens.cards.token, ...passed('DEMO_KEEP_CANARY') },
    },
    {
      name: 'bot',
      file: 'dist/demo/bot.js',
      origin: at.bot,
      env: {
        ...common,
        GUICHET_TOKEN: keys.tokens.bot.token,
        GUICHET_WEBHOOK_SECRET: keys.webhook.secret,
        GUICHET_WEBHOOK_PUBLIC_KEY: keys.webhook.publicKey,
        BOT_AGENT_ID: keys.botAgentId,
        BOT_ADVISERS_GROUP: keys.advisersId,
        FILES_ORIGIN: filesOrigin(at),
        BOT_DATA: join(data, 'bot'),
        ...passed('BOT_PACE_MS'),
      },
    },
    {
      name: 'desk',
      file: 'dist/demo/desk.js',
      origin: at.desk,
      env: {
        CHAT_ORIGIN: at.chat,
        DESK_ORIGIN: at.desk,
        DESK_TOKENS: JSON.stringify({ mira: keys.tokens.mira, jonas: keys.tokens.jonas }),
      },
    },
  ];
}

function passed(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

main().catch((error: Error) => {
  if (stopping) return;
  console.error(`\nThe demo could not start.\n${error.message}`);
  void stop(1);
});
