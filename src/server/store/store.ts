import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely, Migrator } from 'kysely';
import { openDialect } from './driver';
import { migrationProvider } from './migrations';
import type { Tables } from './tables';
import { createTurns } from './turns';

/**
 * The database, with one rule for transactions: `transaction` joins the one that runs already in this call chain, and
 * `db` is that transaction while it runs. So rules compose: what a door wraps in a transaction commits as one.
 */
export type Store = {
  /** For queries, inside and outside of transactions. */
  readonly db: Kysely<Tables>;
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Whose transactions those of this call chain are: parties wait for the database in turns (turns.ts). */
  inTurnOf<T>(party: string, work: () => Promise<T>): Promise<T>;
  /** Runs once what this call chain does is on disk; at once when no transaction runs. Never runs after a rollback. */
  afterCommit(effect: () => void): void;
  close(): Promise<void>;
};

type Running = { trx: Kysely<Tables>; effects: (() => void)[] };

/**
 * Opens the database in `dataDir` and brings it up to date.
 *
 * @throws DatabaseBusy when another process owns it
 */
export async function openStore(dataDir: string): Promise<Store> {
  const root = new Kysely<Tables>({ dialect: openDialect(dataDir) });
  const { error } = await new Migrator({ db: root, provider: migrationProvider }).migrateToLatest();
  if (error) {
    await root.destroy();
    throw error;
  }
  const running = new AsyncLocalStorage<Running>();
  const parties = new AsyncLocalStorage<string>();
  const turns = createTurns();
  return {
    get db() {
      return running.getStore()?.trx ?? root;
    },
    async transaction(work) {
      if (running.getStore()) return work();
      const effects: (() => void)[] = [];
      const end = await turns.take(parties.getStore() ?? '');
      const result = await root
        .transaction()
        .execute((trx) => running.run({ trx, effects }, work))
        .finally(end);
      for (const effect of effects) effect();
      return result;
    },
    inTurnOf: (party, work) => parties.run(party, work),
    afterCommit(effect) {
      const now = running.getStore();
      if (now) now.effects.push(effect);
      else effect();
    },
    close: () => root.destroy(),
  };
}
