import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { retrySchedule } from '../../protocol/webhook';
import type { World } from '../world';
import { bringForward, forgetWrongClock, jitter, straighten } from './lanes';
import { type Letter, longestRetryAfter, type Outcome, type Post } from './post';
import { secretsGoodAt } from './sign';
import { createSlots } from './slots';

/**
 * Delivers what stands in the outbox. The order that a receiver can count on: within one webhook and one conversation
 * (a lane) the next delivery goes out when the one before is done. A transport failure, 408, 429 or 5xx holds the lane back
 * and is retried; any other answer that is not 2xx makes a dead letter at once, and the lane goes on. 410 switches the webhook off;
 * what happens while it is off is kept in the outbox, and goes out once it is on again. `Retry-After` holds the whole webhook.
 *
 * What is replayed has its old place in the lane: it goes out before what is newer, in the order of old. But once it fails it waits
 * for its next attempt aside: yesterday's letters hold back only each other, never today's customers.
 *
 * At least once: a crash between the receiver's 2xx and our note of it sends it again, under the same `webhook-id`.
 */
export type WebhookWorker = {
  /** Waits for the attempts under way. */
  stop(): Promise<void>;
};

type Job = Letter & { webhook_id: string; lane: string; replayed: number; first_attempt: number };

/** Deliveries of a webhook that are looked for at once. */
const most = 32;
/** Milliseconds by which a clock may go back without having been set: what was planned by it stands. */
const setBack = 1_000;
/** Milliseconds until what could not be recorded is tried again. */
const unrecordedPause = 10_000;

export function startWebhookWorker(
  world: World,
  tools: {
    post: Post;
    log: Logger;
    random: () => number;
  },
): WebhookWorker {
  const { store } = world;
  /** `webhook lane` of what is under way. */
  const busy = new Map<string, Promise<void>>();
  const slots = createSlots();
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // Each attempt under way listens.
  /** Lanes whose attempt ended while the outbox was being looked at: what the look says of them is of before. */
  const ended = new Set<string>();
  /** When the outbox was last looked at. Before the start the clock may have been a wrong one too. */
  let looked = Number.POSITIVE_INFINITY;
  let looking = false;
  let planned = false;

  /** Looks at the outbox soon: a burst of events, and of answers, shares one look. */
  function plan(): void {
    if (planned || stopping.signal.aborted) return;
    planned = true;
    if (!looking) setImmediate(look);
  }

  async function look(): Promise<void> {
    if (stopping.signal.aborted) return;
    looking = true;
    planned = false;
    ended.clear();
    try {
      const now = world.now();
      if (now < looked - setBack) await forgetWrongClock(world);
      looked = now;
      for (const job of await dueJobs(now)) begin(job);
    } catch (error) {
      tools.log.error({ err: error }, 'the webhook outbox could not be read');
    } finally {
      looking = false;
      if (planned && !stopping.signal.aborted) setImmediate(look);
    }
  }

  /**
   * Of each webhook, what is due: the first waiting delivery of a lane, and the first that is replayed. What is replayed and due
   * goes before what is newer. Each webhook has its turn, and then its next one.
   */
  async function dueJobs(now: number): Promise<Job[]> {
    const webhooks = await store.db
      .selectFrom('webhooks')
      .select(['id', 'url', 'secrets_json'])
      .where('enabled', '=', 1)
      // What is further ahead than anybody may ask for was noted by a clock that has been set back.
      .where((is) => is.not(is.between('held_until', now + 1, now + longestRetryAfter * 1_000)))
      .execute();
    const rounds: Job[][] = [];
    for (const webhook of webhooks) {
      if (!slots.isFree(webhook.id)) continue;
      const secrets = secretsGoodAt(webhook.secrets_json, now);
      const rows = await store.db
        .selectFrom('deliveries as d')
        .select(['d.id', 'd.webhook_id', 'd.lane', 'd.replayed', 'd.body', 'd.attempts', 'd.first_attempt'])
        .where('d.webhook_id', '=', webhook.id)
        .where('d.state', '=', sql.lit('waiting')) // A literal: the indexes are of this state alone.
        .where('d.next', '<=', now)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('deliveries as older')
                .select('older.position')
                .whereRef('older.webhook_id', '=', 'd.webhook_id')
                .whereRef('older.lane', '=', 'd.lane')
                .where('older.state', '=', sql.lit('waiting'))
                .whereRef('older.position', '<', 'd.position')
                .where((is) => is.or([is('older.replayed', '=', is.ref('d.replayed')), is('older.next', '<=', now)])),
            ),
          ),
        )
        .orderBy('d.next')
        .orderBy('d.position')
        .limit(most)
        .execute();
      for (const [round, row] of rows.entries()) {
        rounds[round] ??= [];
        rounds[round].push({ ...row, url: webhook.url, secrets });
      }
    }
    return rounds.flat();
  }

  function begin(job: Job): void {
    const lane = `${job.webhook_id} ${job.lane}`;
    if (busy.has(lane) || ended.has(lane) || !slots.isFree(job.webhook_id) || stopping.signal.aborted) return;
    const letGo = slots.take(job.webhook_id);
    const work = attempt(job)
      .catch(async (error) => {
        tools.log.error({ err: error, delivery: job.id }, 'a webhook attempt could not be recorded');
        // The next look would find it due, and the receiver would be told the same in a loop.
        await pause(unrecordedPause, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
      })
      .finally(() => {
        busy.delete(lane);
        letGo();
        ended.add(lane);
        plan();
      });
    busy.set(lane, work);
  }

  async function attempt(job: Job): Promise<void> {
    const started = world.now();
    const outcome = await tools.post(job, stopping.signal);
    if (outcome.kind === 'stopped') return;
    await store.transaction(async () => {
      const kept = await store.db.selectFrom('deliveries').select('id').where('id', '=', job.id).executeTakeFirst();
      if (!kept) return; // The webhook was removed meanwhile, and its deliveries with it.
      await store.db
        .insertInto('delivery_attempts')
        .values({
          delivery_id: job.id,
          attempt: job.attempts + 1,
          time: started,
          status: outcome.status ?? null,
          error: outcome.error ?? null,
          duration: world.now() - started,
        })
        .execute();
      const wait = retrySchedule[job.attempts - job.first_attempt];
      const state =
        outcome.kind === 'delivered'
          ? 'delivered'
          : outcome.kind === 'retry' && wait !== undefined
            ? 'waiting'
            : 'dead';
      const delay = Math.max(
        (wait ?? 0) * 1_000 * (1 - jitter + 2 * jitter * tools.random()),
        (outcome.retryAfter ?? 0) * 1_000,
      );
      await store.db
        .updateTable('deliveries')
        .set({
          state,
          attempts: job.attempts + 1,
          next: state === 'waiting' ? world.now() + Math.round(delay) : 0,
          done: state === 'waiting' ? null : world.now(),
        })
        .where('id', '=', job.id)
        .execute();
      if (state !== 'waiting') await bringForward(world, job);
      await heed(job, outcome);
      if (state !== 'delivered') {
        tools.log.warn(
          {
            delivery: job.id,
            webhook: job.webhook_id,
            attempt: job.attempts + 1,
            status: outcome.status,
            error: outcome.error,
            state,
          },
          'webhook not delivered',
        );
      }
    });
  }

  /** What a receiver says of itself, not of the one delivery. */
  async function heed(job: Job, { kind, status, retryAfter }: Outcome): Promise<void> {
    const isAskingForTime = kind === 'retry' && retryAfter !== undefined;
    if (status !== 410 && !isAskingForTime) return;
    await store.db
      .updateTable('webhooks')
      .set(status === 410 ? { enabled: 0 } : { held_until: world.now() + Math.round((retryAfter ?? 0) * 1_000) })
      .where('id', '=', job.webhook_id)
      .where('url', '=', job.url) // By now it may have another, which said nothing.
      .execute();
  }

  const unsubscribe = world.hub.subscribe((happening) => {
    if (happening.type === 'deliveries') plan();
  });
  const tick = setInterval(plan, 1_000);
  straighten(world)
    .catch((error) => tools.log.error({ err: error }, 'the webhook outbox could not be put in order'))
    .finally(plan);
  return {
    async stop() {
      unsubscribe();
      clearInterval(tick);
      stopping.abort();
      await Promise.allSettled(busy.values());
    },
  };
}
