import { type Selectable, sql } from 'kysely';
import type { InferOutput } from 'valibot';
import { GuichetError } from '../../protocol/errors';
import type { Delivery, DeliveryDetail } from '../../protocol/rest/webhooks';
import type { WebhookAction, WebhookBody } from '../../protocol/webhook';
import type { Tables } from '../store/tables';
import { isoTime, type World } from '../world';
import { behind, straighten } from './lanes';

type DeliveryRow = Selectable<Tables['deliveries']>;
type AttemptRow = Selectable<Tables['delivery_attempts']>;
type State = DeliveryRow['state'];

/** How many deliveries one request replays. */
export const replayedAtOnce = 1_000;

/**
 * A page of a webhook's log, newest first, and where the next one begins.
 *
 * @param wanted.cursor what the page before gave as `next`
 */
export async function listDeliveries(
  world: World,
  webhookId: string,
  wanted: {
    state?: State | undefined;
    action?: WebhookAction | undefined;
    from?: string | undefined;
    to?: string | undefined;
    cursor?: string | undefined;
    items_per_page: number;
  },
): Promise<{ deliveries: Delivery[]; next?: string }> {
  const { db } = world.store;
  const [created, position] = (wanted.cursor ?? '').split('-').map(Number);
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .$if(wanted.state !== undefined, (all) => all.where('state', '=', sql.lit(wanted.state as State)))
    .$if(wanted.action !== undefined, (all) => all.where('action', '=', wanted.action as WebhookAction))
    .$if(wanted.from !== undefined, (all) => all.where('created', '>=', Date.parse(wanted.from as string)))
    .$if(wanted.to !== undefined, (all) => all.where('created', '<', Date.parse(wanted.to as string)))
    .$if(wanted.cursor !== undefined, (all) =>
      all.where((is) =>
        is.or([
          is('created', '<', created as number),
          is.and([is('created', '=', created as number), is('position', '<', position as number)]),
        ]),
      ),
    )
    .orderBy('created', 'desc')
    .orderBy('position', 'desc')
    .limit(wanted.items_per_page + 1)
    .execute();
  const page = rows.slice(0, wanted.items_per_page);
  const last = page.at(-1);
  const attempts = await lastAttempts(world, page);
  return {
    deliveries: page.map((row) => deliveryOf(row, attempts.get(row.id))),
    ...(last && rows.length > page.length ? { next: `${last.created}-${last.position}` } : {}),
  };
}

/** @throws GuichetError DELIVERY_NOT_FOUND */
export async function readDelivery(world: World, id: string): Promise<InferOutput<typeof DeliveryDetail>> {
  const row = await getDelivery(world, id);
  const history = await world.store.db
    .selectFrom('delivery_attempts')
    .selectAll()
    .where('delivery_id', '=', id)
    .orderBy('attempt')
    .execute();
  return {
    ...deliveryOf(row, history.at(-1)),
    body: JSON.parse(row.body) as WebhookBody,
    history: history.map((each) => ({
      attempt: each.attempt,
      time: isoTime(each.time),
      ...outcomeOf(each),
      duration_ms: each.duration,
    })),
  };
}

export async function countDeliveries(world: World, webhookId: string): Promise<{ waiting: number; dead: number }> {
  const of = async (state: State) => {
    const { count } = await world.store.db
      .selectFrom('deliveries')
      .select((all) => all.fn.countAll<number>().as('count'))
      .where('webhook_id', '=', webhookId)
      // As literals: the indexes are of these states alone.
      .where('state', '=', sql.lit(state))
      .executeTakeFirstOrThrow();
    return Number(count);
  };
  return { waiting: await of('waiting'), dead: await of('dead') };
}

/**
 * Sends a delivery again, under the same ids; one that waits is tried at once, when its turn comes.
 *
 * @throws GuichetError DELIVERY_NOT_FOUND
 */
export async function replayDelivery(world: World, id: string): Promise<Delivery> {
  return world.store.transaction(async () => {
    const { position } = await getDelivery(world, id);
    await queueAgain(world, [position]);
    const row = await getDelivery(world, id);
    return deliveryOf(row, (await lastAttempts(world, [row])).get(id));
  });
}

/**
 * Sends what was told in a time range again, the oldest first, at most `replayedAtOnce` of them.
 *
 * @returns how many, and the time at which to go on when there are more
 */
export async function replayRange(
  world: World,
  webhookId: string,
  range: { from: string; to: string; state: State },
): Promise<{ replayed: number; continue_from?: string }> {
  return world.store.transaction(async () => {
    const rows = await world.store.db
      .selectFrom('deliveries')
      .select(['position', 'created'])
      .where('webhook_id', '=', webhookId)
      .where('state', '=', sql.lit(range.state))
      .where('created', '>=', Date.parse(range.from))
      .where('created', '<', Date.parse(range.to))
      .orderBy('created')
      .orderBy('position')
      .limit(replayedAtOnce + 1)
      .execute();
    const page = rows.slice(0, replayedAtOnce);
    for (let at = 0; at < page.length; at += 500) {
      await queueAgain(
        world,
        page.slice(at, at + 500).map(({ position }) => position),
      );
    }
    const next = rows[replayedAtOnce];
    return { replayed: page.length, ...(next ? { continue_from: isoTime(next.created) } : {}) };
  });
}

async function queueAgain(world: World, positions: number[]): Promise<void> {
  const now = world.now();
  const { db } = world.store;
  await db
    .updateTable('deliveries')
    .set({ next: now })
    .where('position', 'in', positions)
    .where('state', '=', 'waiting')
    .where('next', '<>', behind) // Its turn comes.
    .execute();
  await db
    .updateTable('deliveries')
    .set((of) => ({
      state: 'waiting',
      next: now,
      done: null,
      first_attempt: of.ref('attempts'),
      replayed: 1,
      replayed_time: now,
    }))
    .where('position', 'in', positions)
    .where('state', '<>', 'waiting')
    .execute();
  // Whoever wants it again wants it now, whatever the receiver asked for.
  await db
    .updateTable('webhooks')
    .set({ held_until: 0 })
    .where('id', 'in', (of) => of.selectFrom('deliveries').select('webhook_id').where('position', 'in', positions))
    .execute();
  await straighten(world);
  world.store.afterCommit(() => world.hub.publish({ type: 'deliveries' }));
}

async function getDelivery(world: World, id: string): Promise<DeliveryRow> {
  const row = await world.store.db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new GuichetError('DELIVERY_NOT_FOUND', `No webhook delivery has the id ${id}; old ones are cleared.`);
  return row;
}

async function lastAttempts(world: World, rows: DeliveryRow[]): Promise<Map<string, AttemptRow>> {
  if (rows.length === 0) return new Map();
  const attempts = await world.store.db
    .selectFrom('delivery_attempts')
    .selectAll()
    .where(
      'delivery_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('attempt')
    .execute();
  return new Map(attempts.map((each) => [each.delivery_id, each])); // The last one stays.
}

const outcomeOf = (attempt: AttemptRow) => ({
  ...(attempt.status !== null ? { status: attempt.status } : {}),
  ...(attempt.error !== null ? { error: attempt.error } : {}),
});

function deliveryOf(row: DeliveryRow, last: AttemptRow | undefined): Delivery {
  return {
    id: row.id,
    webhook_id: row.webhook_id,
    event_id: row.event_id,
    action: row.action as WebhookAction,
    ...(row.lane.startsWith('user:') ? {} : { conversation_id: row.lane }),
    state: row.state,
    attempts: row.attempts,
    ...(last && last.status !== null ? { last_status: last.status } : {}),
    ...(last && last.error !== null ? { last_error: last.error } : {}),
    created_time: isoTime(row.created),
    ...(row.state === 'waiting' && row.next !== behind ? { next_time: isoTime(row.next) } : {}),
    ...(row.done !== null ? { done_time: isoTime(row.done) } : {}),
    ...(row.replayed_time !== null ? { replayed_time: isoTime(row.replayed_time) } : {}),
  };
}
