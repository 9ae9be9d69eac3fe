import * as v from 'valibot';
import { limits } from '../limits';
import { HttpUrl, Id, Time } from '../parts';
import { defaultActions, WebhookAction, WebhookBody } from '../webhook';
import { maybe, Rotation, type Route, wholeNumber } from './route';

const Actions = v.pipe(v.array(WebhookAction), v.minLength(1), v.maxLength(100));

export const WebhookPost = v.object({
  url: HttpUrl,
  /** Absent: the four of v2 and the three of web views. */
  events: v.optional(Actions),
});
/** What is absent stays. */
export const WebhookPatch = v.object({
  url: maybe(HttpUrl),
  events: maybe(Actions),
  /** `false` holds everything back; `true` goes on where it stopped. */
  enabled: maybe(v.boolean()),
});

export const Webhook = v.object({
  id: Id,
  url: v.string(),
  events: v.array(WebhookAction),
  created_time: Time,
  enabled: v.boolean(),
  /** Until when the secret before the last rotation signs as well. */
  previous_secret_until_time: v.optional(Time),
});

export const deliveryStates = ['waiting', 'delivered', 'dead'] as const;
const State = v.picklist(deliveryStates);
const Moment = v.pipe(
  v.string(),
  v.check((given) => !Number.isNaN(Date.parse(given)), 'an ISO 8601 time'),
);

/** What is to be told to one webhook, or was. */
export const Delivery = v.object({
  /** The `webhook-id` that it is sent under, each time the same. */
  id: Id,
  webhook_id: Id,
  event_id: Id,
  action: WebhookAction,
  conversation_id: v.optional(Id),
  state: State,
  /** Attempts so far. */
  attempts: v.number(),
  /** HTTP status of the last attempt, and why there is none. */
  last_status: v.optional(v.number()),
  last_error: v.optional(v.string()),
  created_time: Time,
  /** When it is tried next. */
  next_time: v.optional(Time),
  /** When it was taken or given up. */
  done_time: v.optional(Time),
  replayed_time: v.optional(Time),
});
export type Delivery = v.InferOutput<typeof Delivery>;

export const DeliveryAttempt = v.object({
  attempt: v.number(),
  time: Time,
  status: v.optional(v.number()),
  error: v.optional(v.string()),
  duration_ms: v.number(),
});
export const DeliveryDetail = v.object({
  ...Delivery.entries,
  body: WebhookBody,
  history: v.array(DeliveryAttempt),
});

const DeliveriesQuery = v.object({
  state: v.optional(State),
  action: v.optional(WebhookAction),
  /** From this time of the event on. */
  from: v.optional(Moment),
  /** Before this time of the event. */
  to: v.optional(Moment),
  /** From the `link` of the page before. */
  cursor: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}-\d{1,15}$/, 'the cursor of a link'))),
  items_per_page: wholeNumber(1, limits.pageSizeMax, limits.pageSize),
});

export const ReplayPost = v.object({
  from: Moment,
  to: Moment,
  /** Which: dead letters, what was taken before, or what waits for its next attempt (which is then made at once). */
  state: v.optional(State, 'dead'),
});

export const ListenPost = v.object({
  /** The `cursor` of the answer before, or of `GET /v2/events`; absent or `latest`: what is new from now on. */
  after: v.optional(v.pipe(v.string(), v.maxLength(200)), 'latest'),
  events: v.optional(Actions, [...defaultActions]),
  /** Seconds to wait for something new when there is nothing yet. */
  wait: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.eventsWait)), 0),
});

/** What a test delivery came to. */
export const WebhookTest = v.object({
  delivered: v.boolean(),
  status: v.optional(v.number()),
  error: v.optional(v.string()),
  duration_ms: v.number(),
  /** The `webhook-id` that it had. */
  delivery_id: Id,
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
  getWebhook: {
    method: 'get',
    path: '/webhooks/{webhook_id}',
    scope: 'webhooks:manage',
    summary: 'Read a webhook, and how many deliveries wait or are dead',
    status: 200,
    answer: v.object({ ...Webhook.entries, waiting: v.number(), dead: v.number() }),
  },
  updateWebhook: {
    method: 'patch',
    path: '/webhooks/{webhook_id}',
    scope: 'webhooks:manage',
    summary: 'Change URL or events, switch off, or on again: it goes on where it stopped',
    body: WebhookPatch,
    status: 200,
    answer: Webhook,
  },
  deleteWebhook: {
    method: 'delete',
    path: '/webhooks/{webhook_id}',
    scope: 'webhooks:manage',
    summary: 'Remove a webhook with its deliveries',
    status: 204,
    answer: null,
  },
  rotateWebhookSecret: {
    method: 'post',
    path: '/webhooks/{webhook_id}/rotate-secret',
    scope: 'webhooks:manage',
    summary: 'Make a new secret, shown once; both sign for a while',
    body: Rotation,
    status: 200,
    answer: v.object({ webhook: Webhook, secret: v.string() }),
    shownOnce: true,
  },
  testWebhook: {
    method: 'post',
    path: '/webhooks/{webhook_id}/test',
    scope: 'webhooks:manage',
    summary: 'Send a sample that is marked as a test, once, and tell what it came to',
    body: v.object({}),
    status: 200,
    answer: WebhookTest,
    storesNothing: true,
  },
  listenWebhooks: {
    method: 'post',
    path: '/webhooks/listen',
    scope: 'webhooks:manage',
    summary: 'What a webhook would be told, for one who can not be reached by it (also needs `events:read`)',
    body: ListenPost,
    status: 200,
    answer: v.object({
      deliveries: v.array(
        v.object({
          /** As they are sent, but for `webhook-signature`: that is by a secret of the listener's own. */
          headers: v.record(v.string(), v.string()),
          /** The bytes that are signed. */
          body: v.string(),
        }),
      ),
      cursor: v.string(),
    }),
    storesNothing: true,
  },
  listDeliveries: {
    method: 'get',
    path: '/webhooks/{webhook_id}/deliveries',
    scope: 'webhooks:manage',
    summary: 'The delivery log, newest first; dead letters are `state=dead`',
    query: DeliveriesQuery,
    status: 200,
    answer: v.object({
      deliveries: v.array(Delivery),
      /** The next page; absent on the last. */
      link: v.optional(v.object({ href: v.string(), rel: v.string(), type: v.string() })),
    }),
  },
  replayDeliveries: {
    method: 'post',
    path: '/webhooks/{webhook_id}/replay',
    scope: 'webhooks:manage',
    summary: 'Send all of a time range again, in their order',
    body: ReplayPost,
    status: 202,
    answer: v.object({
      replayed: v.number(),
      /** There are more: ask again with this as `from`. */
      continue_from: v.optional(Time),
    }),
  },
  getDelivery: {
    method: 'get',
    path: '/deliveries/{delivery_id}',
    scope: 'webhooks:manage',
    summary: 'Read a delivery: its body and every attempt',
    status: 200,
    answer: DeliveryDetail,
  },
  replayDelivery: {
    method: 'post',
    path: '/deliveries/{delivery_id}/replay',
    scope: 'webhooks:manage',
    summary: 'Send a delivery again, under the same ids',
    body: v.object({}),
    status: 202,
    answer: Delivery,
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
