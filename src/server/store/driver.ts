import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Dialect, SqliteDialect } from 'kysely';
import Database from 'libsql';

/** Thrown when another process owns the data folder. */
export class DatabaseBusy extends Error {
  constructor(dataDir: string) {
    super(`Another process owns the data in ${dataDir}. Stop it first, or name another folder by GUICHET_DATA.`);
    this.name = 'DatabaseBusy';
  }
}

/**
 * The one place that names the driver: libsql, which has better-sqlite3's API.
 *
 * - WAL with `synchronous=FULL`: a commit is on disk before it returns.
 * - `locking_mode=EXCLUSIVE`: one process owns the file; the lock goes with the process, kill -9 included.
 *
 * @param dataDir folder that is made when missing (0700); `:memory:` for tests
 */
export function openDialect(dataDir: string): Dialect {
  const inMemory = dataDir === ':memory:';
  if (!inMemory) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const database = new Database(inMemory ? ':memory:' : join(dataDir, 'guichet.db'));
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('secure_delete = ON');
    // The lock is taken by the first write, not by opening.
    database.exec('BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS owner (pid INTEGER); COMMIT');
  } catch (error) {
    database.close();
    if (/busy|locked/i.test(String(error))) throw new DatabaseBusy(dataDir);
    throw error;
  }
  const statements = preparedOnce(database);
  return new SqliteDialect({
    database: {
      prepare: statements.prepare,
      close() {
        statements.forget();
        leave(database);
        database.close();
      },
    } as never,
  });
}

/** Statements that are kept: those of all rules, and some with lists of a length of their own. */
const mostStatements = 500;

/** Parsing a statement costs more than carrying it out, and the same few come again with every message. */
function preparedOnce(database: Database.Database) {
  const kept = new Map<string, Database.Statement>();
  return {
    prepare(text: string): Database.Statement {
      const known = kept.get(text);
      if (known) return known;
      if (kept.size >= mostStatements) kept.clear();
      const fresh = database.prepare(text);
      kept.set(text, fresh);
      return fresh;
    },
    forget: () => kept.clear(),
  };
}

/**
 * Puts all into the one file and gives the lock back. Closing alone keeps both until the driver's statements have been
 * garbage collected. After a kill none of this is needed: the next start reads the log.
 */
function leave(database: Database.Database): void {
  try {
    database.pragma('journal_mode = DELETE');
    database.pragma('locking_mode = NORMAL');
    database.prepare('SELECT count(*) FROM owner').get(); // The lock goes with the next access.
  } catch {
    // What is still being read keeps it open; it closes with the process.
  }
}
