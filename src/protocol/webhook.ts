import * as v from 'valibot';
import { Actor, BusinessStatus, ResultSource, WebViewRef } from './event';
import { Message } from './message';
import { Id, Time } from './parts';
import { CloseReason } from './webview';

/** Names that a subscription may ask for. */
export const webhookActions = [
  'message_create',
  'conversation_assignment',
  'conversation_resolution',
  'conversation_reopen',
  'conversation_create',
  'web_view_open',
  'web_view_submit',
  'web_view_close',
  'message_read',
  'user_update',
] as const;
export const WebhookAction = v.picklist(webhookActions);
export type WebhookAction = v.InferOutput<typeof WebhookAction>;

/** What a subscription that names no events gets: the four of v2 and the three of web views. */
export const defaultActions: readonly WebhookAction[] = [
  'message_create',
  'conversation_assignment',
  'conversation_resolution',
  'conversation_reopen',
  'web_view_open',
  'web_view_submit',
  'web_view_close',
];

/** A conversation as webhooks carry it; the names are v2's. */
export const WebhookConversation = v.object({
  conversation_id: Id,
  app_id: Id,
  status: BusinessStatus,
  channel_id: Id,
  assigned_agent_id: v.optional(Id),
  assigned_group_id: v.optional(Id),
  user_id: Id,
});

const WebViewOf = v.object({ ...WebViewRef.entries, conversation_id: Id, user_id: Id });

/** The body of a webhook: v2's four fields, then ours, by which a receiver sorts and drops duplicates. */
export const WebhookBody = v.object({
  actor: Actor,
  action: WebhookAction,
  action_time: Time,
  data: v.object({
    message: v.optional(Message),
    conversation: v.optional(WebhookConversation),
    assignment: v.optional(
      v.looseObject({ to_agent_id: v.string(), to_group_id: v.string(), conversation: WebhookConversation }),
    ),
    resolve: v.optional(
      v.looseObject({ resolver: v.string(), resolver_id: v.string(), conversation: WebhookConversation }),
    ),
    reopen: v.optional(
      v.looseObject({ reopener: v.string(), reopener_id: v.string(), conversation: WebhookConversation }),
    ),
    web_view: v.optional(WebViewOf),
    resumed: v.optional(v.boolean()),
    summary: v.optional(v.string()),
    result: v.optional(v.unknown()),
    source: v.optional(ResultSource),
    reason: v.optional(CloseReason),
    submitted: v.optional(v.boolean()),
    duration_ms: v.optional(v.number()),
    read: v.optional(v.object({ up_to: v.number(), conversation: WebhookConversation })),
    user: v.optional(v.looseObject({ id: Id })),
  }),
  conversation_id: v.optional(Id),
  seq: v.optional(v.number()),
  event_id: Id,
  /** The event before it in this conversation that this subscription was sent. */
  previous_event_id: v.optional(Id),
  /** Asked for by `POST /v2/webhooks/{id}/test`: a sample that tells of nothing. */
  test: v.optional(v.literal(true)),
});
export type WebhookBody = v.InferOutput<typeof WebhookBody>;

/** Value of `X-Freshchat-Payload-Version`. */
export const payloadVersion = '2';

/**
 * Seconds from one attempt to the next, before jitter of ±10 %; after the last one the delivery is kept as a dead letter. The
 * first ones are short: a bot that restarts must not keep a customer waiting. The whole takes about 52 hours.
 */
export const retrySchedule = [2, 10, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000] as const;
