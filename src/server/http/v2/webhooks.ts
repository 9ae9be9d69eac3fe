import type { webhookRoutes } from '../../../protocol/rest/webhooks';
import { addWebhook, listWebhooks, removeWebhook } from '../../webhooks/subscriptions';
import type { World } from '../../world';
import type { Handlers } from './door';

export function webhookHandlers(
  world: World,
  options: { allowPrivateNetwork: boolean; publicKey: string },
): Pick<Handlers, keyof typeof webhookRoutes> {
  return {
    listWebhooks: async () => ({ webhooks: await listWebhooks(world) }),
    async createWebhook({ body }) {
      return { ...(await addWebhook(world, options.allowPrivateNetwork, body)), public_key: options.publicKey };
    },
    async deleteWebhook({ param }) {
      await removeWebhook(world, param('webhook_id'));
      return undefined;
    },
    getPublicKey: async () => ({ public_key: options.publicKey }),
  };
}
