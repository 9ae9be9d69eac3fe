import type { webhookRoutes } from '../../../protocol/rest/webhooks';
import { authenticate, requireScope } from '../../access/tokens';
import { countDeliveries, listDeliveries, readDelivery, replayDelivery, replayRange } from '../../webhooks/deliveries';
import { listen } from '../../webhooks/listen';
import type { Post } from '../../webhooks/post';
import { testWebhook } from '../../webhooks/sample';
import type { createSigner } from '../../webhooks/sign';
import {
  addWebhook,
  getWebhook,
  listWebhooks,
  removeWebhook,
  rotateSecret,
  updateWebhook,
  webhookOf,
} from '../../webhooks/subscriptions';
import type { World } from '../../world';
import type { Handlers } from './door';

export function webhookHandlers(
  world: World,
  options: { allowPrivateNetwork: boolean; publicKey: string; post: Post; sign: ReturnType<typeof createSigner> },
): Pick<Handlers, keyof typeof webhookRoutes> {
  return {
    listWebhooks: async () => ({ webhooks: await listWebhooks(world) }),
    async createWebhook({ body }) {
      return { ...(await addWebhook(world, options.allowPrivateNetwork, body)), public_key: options.publicKey };
    },
    async getWebhook({ param }) {
      const row = await getWebhook(world, param('webhook_id'));
      return { ...webhookOf(world, row), ...(await countDeliveries(world, row.id)) };
    },
    updateWebhook: ({ param, body }) => updateWebhook(world, options.allowPrivateNetwork, param('webhook_id'), body),
    async deleteWebhook({ param }) {
      await removeWebhook(world, param('webhook_id'));
      return undefined;
    },
    rotateWebhookSecret: ({ param, body }) => rotateSecret(world, param('webhook_id'), body.overlap_seconds),
    testWebhook: ({ param }) => testWebhook(world, options.post, param('webhook_id')),
    async listenWebhooks({ context, token, body }) {
      requireScope(token, 'events:read');
      return listen(world, options.sign, {
        after: body.after,
        events: body.events,
        wait: body.wait * 1_000,
        signal: context.req.raw.signal,
        still: () => authenticate(world, context.req.header('authorization')),
      });
    },
    async listDeliveries({ context, param, query }) {
      const { id } = await getWebhook(world, param('webhook_id'));
      const { deliveries, next } = await listDeliveries(world, id, query);
      if (!next) return { deliveries };
      const more = new URLSearchParams({ ...context.req.query(), cursor: next });
      return { deliveries, link: { href: `${context.req.path}?${more}`, rel: 'next_page', type: 'GET' } };
    },
    async replayDeliveries({ param, body }) {
      const { id } = await getWebhook(world, param('webhook_id'));
      return replayRange(world, id, body);
    },
    getDelivery: ({ param }) => readDelivery(world, param('delivery_id')),
    replayDelivery: ({ param }) => replayDelivery(world, param('delivery_id')),
    getPublicKey: async () => ({ public_key: options.publicKey }),
  };
}
