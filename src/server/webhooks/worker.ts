import type { Logger } from 'pino';
import { type Dispatcher, request } from 'undici';
import { retrySchedule } from '../../protocol/webhook';
import type { World } from '../world';
import type { createSigner } from './sign';

/**
 * Delivers what stands in the outbox. The order that a receiver can count on: within one webhook and one conversation
 * (a lane) the next delivery goes out when the one before is done. A transport failure, 408, 429 or 5xx holds the lane back
 * and is retried; any other answer that is not 2xx makes a dead letter at once, and the lane goes on. 410 switches the webhook off.
 *
 * At least once: a crash between the receiver's 2xx and our note of it sends it again, under the same `webhook-id`.
 */
export type WebhookWorker = {
  /** Looks at the outbox now, rather than at the next tick. */
  wake(): void;
  /** Waits for the attempts under way. */
  stop(): Promise<void>;
};

type Job = {
  id: string;
  webhook_id: string;
  lane: string;
  body: string;
  attempts: number;
  url: string;
  secrets: string[];
};

/** Attempts at once to one webhook, and in all: a slow receiver slows nobody else. */
const perWebhook = 8;
const inAll = 256;

export function startWebhookWorker(
  world: World,
  tools: {
    sign: ReturnType<typeof createSigner>;
    agent: Dispatcher;
    log: Logger;
    random: () => number;
    /** Milliseconds that a receiver has for its answer. */
    timeout?: number;
  },
): WebhookWorker {
  const { store } = world;
  const { timeout = 15_000 } = tools;
  /** `webhook lane` of what is under way. */
  const busy = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let looking = false;
  let again = false;

  async function look(): Promise<void> {
    if (stopping.signal.aborted) return;
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    try {
      do {
        again = false;
        for (const job of await dueJobs()) begin(job);
      } while (again && !stopping.signal.aborted);
    } catch (error) {
      tools.log.error({ err: error }, 'the webhook outbox could not be read');
    } finally {
      looking = false;
    }
  }

  /** Of each webhook, the first waiting delivery of each lane, if its time has come. */
  async function dueJobs(): Promise<Job[]> {
    const webhooks = await store.db
      .selectFrom('webhooks')
      .select(['id', 'url', 'secrets_json'])
      .where('enabled', '=', 1)
      .execute();
    const jobs: Job[] = [];
    for (const webhook of webhooks) {
      const rows = await store.db
        .selectFrom((from) =>
          from
            .selectFrom('deliveries')
            .select((of) => of.fn.min('position').as('position'))
            .where('webhook_id', '=', webhook.id)
            .where('state', '=', 'waiting')
            .groupBy('lane')
            .as('first'),
        )
        .innerJoin('deliveries as d', 'd.position', 'first.position')
        .select(['d.id', 'd.webhook_id', 'd.lane', 'd.body', 'd.attempts'])
        .where('d.next', '<=', world.now())
        .orderBy('d.position')
        .limit(perWebhook * 4)
        .execute();
      for (const row of rows) jobs.push({ ...row, url: webhook.url, secrets: JSON.parse(webhook.secrets_json) });
    }
    return jobs;
  }

  function begin(job: Job): void {
    const lane = `${job.webhook_id} ${job.lane}`;
    const ofWebhook = [...busy.keys()].filter((key) => key.startsWith(`${job.webhook_id} `)).length;
    if (busy.has(lane) || busy.size >= inAll || ofWebhook >= perWebhook || stopping.signal.aborted) return;
    const work = attempt(job)
      .catch((error) => tools.log.error({ err: error, delivery: job.id }, 'a webhook attempt could not be recorded'))
      .finally(() => {
        busy.delete(lane);
        void look();
      });
    busy.set(lane, work);
  }

  async function attempt(job: Job): Promise<void> {
    const started = world.now();
    const outcome = await post(job);
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
      const wait = retrySchedule[job.attempts];
      const state =
        outcome.kind === 'delivered'
          ? 'delivered'
          : outcome.kind === 'retry' && wait !== undefined
            ? 'waiting'
            : 'dead';
      const delay = Math.max((wait ?? 0) * 1_000 * (0.9 + 0.2 * tools.random()), (outcome.retryAfter ?? 0) * 1_000);
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
      if (outcome.status === 410) {
        await store.db.updateTable('webhooks').set({ enabled: 0 }).where('id', '=', job.webhook_id).execute();
      }
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

  type Outcome = {
    kind: 'delivered' | 'retry' | 'refused' | 'stopped';
    status?: number;
    error?: string;
    retryAfter?: number;
  };

  async function post(job: Job): Promise<Outcome> {
    try {
      const response = await request(job.url, {
        method: 'POST',
        headers: tools.sign({
          id: job.id,
          body: job.body,
          secrets: job.secrets,
          retries: job.attempts,
          now: world.now(),
        }),
        body: job.body,
        dispatcher: tools.agent,
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(timeout)]),
      });
      const status = response.statusCode;
      await response.body.dump({ limit: 65_536 });
      if (status >= 200 && status < 300) return { kind: 'delivered', status };
      const retry = status === 408 || status === 429 || status >= 500;
      const retryAfter = secondsOf(response.headers['retry-after'], world.now());
      return { kind: retry ? 'retry' : 'refused', status, ...(retryAfter ? { retryAfter } : {}) };
    } catch (error) {
      if (stopping.signal.aborted) return { kind: 'stopped' };
      return {
        kind: 'retry',
        error: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown',
      };
    }
  }

  const unsubscribe = world.hub.subscribe((happening) => {
    if (happening.type === 'deliveries') void look();
  });
  const tick = setInterval(() => void look(), 1_000);
  void look();
  return {
    wake: () => void look(),
    async stop() {
      unsubscribe();
      clearInterval(tick);
      stopping.abort();
      await Promise.allSettled(busy.values());
    },
  };
}

/** `Retry-After` in seconds, at most a day; a date counts from now. */
function secondsOf(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (!text) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1_000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) : undefined;
}
