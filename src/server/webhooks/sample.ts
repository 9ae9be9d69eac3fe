import type { Message } from '../../protocol/message';
import type { WebhookTest } from '../../protocol/rest/webhooks';
import type { WebhookBody } from '../../protocol/webhook';
import { isoTime, type World } from '../world';
import type { Post } from './post';
import { secretsGoodAt } from './sign';
import { getWebhook } from './subscriptions';

/**
 * Sends a message that nobody wrote: `test: true`, by the system, of a conversation that there is not. Signed as all are,
 * outside of every lane, also when the webhook is off; once, and nothing is kept of it.
 *
 * @throws GuichetError WEBHOOK_NOT_FOUND
 */
export async function testWebhook(
  world: World,
  post: Post,
  webhookId: string,
): Promise<import('valibot').InferOutput<typeof WebhookTest>> {
  const webhook = await getWebhook(world, webhookId);
  const id = world.newId();
  const started = performance.now();
  const { kind, status, error } = await post({
    id,
    url: webhook.url,
    body: JSON.stringify(sampleOf(world)),
    secrets: secretsGoodAt(webhook.secrets_json, world.now()),
    attempts: 0,
  });
  return {
    delivered: kind === 'delivered',
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error }),
    duration_ms: Math.round(performance.now() - started),
    delivery_id: id,
  };
}

function sampleOf(world: World): WebhookBody {
  const time = isoTime(world.now());
  const message: Message = {
    id: 'test',
    app_id: world.appId,
    channel_id: 'test',
    conversation_id: 'test',
    interaction_id: 'test',
    user_id: 'test',
    actor_type: 'system',
    actor_id: 'system',
    message_type: 'normal',
    message_source: 'system',
    created_time: time,
    message_parts: [{ text: { content: 'A test of this webhook. Nobody wrote it, and nobody waits for an answer.' } }],
    reply_parts: [],
    seq: 0,
  };
  return {
    actor: { actor_type: 'system', actor_id: 'system' },
    action: 'message_create',
    action_time: time,
    data: { message },
    event_id: world.newId(),
    test: true,
  };
}
