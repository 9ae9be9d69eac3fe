import { GuichetError } from '../../protocol/errors';
import { defaultActions, type WebhookAction } from '../../protocol/webhook';
import { isoTime, type World } from '../world';
import { isLocalhost, isPublic } from './guard';
import { mintSecret } from './sign';

/**
 * Subscribes a URL. What its name resolves to is checked at each connection; what can be seen now is refused now.
 *
 * @throws GuichetError INVALID_VALUE
 */
export async function addWebhook(
  world: World,
  allowPrivate: boolean,
  wanted: { url: string; events?: readonly WebhookAction[] | undefined },
) {
  const url = new URL(wanted.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = /^[\d.]+$/.test(host) || host.includes(':');
  if (!allowPrivate) {
    if (isLocalhost(host) || (literal && !isPublic(host))) {
      throw new GuichetError(
        'INVALID_VALUE',
        `url: ${host} is a private or loopback address. The operator can allow those by GUICHET_ALLOW_PRIVATE_NETWORK=true.`,
      );
    }
    if (url.protocol !== 'https:') throw new GuichetError('INVALID_VALUE', 'url: a webhook has to be https, got http.');
  }
  const secret = mintSecret();
  const row = {
    id: world.newId(),
    url: wanted.url,
    events_json: JSON.stringify(wanted.events ?? defaultActions),
    secrets_json: JSON.stringify([secret]),
    enabled: 1,
    created: world.now(),
  };
  await world.store.db.insertInto('webhooks').values(row).execute();
  return { webhook: shown(row), secret };
}

export async function listWebhooks(world: World) {
  return (await world.store.db.selectFrom('webhooks').selectAll().orderBy('created').execute()).map(shown);
}

/** @throws GuichetError WEBHOOK_NOT_FOUND */
export async function removeWebhook(world: World, id: string): Promise<void> {
  const row = await world.store.db.deleteFrom('webhooks').where('id', '=', id).returning('id').executeTakeFirst();
  if (!row) throw new GuichetError('WEBHOOK_NOT_FOUND', `No webhook has the id ${id}.`);
}

const shown = (row: { id: string; url: string; events_json: string; enabled: number; created: number }) => ({
  id: row.id,
  url: row.url,
  events: JSON.parse(row.events_json) as WebhookAction[],
  created_time: isoTime(row.created),
  enabled: row.enabled === 1,
});
