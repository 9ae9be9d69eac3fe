import { sql } from 'kysely';
import type { World } from './world';

/** What the server notes by itself, at any time: the webhook worker's tables, and when a token was last used. */
const ownNotes = /^(?:deliver|attempt|owner$|sqlite_)/;
/** Only ever added to, so that counting them is enough. */
const logs = new Set(['events', 'messages']);

const seen = new WeakMap<World, { statement: string; changes: unknown; text: string }>();

/**
 * For tests: all that is stored, in every table there is, as text that changes when it does. Of each column the sum, or of text the
 * length and some of its letters.
 */
export async function stored(world: World): Promise<string> {
  const last = seen.get(world);
  const { rows } = await sql<{ changes: number }>`SELECT total_changes() AS changes`.execute(world.store.db);
  const changes = rows[0]?.changes;
  if (last && last.changes === changes) return last.text; // No row was written since.
  const statement = last?.statement ?? (await statementOf(world));
  const text = JSON.stringify((await sql.raw(statement).execute(world.store.db)).rows);
  seen.set(world, { statement, changes, text });
  return text;
}

async function statementOf(world: World): Promise<string> {
  const { rows } = await sql<{ table: string; column: string; type: string }>`
    SELECT m.name AS "table", c.name AS "column", c.type AS type FROM sqlite_master m, pragma_table_info(m.name) c
    WHERE m.type = 'table'`.execute(world.store.db);
  const tables = [...new Set(rows.map(({ table }) => table))].filter((table) => !ownNotes.test(table));
  const counts = tables.map((table) => {
    const columns = logs.has(table) ? [] : rows.filter((row) => row.table === table);
    const sums = columns
      .filter(({ column }) => !(table === 'tokens' && column === 'used'))
      .map(({ column, type }) => {
        const name = `"${column}"`;
        if (!/text/i.test(type)) return `total(${name}) || ' ' || count(${name})`;
        const letter = (at: number) => `coalesce(unicode(substr(${name}, ${at}, 1)), 0)`;
        return `total(length(${name}) + ${letter(1)} * 3 + ${letter(3)} * 7 + ${letter(-1)} * 11)`;
      });
    return `(SELECT ${['count(*)', ...sums].join(" || ' ' || ")} FROM "${table}") AS "${table}"`;
  });
  return `SELECT ${counts.join(', ')}`;
}
