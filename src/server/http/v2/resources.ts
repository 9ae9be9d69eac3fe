import type { Message } from '../../../protocol/message';
import type { Conversation } from '../../../protocol/rest/conversations';
import type { WebView } from '../../../protocol/rest/webViews';
import type { ApiToken } from '../../access/tokens';
import type { ConversationRow } from '../../conversations/messages';
import { optionsOf, refOf, type WebViewRow } from '../../conversations/webViews';
import { isoTime, type World } from '../../world';
import { offsetOf } from '../pages';

/** Rows → the shapes of `/v2`. */
export function conversationOf(world: World, row: ConversationRow): Conversation {
  return {
    conversation_id: row.id,
    app_id: world.appId,
    status: row.status,
    channel_id: row.channel_id,
    ...(row.agent_id ? { assigned_agent_id: row.agent_id } : {}),
    ...(row.group_id ? { assigned_group_id: row.group_id } : {}),
    user_id: row.user_id,
    users: [{ id: row.user_id }],
    agents: row.agent_id ? [{ id: row.agent_id }] : [],
    messages: [],
    ...(row.properties_json === '{}' ? {} : { properties: JSON.parse(row.properties_json) }),
    created_time: isoTime(row.created),
    updated_time: isoTime(row.updated),
    seq: row.seq,
    customer_read: row.customer_read,
    business_read: row.business_read,
  };
}

/** One more than a page, newest first, so that the caller sees whether there is another. */
export async function messagesBefore(
  world: World,
  conversationId: string,
  query: { page: number; items_per_page: number; from_time?: number | undefined },
): Promise<Message[]> {
  let select = world.store.db
    .selectFrom('messages')
    .innerJoin('events', (join) =>
      join.onRef('events.conversation_id', '=', 'messages.conversation_id').onRef('events.seq', '=', 'messages.seq'),
    )
    .select('events.data_json')
    .where('messages.conversation_id', '=', conversationId);
  if (query.from_time !== undefined) select = select.where('messages.time', '<=', query.from_time);
  const rows = await select
    .orderBy('messages.seq', 'desc')
    .limit(query.items_per_page + 1)
    .offset(offsetOf(query))
    .execute();
  return rows.map((row) => (JSON.parse(row.data_json) as { message: Message }).message);
}

export const tokenOf = (row: ApiToken) => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  scopes: row.scopes,
  ...(row.agent_id ? { agent_id: row.agent_id } : {}),
  created_time: isoTime(row.created),
  ...(row.used !== null ? { last_used_time: isoTime(row.used) } : {}),
  ...(row.previous_until !== null ? { previous_until_time: isoTime(row.previous_until) } : {}),
  ...(row.revoked !== null ? { revoked_time: isoTime(row.revoked) } : {}),
});

/** The raw result only for a token that may read it. */
export function webViewOf(view: WebViewRow, userId: string, token: ApiToken): WebView {
  const { mount = 'widget', strict = false, permissions = [] } = optionsOf(view);
  return {
    ...refOf(view),
    conversation_id: view.conversation_id,
    user_id: userId,
    size: view.size,
    mount,
    strict,
    permissions,
    ...(view.data_json ? { data: JSON.parse(view.data_json) } : {}),
    state: view.state,
    opened_time: isoTime(view.opened),
    expires_time: isoTime(view.expires),
    ...(view.closed !== null ? { closed_time: isoTime(view.closed) } : {}),
    ...(view.reason !== null ? { reason: view.reason as WebView['reason'] } : {}),
    submitted: view.submitted === 1,
    ...(view.summary !== null ? { summary: view.summary } : {}),
    ...(view.source !== null ? { source: view.source } : {}),
    ...(view.result_json !== null && token.scopes.includes('web_views:results')
      ? { result: JSON.parse(view.result_json) }
      : {}),
  };
}

export async function userIdOf(world: World, webViewId: string): Promise<string> {
  const row = await world.store.db
    .selectFrom('web_views')
    .innerJoin('conversations', 'conversations.id', 'web_views.conversation_id')
    .select('conversations.user_id')
    .where('web_views.id', '=', webViewId)
    .executeTakeFirstOrThrow();
  return row.user_id;
}
