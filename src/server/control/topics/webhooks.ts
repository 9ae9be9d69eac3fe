import { parse } from '../../../protocol/parse';
import { WebhookPost } from '../../../protocol/rest/webhooks';
import { addWebhook, listWebhooks, removeWebhook } from '../../webhooks/subscriptions';
import { type Topic, WithId } from '../words';

export const webhookTopic: Topic = {
  usage: `guichet webhook add URL [--event NAME …]
guichet webhook list
guichet webhook remove ID`,
  phrases: {
    'webhook add': {
      id: 'a URL',
      takes: ['event'],
      input: (url, flags) => ({ url, ...(flags.event ? { events: flags.event } : {}) }),
    },
    'webhook list': { takes: [], input: () => ({}) },
    'webhook remove': { id: 'a webhook id', takes: [], input: (id) => ({ id }) },
  },
  commands: (world, options) => ({
    async 'webhook add'(input) {
      const added = await addWebhook(world, options.allowPrivateNetwork, parse(WebhookPost, input, 'webhook add'));
      return { ...added, public_key: options.publicKey };
    },
    async 'webhook list'() {
      return { webhooks: await listWebhooks(world) };
    },
    async 'webhook remove'(input) {
      const { id } = parse(WithId, input, 'webhook remove');
      await removeWebhook(world, id);
      return { removed: id };
    },
  }),
};
