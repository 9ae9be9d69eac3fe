import * as v from 'valibot';
import { HttpUrl, Id, Time } from '../parts';
import { WebhookAction } from '../webhook';
import type { Route } from './route';

export const WebhookPost = v.object({
  url: HttpUrl,
  events: v.optional(v.pipe(v.array(WebhookAction), v.minLength(1))),
});

export const Webhook = v.object({
  id: Id,
  url: v.string(),
  events: v.array(WebhookAction),
  created_time: Time,
  enabled: v.boolean(),
});

export const webhookRoutes = {
  listWebhooks: {
    method: 'get',
    path: '/webhooks',
    scope: 'webhooks:manage',
    summary: 'List webhooks',
    status: 200,
    answer: v.object({ webhooks: v.array(Webhook) }),
  },
  createWebhook: {
    method: 'post',
    path: '/webhooks',
    scope: 'webhooks:manage',
    summary: 'Subscribe a URL; the secret is shown once',
    body: WebhookPost,
    status: 201,
    answer: v.object({ webhook: Webhook, secret: v.string(), public_key: v.string() }),
    shownOnce: true,
  },
  deleteWebhook: {
    method: 'delete',
    path: '/webhooks/{webhook_id}',
    scope: 'webhooks:manage',
    summary: 'Remove a webhook',
    status: 204,
    answer: null,
  },
  getPublicKey: {
    method: 'get',
    path: '/webhooks/public-key',
    scope: 'account:read',
    summary: 'The key that checks X-Freshchat-Signature',
    status: 200,
    answer: v.object({ public_key: v.string() }),
  },
} as const satisfies Record<string, Route>;
