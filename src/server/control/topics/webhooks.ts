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
import { seconds, type Topic, UsageError, WithId } from '../words';

/** What a command takes, and the id that it is for. */
const withId = <const E extends v.ObjectEntries>({ entries }: v.ObjectSchema<E, undefined>) =>
  v.object({ ...entries, ...WithId.entries });

export const webhookTopic: Topic = {
  usage: `guichet webhook add URL [--event NAME …]
guichet webhook list
guichet webhook show ID
guichet webhook set ID [--url URL] [--event NAME …] [--on | --off]
guichet webhook rotate ID [--overlap 24h]
guichet webhook test ID
guichet webhook log ID [--state waiting|delivered|dead] [--event NAME] [--from TIME] [--to TIME] [--cursor CURSOR]
guichet webhook delivery ID
guichet webhook replay ID [--from TIME --to TIME [--state dead|delivered|waiting]]
                          a webhook's time range, or a single delivery
guichet webhook remove ID`,
  phrases: {
    'webhook add': {
      id: 'a URL',
      takes: ['event'],
      input: (url, flags) => ({ url, ...(flags.event ? { events: flags.event } : {}) }),
    },
    'webhook list': { takes: [], input: () => ({}) },
    'webhook show': { id: 'a webhook id', takes: [], input: (id) => ({ id }) },
    'webhook set': {
      id: 'a webhook id',
      takes: ['url', 'event', 'on', 'off'],
      input: (id, flags) => {
        if (flags.on && flags.off) throw new UsageError('--on and --off exclude each other.');
        return {
          id,
          ...(flags.url ? { url: flags.url } : {}),
          ...(flags.event ? { events: flags.event } : {}),
          ...(flags.on || flags.off ? { enabled: flags.on === true } : {}),
        };
      },
    },
    'webhook rotate': {
      id: 'a webhook id',
      takes: ['overlap'],
      input: (id, flags) => ({
        id,
        ...(flags.overlap ? { overlap_seconds: seconds(flags.overlap, '--overlap') } : {}),
      }),
    },
    'webhook test': { id: 'a webhook id', takes: [], input: (id) => ({ id }) },
    'webhook log': {
      id: 'a webhook id',
      takes: ['state', 'event', 'from', 'to', 'cursor'],
      input: (id, { state, event, from, to, cursor }) => {
        if (event && event.length > 1) throw new UsageError('"webhook log" takes one --event.');
        const action = event?.[0];
        return Object.fromEntries(
          Object.entries({ id, state, action, from, to, cursor }).filter(([, value]) => value !== undefined),
        );
      },
    },
    'webhook delivery': { id: 'a delivery id', takes: [], input: (id) => ({ id }) },
    'webhook replay': {
      id: 'a webhook id or a delivery id',
      takes: ['from', 'to', 'state'],
      input: (id, { from, to, state }) => {
        if (!from !== !to || (state && !from))
          throw new UsageError('A time range has --from and --to; without them a single delivery is replayed.');
        return { id, ...(from ? { range: { from, to, ...(state ? { state } : {}) } } : {}) };
      },
    },
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
  }),
};
