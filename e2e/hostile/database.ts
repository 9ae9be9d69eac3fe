/** The server's database from outside, while the server is stopped: for what must hold even when a row is wrong. */
import { join } from 'node:path';
import Database from 'libsql';
import type { BuiltServer } from '../support/server';

/** Ends the server, lets `change` loose on its database, and starts it again. */
export async function tamper(
  server: BuiltServer,
  change: (run: (sql: string, ...values: unknown[]) => number) => void,
) {
  await server.kill('SIGKILL');
  const database = new Database(join(server.data, 'guichet.db'));
  try {
    change((sql, ...values) => database.prepare(sql).run(...values).changes);
  } finally {
    // Else the file stays locked until the driver's statements have been garbage collected.
    database.pragma('journal_mode = DELETE');
    database.close();
  }
  await server.start();
}
