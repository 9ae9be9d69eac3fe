import { sql } from 'kysely';
import { retrySchedule } from '../../protocol/webhook';
import type { World } from '../world';

/**
 * A lane is what goes out in order: the deliveries of one webhook and one conversation, and those of them that are replayed
 * by themselves. Only the first of a lane has a time at which it's due; the others stand `behind`. So a look at the outbox costs
 * what there is to do, not what waits: fifty thousand deliveries for a receiver that is down cost nobody anything.
 */
export const behind = Number.MAX_SAFE_INTEGER;

/** By what part a wait is longer or shorter than the schedule says. */
export const jitter = 0.1;

/** What waits first in a lane is due, now that the one before it is done. */
export async function bringForward(
  world: World,
  lane: { webhook_id: string; lane: string; replayed: number },
): Promise<void> {
  await world.store.db
    .updateTable('deliveries')
    .set({ next: world.now() })
    .where(
      'position',
      '=',
      (from) =>
        from
          .selectFrom('deliveries')
          .select((of) => of.fn.min('position').as('position'))
          .where('webhook_id', '=', lane.webhook_id)
          .where('lane', '=', lane.lane)
          .where('replayed', '=', lane.replayed)
          .where('state', '=', sql.lit('waiting')), // A literal, here and below: the index is of this state alone.
    )
    .where('next', '=', behind)
    .execute();
}

/** Puts every lane in order: what is first is due, at its own time if it has one, and the rest stands behind it. */
export async function straighten(world: World): Promise<void> {
  await world.store.transaction(async () => {
    const { db } = world.store;
    const first = db
      .selectFrom('deliveries')
      .select((of) => of.fn.min('position').as('position'))
      .where('state', '=', sql.lit('waiting'))
      .groupBy(['webhook_id', 'lane', 'replayed']);
    await db
      .updateTable('deliveries')
      .set({ next: world.now() })
      .where('position', 'in', first)
      .where('next', '=', behind)
      .execute();
    await db
      .updateTable('deliveries')
      .set({ next: behind })
      .where('state', '=', sql.lit('waiting'))
      .where('position', 'not in', first)
      .where('next', '<>', behind)
      .execute();
  });
}

/**
 * What was planned by a clock that has been set back since would wait for as long as that was ahead: nothing waits longer than the
 * schedule has it. It looks at all that has a time, so it's for when the clock was seen to go back, and for a start.
 */
export async function forgetWrongClock(world: World): Promise<void> {
  const steps = retrySchedule.map(
    (seconds, at) => sql`WHEN ${sql.lit(at + 1)} THEN ${sql.lit(seconds * 1_000 * (1 + jitter))}`,
  );
  const latest = sql<number>`${world.now()} + CASE attempts - first_attempt ${sql.join(steps, sql` `)} ELSE 0 END`;
  await world.store.db
    .updateTable('deliveries')
    .set({ next: latest })
    .where('state', '=', sql.lit('waiting'))
    .where('next', '<>', behind)
    .where('next', '>', latest)
    .execute();
}
