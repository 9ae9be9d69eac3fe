import type { Selectable } from 'kysely';
import type { InferOutput } from 'valibot';
import { GuichetError } from '../../protocol/errors';
import type { Webhook } from '../../protocol/rest/webhooks';
import { defaultActions, type WebhookAction } from '../../protocol/webhook';
import type { Tables } from '../store/tables';
import { isoTime, type World } from '../world';
import { isLocalhost, isPublic } from './guard';
import { type KeptSecret, mintSecret } from './sign';

export type WebhookRow = Selectable<Tables['webhooks']>;

/** Secrets that may be good at once: who rotates more often within an overlap ends the oldest. */
const mostSecrets = 5;

/**
 * Subscribes a URL. What its name resolves to is checked at each connection; what can be seen now is refused now.
 *
 * @throws GuichetError INVALID_VALUE, ALREADY_EXISTS
 */
export async function addWebhook(
  world: World,
  allowPrivate: boolean,
  wanted: { url: string; events?: readonly WebhookAction[] | undefined },
) {
  checkUrl(allowPrivate, wanted.url);
  const secret = mintSecret();
  const row: WebhookRow = {
    id: world.newId(),
    url: wanted.url,
    events_json: JSON.stringify(wanted.events ?? defaultActions),
    secrets_json: JSON.stringify([secret] satisfies KeptSecret[]),
    enabled: 1,
    created: world.now(),
    held_until: 0,
  };
  await world.store.transaction(async () => {
    await refuseTwice(world, row);
    await world.store.db.insertInto('webhooks').values(row).execute();
  });
  return { webhook: webhookOf(world, row), secret };
}

export async function listWebhooks(world: World) {
  const rows = await world.store.db.selectFrom('webhooks').selectAll().orderBy('created').execute();
  return rows.map((row) => webhookOf(world, row));
}

/** @throws GuichetError WEBHOOK_NOT_FOUND */
export async function getWebhook(world: World, id: string): Promise<WebhookRow> {
  const row = await world.store.db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id);
  return row;
}

/**
 * Fields that are absent stay. What waits goes to the new URL; a webhook that is switched on again goes on where it stopped. Either ends
 * what a `Retry-After` had asked for.
 *
 * @throws GuichetError WEBHOOK_NOT_FOUND, INVALID_VALUE, ALREADY_EXISTS
 */
export async function updateWebhook(
  world: World,
  allowPrivate: boolean,
  id: string,
  wanted: {
    url?: string | undefined;
    events?: readonly WebhookAction[] | undefined;
    enabled?: boolean | undefined;
  },
) {
  if (wanted.url !== undefined) checkUrl(allowPrivate, wanted.url);
  return world.store.transaction(async () => {
    const old = await getWebhook(world, id);
    const row: WebhookRow = {
      ...old,
      url: wanted.url ?? old.url,
      events_json: wanted.events ? JSON.stringify([...new Set(wanted.events)]) : old.events_json,
      enabled: Number(wanted.enabled ?? old.enabled === 1),
      held_until: wanted.enabled || (wanted.url ?? old.url) !== old.url ? 0 : old.held_until,
    };
    if (row.url !== old.url) await refuseTwice(world, row);
    const { url, events_json, enabled, held_until } = row;
    await world.store.db
      .updateTable('webhooks')
      .set({ url, events_json, enabled, held_until })
      .where('id', '=', id)
      .execute();
    world.store.afterCommit(() => world.hub.publish({ type: 'deliveries' }));
    return webhookOf(world, row);
  });
}

/**
 * Makes a new secret; the ones before sign beside it until the overlap ends.
 *
 * @param overlap seconds
 * @throws GuichetError WEBHOOK_NOT_FOUND
 */
export async function rotateSecret(world: World, id: string, overlap: number) {
  const secret = mintSecret();
  return world.store.transaction(async () => {
    const old = await getWebhook(world, id);
    const until = world.now() + overlap * 1_000;
    const before = (JSON.parse(old.secrets_json) as KeptSecret[])
      .map((kept) =>
        typeof kept === 'string' ? { secret: kept, until } : { ...kept, until: Math.min(kept.until, until) },
      )
      .filter((kept) => kept.until > world.now());
    const row = { ...old, secrets_json: JSON.stringify([secret, ...before].slice(0, mostSecrets)) };
    const { secrets_json } = row;
    await world.store.db.updateTable('webhooks').set({ secrets_json }).where('id', '=', id).execute();
    return { webhook: webhookOf(world, row), secret };
  });
}

/** @throws GuichetError WEBHOOK_NOT_FOUND */
export async function removeWebhook(world: World, id: string): Promise<void> {
  const row = await world.store.db.deleteFrom('webhooks').where('id', '=', id).returning('id').executeTakeFirst();
  if (!row) throw notFound(id);
}

/** As it is shown: never with a secret. */
export function webhookOf(world: World, row: WebhookRow): InferOutput<typeof Webhook> {
  const ends = (JSON.parse(row.secrets_json) as KeptSecret[]).flatMap((kept) =>
    typeof kept !== 'string' && kept.until > world.now() ? [kept.until] : [],
  );
  return {
    id: row.id,
    url: row.url,
    events: JSON.parse(row.events_json) as WebhookAction[],
    created_time: isoTime(row.created),
    enabled: row.enabled === 1,
    ...(ends.length > 0 ? { previous_secret_until_time: isoTime(Math.max(...ends)) } : {}),
  };
}

const notFound = (id: string) => new GuichetError('WEBHOOK_NOT_FOUND', `No webhook has the id ${id}.`);

function checkUrl(allowPrivate: boolean, text: string): void {
  if (allowPrivate) return;
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = /^[\d.]+$/.test(host) || host.includes(':');
  if (isLocalhost(host) || (literal && !isPublic(host))) {
    throw new GuichetError(
      'INVALID_VALUE',
      `url: ${host} is a private or loopback address. The operator can allow those by GUICHET_ALLOW_PRIVATE_NETWORK=true.`,
    );
  }
  if (url.protocol !== 'https:') throw new GuichetError('INVALID_VALUE', 'url: a webhook has to be https, got http.');
}

/** A program that subscribes at each of its starts would be told everything as often as it started. */
async function refuseTwice(world: World, { id, url }: WebhookRow): Promise<void> {
  const other = await world.store.db
    .selectFrom('webhooks')
    .select('id')
    .where('url', '=', url)
    .where('id', '<>', id)
    .executeTakeFirst();
  if (other) {
    throw new GuichetError(
      'ALREADY_EXISTS',
      `url: the webhook ${other.id} has it already. Change that one, rotate its secret, or tell two subscriptions apart by a query (?for=…).`,
    );
  }
}
