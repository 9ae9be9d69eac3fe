import type { Selectable } from 'kysely';
import type { Actor, Event } from '../../protocol/event';
import { type WebhookAction, type WebhookBody, webhookActions } from '../../protocol/webhook';
import type { Tables } from '../store/tables';
import { behind } from '../webhooks/lanes';
import { isoTime, type World } from '../world';

type ConversationRow = Selectable<Tables['conversations']>;

/**
 * Writes the webhook deliveries that an event causes, one for each subscription that asked for it, in the event's own
 * transaction. Returns how many.
 */
export async function outboxOf(world: World, event: Event, conversation: ConversationRow): Promise<number> {
  if (!webhookActions.includes(event.type as WebhookAction)) return 0;
  return enqueue(world, event.conversation_id, webhookBodyOf(world, event, conversation));
}

/** What a webhook tells of an event; which one it told of before is not in it. */
export const webhookBodyOf = (world: World, event: Event, conversation: ConversationRow): WebhookBody => ({
  actor: event.actor,
  action: event.type as WebhookAction,
  action_time: event.time,
  data: webhookData(world, event, conversation),
  conversation_id: event.conversation_id,
  seq: event.seq,
  event_id: event.id,
});

/** What concerns no conversation: a user was changed. In order for each user. */
export async function announceUser(
  world: World,
  actor: Actor,
  user: NonNullable<WebhookBody['data']['user']>,
): Promise<void> {
  const caused = await enqueue(world, `user:${user.id}`, {
    actor,
    action: 'user_update',
    action_time: isoTime(world.now()),
    data: { user },
    event_id: world.newId(),
  });
  if (caused > 0) world.store.afterCommit(() => world.hub.publish({ type: 'deliveries' }));
}

/**
 * One delivery for each webhook that asked for it, also for one that is off: it goes on where it stopped.
 *
 * @param lane deliveries of one webhook and one lane go out in order
 */
async function enqueue(world: World, lane: string, body: WebhookBody): Promise<number> {
  const { db } = world.store;
  const webhooks = await db.selectFrom('webhooks').select(['id', 'events_json']).execute();
  const wanted = webhooks.filter((each) => (JSON.parse(each.events_json) as string[]).includes(body.action));
  for (const webhook of wanted) {
    const before = await db
      .selectFrom('deliveries')
      .select(['event_id', 'state', 'replayed'])
      .where('webhook_id', '=', webhook.id)
      .where('lane', '=', lane)
      .orderBy('position', 'desc')
      .limit(1)
      .executeTakeFirst();
    await db
      .insertInto('deliveries')
      .values({
        id: world.newId(),
        webhook_id: webhook.id,
        lane,
        event_id: body.event_id,
        action: body.action,
        body: JSON.stringify(before ? { ...body, previous_event_id: before.event_id } : body),
        state: 'waiting',
        attempts: 0,
        next: before?.state === 'waiting' && before.replayed === 0 ? behind : world.now(),
        created: world.now(),
        done: null,
      })
      .execute();
  }
  return wanted.length;
}

function webhookData(world: World, event: Event, row: ConversationRow): WebhookBody['data'] {
  const conversation = webhookConversation(row, world.appId);
  const { actor_type, actor_id } = event.actor;
  const webView = <T extends { web_view: object }>(data: T) => ({
    ...data,
    web_view: { ...data.web_view, conversation_id: row.id, user_id: row.user_id } as NonNullable<
      WebhookBody['data']['web_view']
    >,
  });
  switch (event.type) {
    case 'message_create':
      return { message: event.data.message };
    case 'conversation_create':
      return { conversation };
    case 'conversation_assignment':
      return {
        assignment: {
          assignor: actor_type,
          assignor_id: actor_id,
          ...event.data,
          conversation,
          interaction_id: row.id,
        },
      };
    case 'conversation_resolution':
      return {
        resolve: {
          resolver: actor_type,
          resolver_id: actor_id,
          conversation,
          interaction_id: row.id,
          user: { id: row.user_id },
        },
      };
    case 'conversation_reopen':
      return {
        reopen: {
          reopener: actor_type,
          reopener_id: actor_id,
          conversation,
          interaction_id: row.id,
          users: [{ id: row.user_id }],
        },
      };
    case 'message_read':
      return { read: { up_to: event.data.up_to, conversation } };
    case 'web_view_open':
    case 'web_view_submit':
    case 'web_view_close':
      return webView(event.data);
    default:
      return {};
  }
}

function webhookConversation(row: ConversationRow, appId: string): NonNullable<WebhookBody['data']['conversation']> {
  return {
    conversation_id: row.id,
    app_id: appId,
    status: row.status,
    channel_id: row.channel_id,
    user_id: row.user_id,
    ...(row.agent_id ? { assigned_agent_id: row.agent_id } : {}),
    ...(row.group_id ? { assigned_group_id: row.group_id } : {}),
  };
}
