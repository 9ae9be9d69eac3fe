import * as v from 'valibot';
import { parse } from '../../../protocol/parse';
import { Rotation } from '../../../protocol/rest/route';
import { WebhookPatch, WebhookPost, webhookRoutes } from '../../../protocol/rest/webhooks';
import { countDeliveries, listDeliveries, readDelivery, replayDelivery, replayRange } from '../../webhooks/deliveries';
import { testWebhook } from '../../webhooks/sample';
import {
  addWebhook,
  getWebhook,
  listWebhooks,
  removeWebhook,
  rotateSecret,
  updateWebhook,
  webhookOf,
} from '../../webhooks/subscriptions';
import type { CreateCommands } from '../words';
import { WithId } from './withId';

/** What a command takes, and the id that it is for. */
const withId = <const E extends v.ObjectEntries>({ entries }: v.ObjectSchema<E, undefined>) =>
  v.object({ ...entries, ...WithId.entries });

export const webhookCommands: CreateCommands = (world, options) => ({
  async 'webhook add'(input) {
    const added = await addWebhook(world, options.allowPrivateNetwork, parse(WebhookPost, input, 'webhook add'));
    return { ...added, public_key: options.publicKey };
  },
  async 'webhook list'() {
    return { webhooks: await listWebhooks(world) };
  },
  async 'webhook show'(input) {
    const row = await getWebhook(world, parse(WithId, input, 'webhook show').id);
    return { ...webhookOf(world, row), ...(await countDeliveries(world, row.id)) };
  },
  async 'webhook set'(input) {
    const { id, ...wanted } = parse(withId(WebhookPatch), input, 'webhook set');
    return updateWebhook(world, options.allowPrivateNetwork, id, wanted);
  },
  async 'webhook rotate'(input) {
    const { id, overlap_seconds } = parse(withId(Rotation), input, 'webhook rotate');
    return rotateSecret(world, id, overlap_seconds);
  },
  async 'webhook test'(input) {
    return testWebhook(world, options.post, parse(WithId, input, 'webhook test').id);
  },
  async 'webhook log'(input) {
    const { id, ...wanted } = parse(withId(webhookRoutes.listDeliveries.query), input, 'webhook log');
    await getWebhook(world, id);
    const { next, ...page } = await listDeliveries(world, id, wanted);
    return { ...page, ...(next ? { next_cursor: next } : {}) };
  },
  async 'webhook delivery'(input) {
    return readDelivery(world, parse(WithId, input, 'webhook delivery').id);
  },
  async 'webhook replay'(input) {
    const { id, range } = parse(
      v.object({ ...WithId.entries, range: v.optional(webhookRoutes.replayDeliveries.body) }),
      input,
      'webhook replay',
    );
    if (!range) return replayDelivery(world, id);
    await getWebhook(world, id);
    return replayRange(world, id, range);
  },
  async 'webhook remove'(input) {
    const { id } = parse(WithId, input, 'webhook remove');
    await removeWebhook(world, id);
    return { removed: id };
  },
});
