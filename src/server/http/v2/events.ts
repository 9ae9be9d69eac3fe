import type { Event } from '../../../protocol/event';
import type { AccountEvent, eventRoutes } from '../../../protocol/rest/events';
import { type ApiToken, authenticate } from '../../access/tokens';
import { type AccountEntry, latestCursor, nextEvent, readAccountLog } from '../../conversations/accountLog';
import { getConversation } from '../../conversations/conversations';
import { readLog } from '../../conversations/log';
import { isoTime, type World } from '../../world';
import type { Handlers } from './door';

export function eventHandlers(world: World): Pick<Handlers, keyof typeof eventRoutes> {
  return {
    async listConversationEvents({ token, param, query }) {
      const { id, seq } = await getConversation(world, param('conversation_id'));
      const events = await readLog(world, id, query);
      return { events: events.map((event) => asSeenBy(token, event)), seq };
    },
    async listEvents({ context, token, query }) {
      const after = query.after === 'latest' ? await latestCursor(world) : query.after || undefined;
      const deadline = Date.now() + query.wait * 1_000;
      for (;;) {
        const next = nextEvent(world, deadline - Date.now(), context.req.raw.signal);
        const page = await readAccountLog(world, { after, limit: query.limit }).catch((error) => {
          next.stop();
          throw error;
        });
        if (page.entries.length > 0 || query.wait === 0 || !(await next.arrived)) {
          next.stop();
          return {
            events: page.entries.map((entry) => accountEventOf(entry, token)),
            cursor: page.cursor,
            has_more: page.hasMore,
          };
        }
        // A token that was revoked while it waited reads nothing more.
        await authenticate(world, context.req.header('authorization'));
      }
    },
  };
}

/** As a token may see it: the raw result of a web view only with its scope. */
export function accountEventOf({ event, conversation: row }: AccountEntry, token: ApiToken): AccountEvent {
  return {
    ...asSeenBy(token, event),
    conversation: {
      id: row.id,
      status: row.status,
      channel_id: row.channel_id,
      user_id: row.user_id,
      ...(row.agent_id ? { assigned_agent_id: row.agent_id } : {}),
      ...(row.group_id ? { assigned_group_id: row.group_id } : {}),
      updated_time: isoTime(row.updated),
    },
  };
}

function asSeenBy(token: ApiToken, event: Event): Event {
  if (event.type !== 'web_view_submit' || token.scopes.includes('web_views:results')) return event;
  const { result: _, ...data } = event.data;
  return { ...event, data };
}
