/**
 * The server is killed with SIGKILL again and again while customers write over sockets and HTTP and a bot answers through the
 * API. The checker then compares what each was told with what is stored.
 */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import Database from 'libsql';
import type { Event } from '../../src/protocol/event';
import { between, numbersFrom, type Random } from '../support/seededNumbers';
import { type BuiltServer, botScopes, startServer } from '../support/server';
import { readLog } from './agent';
import { type Bot, startBot } from './bot';
import { check, type Violation } from './checker';
import { type History, type Keep, now, openHistory, readHistory } from './history';
import { openPlainCustomer, type PlainCustomer, type Turnstile } from './plainCustomer';
import { noLimits, storedOf } from './town';

export type KillOptions = {
  seed: number;
  kills: number;
  folder: string;
  sockets: number;
  http: number;
  /** Acknowledgements in a life before the kill may come, twice that at most; 1 unless given. */
  acknowledgements?: number;
  /** Milliseconds from then to the kill, and between a customer's messages; at most. */
  life: number;
  rest: number;
  /** Whether a bot gets webhooks and answers each customer. `failing`: share of the attempts that it fails. */
  bot?: { failing: number };
  /** Told after each kill. */
  onKill?: (done: number, acknowledged: number) => void;
};

export type KillOutcome = {
  seed: number;
  violations: Violation[];
  /** Of each life: acknowledgements in it before the kill, and messages that waited for theirs at that moment. */
  kills: { before: number; inFlight: number; reopen: number }[];
  acknowledged: number;
  events: number;
  webhooks: { received: number; repeated: number; failed: number };
  /** Databases that were looked at, and what SQLite said of those that are not whole. */
  looked: number;
  corrupt: string[];
  /** From the last kill until the bot had every event, in ms. */
  delivered: number;
};

/** Attempts of one webhook that fail at most: the wait before the next is the schedule's, and it grows. */
const mostFailures = 3;
const lookEvery = 10;

export async function killLoop(options: KillOptions): Promise<KillOutcome> {
  const { seed, folder } = options;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const random = numbersFrom(seed);
  const turnstile: Turnstile = { goesOn: true, inFlight: 0, acknowledged: 0 };
  const fileOf = (client: string) => join(folder, `${client}.jsonl`);
  const keep = (client: string) => openHistory(fileOf(client), client);
  const server = await startServer(noLimits);
  const close: (() => unknown)[] = [() => server.stop()];
  try {
    await server.addSite();
    const { token } = await server.createToken({ bot: true, scopes: [...botScopes, 'events:read'] });
    const url = `http://127.0.0.1:${server.port}`;
    const bot = options.bot && (await startFailingBot(url, token, keep('bot'), options.bot.failing, random));
    if (bot) {
      close.push(() => bot.stop());
      await server.addWebhook(`http://127.0.0.1:${bot.port}/hook`, ['message_create', 'conversation_create']);
    }
    const customers = await Promise.all(
      Array.from({ length: options.sockets + options.http }, (_, at) =>
        openPlainCustomer({
          name: `customer-${at}`,
          url,
          by: at < options.sockets ? 'socket' : 'http',
          keep: keep(`customer-${at}`),
          turnstile,
          rest: () => between(random, 0, options.rest),
        }),
      ),
    );
    for (const customer of customers) close.push(() => customer.leave());
    const speaking = Promise.all(customers.map((customer) => customer.speak()));

    const kills: KillOutcome['kills'] = [];
    const corrupt: string[] = [];
    for (let at = 0; at < options.kills; at += 1) {
      const start = turnstile.acknowledged;
      const enough = start + Math.ceil(random() * 2 * (options.acknowledgements ?? 0.5));
      while (turnstile.acknowledged < enough) await pause(2); // This life has given acknowledgements…
      await pause(random() * options.life);
      while (turnstile.inFlight === 0) await pause(0); // …and somebody waits for the next one.
      const moment = { before: turnstile.acknowledged - start, inFlight: turnstile.inFlight };
      await server.kill('SIGKILL');
      if (at % lookEvery === 0) corrupt.push(...(await look(server)));
      const began = performance.now();
      await server.start();
      kills.push({ ...moment, reopen: Math.round(performance.now() - began) });
      options.onKill?.(at + 1, turnstile.acknowledged);
    }
    const last = turnstile.acknowledged;
    while (turnstile.acknowledged < last + 20) await pause(5);
    turnstile.goesOn = false;
    await speaking;

    const began = performance.now();
    const log = await settle(url, token, bot);
    const delivered = performance.now() - began;
    keep('rig')({ what: 'quiet' });
    const histories: History[] = [
      ...customers.map((_, at) => ({ client: `customer-${at}`, isViewer: false })),
      ...(bot ? [{ client: 'bot', isViewer: true }] : []),
      { client: 'rig', isViewer: false },
    ].map((history) => ({ ...history, records: readHistory(fileOf(history.client)) }));
    const violations = check(histories, log.map(storedOf));
    for (const customer of customers) violations.push(...(await compareTold(url, customer)));
    if (bot && bot.told !== log.length)
      violations.push({ rule: 'late', client: 'bot', what: `${log.length} events, ${bot.told} webhooks` });
    await server.kill('SIGKILL');
    corrupt.push(...(await look(server)));
    return {
      seed,
      violations,
      kills,
      acknowledged: turnstile.acknowledged,
      events: log.length,
      webhooks: bot?.counts ?? { received: 0, repeated: 0, failed: 0 },
      looked: Math.ceil(options.kills / lookEvery) + 1,
      corrupt,
      delivered,
    };
  } finally {
    turnstile.goesOn = false;
    for (const undo of close.reverse()) await undo();
  }
}

/** Fails a share of the attempts, half of which it has taken, but no webhook for ever; either way of making a retry harmless has to do. */
function startFailingBot(url: string, token: string, keep: Keep, share: number, random: Random): Promise<Bot> {
  const failures = new Map<string, number>();
  return startBot({
    url,
    token,
    keep,
    receive(id) {
      const before = failures.get(id) ?? 0;
      if (before >= mostFailures || random() >= share) return 'take';
      failures.set(id, before + 1);
      return random() < 0.5 ? 'fail' : 'take and fail';
    },
    isByKey: (clientId) => clientId.charCodeAt(clientId.length - 1) % 2 === 0,
  });
}

/** Waits until the bot has been told of every event and each of its answers is stored. Gives the log. */
async function settle(url: string, token: string, bot: Bot | undefined): Promise<Event[]> {
  const events: Event[] = [];
  let cursor: string | undefined;
  const end = now() + 300_000;
  for (;;) {
    const page = await readLog(url, token, cursor);
    cursor = page.cursor;
    events.push(...page.events);
    if (page.events.length > 0) continue;
    if (!bot || (bot.waiting === 0 && bot.told >= events.length) || now() > end) return events;
    await pause(100);
  }
}

/** What a socket was told is what is stored, of all that it was told. */
async function compareTold(url: string, { told, conversation, session }: PlainCustomer): Promise<Violation[]> {
  if (told.size === 0) return [];
  const log: Event[] = [];
  for (let seq = Number.POSITIVE_INFINITY; log.length < seq; ) {
    const answer = await fetch(
      `${url}/widget/v1/events?conversation_id=${conversation}&after=${log.length}&limit=500`,
      { headers: { authorization: `Bearer ${session}` } },
    );
    const page = (await answer.json()) as { events: Event[]; seq: number };
    seq = page.seq;
    log.push(...page.events);
    if (page.events.length === 0) break;
  }
  return [...told.values()].flatMap((event): Violation[] =>
    isDeepStrictEqual(log[event.seq - 1], event)
      ? []
      : [{ rule: 'changed', what: `a socket was told of ${event.conversation_id} ${event.seq} otherwise` }],
  );
}

/** What SQLite finds wrong in a copy of a killed server's database, as its write-ahead log leaves it. */
async function look(server: BuiltServer): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'guichet-look-'));
  try {
    for (const file of ['guichet.db', 'guichet.db-wal'])
      await copyFile(join(server.data, file), join(folder, file)).catch((error) => {
        if (file === 'guichet.db') throw error; // The other is there only while something stands in it.
      });
    const database = new Database(join(folder, 'guichet.db'));
    const rows = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    database.close();
    return rows.map((row) => row.integrity_check).filter((said) => said !== 'ok');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
