import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { retrySchedule } from '../protocol/webhook';
import { sessionMaxAge } from './access/sessions';
import { straighten } from './webhooks/lanes';
import type { World } from './world';

const day = 86_400_000;
/** Days that dead letters are kept, at least. */
const deadDays = 90;
/** Days that a closed page's saved state waits to be wanted again. */
const stateDays = 30;
/** Rows that are cleared at once; others get their turn in between. */
const batch = 200;

/**
 * Clears what is no longer of use, every hour, in small batches:
 * - deliveries that were taken, with their attempts, after `days`; dead letters after 90 days, or `days` when that is more;
 * - what waits for a webhook that is off for longer than retries would last becomes a dead letter;
 * - what a page saved in a web view that was closed, and not opened again, after 30 days;
 * - revoked sessions that are older than any session can be; tokens' secrets whose overlap has ended.
 *
 * Returns how to stop; it waits for the batch under way.
 */
export function startRetention(world: World, tools: { days: number; log: Logger }): () => Promise<void> {
  const stopping = new AbortController();
  let running = Promise.resolve();
  const run = () => {
    running = clearOld(world, tools.days, stopping.signal).catch((error) =>
      tools.log.error({ err: error }, 'what is old could not be cleared'),
    );
  };
  const timer = setInterval(run, 3_600_000);
  const first = setTimeout(run, 60_000);
  return async () => {
    clearInterval(timer);
    clearTimeout(first);
    stopping.abort();
    await running;
  };
}

/** One round. */
export async function clearOld(world: World, days: number, signal: AbortSignal): Promise<void> {
  const { db } = world.store;
  const now = world.now();
  await buryWhatWaitsForNobody(world, now - retrySchedule.reduce((sum, each) => sum + each * 1_000, 0), signal);
  await clearDeliveries(world, now, days, signal);
  await db
    .deleteFrom('revoked_sessions')
    .where('time', '<', now - sessionMaxAge * 1_000)
    .execute();
  await db
    .updateTable('web_views')
    .set({ saved_json: null })
    .where('saved_json', 'is not', null)
    .where('closed', '<', now - stateDays * day)
    .execute();
  await db
    .updateTable('tokens')
    .set({ previous_hash: null, previous_until: null })
    .where('previous_until', '<=', now)
    .execute();
}

/** Walks the outbox from its old end: what stays there is little, dead letters of the last months. */
async function clearDeliveries(world: World, now: number, days: number, signal: AbortSignal): Promise<void> {
  const { db } = world.store;
  const ends = { delivered: now - days * day, dead: now - Math.max(days, deadDays) * day };
  for (let after = 0; !signal.aborted; ) {
    const rows = await db
      .selectFrom('deliveries')
      .select(['position', 'state', 'created', 'done'])
      .where('position', '>', after)
      .orderBy('position')
      .limit(batch)
      .execute();
    const first = rows[0];
    if (!first || first.created >= ends.delivered) return;
    after = rows.at(-1)?.position ?? after;
    const old = rows.filter(({ state, done }) => state !== 'waiting' && done !== null && done < ends[state]);
    if (old.length > 0)
      await db
        .deleteFrom('deliveries')
        .where(
          'position',
          'in',
          old.map(({ position }) => position),
        )
        .where('state', '<>', 'waiting') // It may have been replayed a moment ago.
        .execute();
    await pause(5);
  }
}

/** The oldest first; what a kill leaves without a time at which it's due, the worker straightens when it starts. */
async function buryWhatWaitsForNobody(world: World, before: number, signal: AbortSignal): Promise<void> {
  const { db } = world.store;
  const off = await db.selectFrom('webhooks').select('id').where('enabled', '=', 0).execute();
  let buried = 0;
  for (const { id } of off) {
    for (let found = batch; found === batch && !signal.aborted; ) {
      const { numUpdatedRows } = await db
        .updateTable('deliveries')
        .set({ state: 'dead', done: world.now(), next: 0 })
        .where('position', 'in', (of) =>
          of
            .selectFrom('deliveries')
            .select('position')
            .where('webhook_id', '=', id)
            .where('state', '=', sql.lit('waiting')) // A literal: the index is of this state alone.
            .where('created', '<', before)
            .where((is) => is.or([is('replayed_time', 'is', null), is('replayed_time', '<', before)]))
            .orderBy('position')
            .limit(batch),
        )
        .executeTakeFirst();
      found = Number(numUpdatedRows);
      buried += found;
      await pause(5);
    }
  }
  if (buried > 0) await straighten(world);
}
