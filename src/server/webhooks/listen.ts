import { setImmediate } from 'node:timers/promises';
import type { Event } from '../../protocol/event';
import type { WebhookAction } from '../../protocol/webhook';
import { latestCursor, nextEvent, readAccountLog } from '../conversations/accountLog';
import type { ConversationRow } from '../conversations/messages';
import { webhookBodyOf } from '../conversations/outbox';
import type { World } from '../world';
import type { createSigner } from './sign';

/** A delivery as a receiver would get it, but for the signature by a secret: whoever listens has one of his own. */
export type Overheard = { headers: Record<string, string>; body: string };

/** Events of the log that are read at once. */
const most = 100;

/**
 * What webhooks tell, for somebody who can't be reached by one: read from the log, from a cursor of `GET /v2/events` on.
 * Nothing is stored, and nothing known of who listened. `user_update` stands in no conversation's log, so it isn't told.
 *
 * @param wanted.after a cursor; `latest`: what is new from now on
 * @param wanted.still checks, after each wait, that the listener may still hear
 */
export async function listen(
  world: World,
  sign: ReturnType<typeof createSigner>,
  wanted: {
    after: string | undefined;
    events: readonly WebhookAction[];
    /** Milliseconds to wait for something. */
    wait: number;
    signal: AbortSignal;
    still: () => Promise<unknown>;
  },
): Promise<{ deliveries: Overheard[]; cursor: string }> {
  let after = wanted.after === 'latest' ? await latestCursor(world) : wanted.after || undefined;
  const deadline = Date.now() + wanted.wait;
  for (;;) {
    const next = nextEvent(world, deadline - Date.now(), wanted.signal);
    try {
      const page = await readAccountLog(world, { after, limit: most });
      after = page.cursor;
      const deliveries: Overheard[] = [];
      for (const { event, conversation } of page.entries)
        if (wanted.events.includes(event.type as WebhookAction))
          deliveries.push(await overheard(world, sign, event, conversation, wanted.events));
      if (deliveries.length > 0) return { deliveries, cursor: after };
      if (page.hasMore && !wanted.signal.aborted) {
        await setImmediate(); // A long search lets others in.
        continue;
      }
      if (!(await next.arrived)) return { deliveries, cursor: after };
    } finally {
      next.stop();
    }
    await wanted.still();
  }
}

async function overheard(
  world: World,
  sign: ReturnType<typeof createSigner>,
  event: Event,
  conversation: ConversationRow,
  actions: readonly WebhookAction[],
): Promise<Overheard> {
  const before = await world.store.db
    .selectFrom('events')
    .select('id')
    .where('conversation_id', '=', event.conversation_id)
    .where('seq', '<', event.seq)
    .where('type', 'in', [...actions])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const told = webhookBodyOf(world, event, asOf(event, conversation));
  const body = JSON.stringify(before ? { ...told, previous_event_id: before.id } : told);
  const { 'webhook-signature': _, ...headers } = sign({
    id: event.id,
    body,
    secrets: [],
    retries: 0,
    now: world.now(),
  });
  return { headers, body };
}

/** The conversation as it is now, with the status that the event gave it. */
function asOf(event: Event, row: ConversationRow): ConversationRow {
  switch (event.type) {
    case 'conversation_create':
      return { ...row, status: 'new' };
    case 'conversation_assignment':
      return { ...row, status: 'assigned' };
    case 'conversation_resolution':
      return { ...row, status: 'resolved' };
    case 'conversation_reopen':
      return { ...row, status: 'reopened' };
    default:
      return row;
  }
}
