import { GuichetError } from '../../../protocol/errors';
import type { conversationRoutes, MessagePost } from '../../../protocol/rest/conversations';
import { botOfToken, getActiveAgent } from '../../access/agents';
import { getSite } from '../../access/sites';
import { type ApiToken, requireScope } from '../../access/tokens';
import { channelFor } from '../../conversations/channels';
import {
  createConversation,
  getConversation,
  markRead,
  updateConversation,
  wakeUp,
} from '../../conversations/conversations';
import { lintMessages, type Place } from '../../conversations/lint';
import { fieldsOf, lastMessagesOf, listConversations, unreadOf } from '../../conversations/list';
import { addMessage, type ConversationRow } from '../../conversations/messages';
import { getUser } from '../../conversations/users';
import type { World } from '../../world';
import { offsetOf, pagesOf } from '../pages';
import { actorOf } from './actor';
import type { Handlers } from './door';
import { conversationOf, messagesBefore } from './resources';

export function conversationHandlers(world: World): Pick<Handlers, keyof typeof conversationRoutes> {
  const { store } = world;
  return {
    async createConversation({ token, body }) {
      if (body.messages.length > 0) requireScope(token, 'messages:write');
      const user = await getUser(world, body.users[0]?.id as string);
      const channel = await channelFor(world, body.channel_id, user);
      await lint(world, channel.site_id, body.messages, (index) => ['messages', index]);
      return store.transaction(async () => {
        let row = await createConversation(world, {
          siteId: channel.site_id,
          channelId: channel.id,
          userId: user.id,
          actor: await actorOf(world, token),
          properties: body.properties,
        });
        const messages = [];
        for (const message of body.messages) messages.push(await post(world, token, row, message));
        if (body.status !== 'new')
          row = await updateConversation(world, row.id, await actorOf(world, token), { status: body.status });
        return { ...conversationOf(world, await getConversation(world, row.id)), messages };
      });
    },
    async listConversations({ context, token, query }) {
      const page = { limit: query.items_per_page, offset: offsetOf(query) };
      const { rows, total } = await listConversations(world, query, page);
      const ids = rows.map(({ id }) => id);
      const unread = await unreadOf(world, ids);
      const last = token.scopes.includes('messages:read') ? await lastMessagesOf(world, ids) : undefined;
      const conversations = rows.map((row) => {
        const message = last?.get(row.id);
        return {
          ...conversationOf(world, row),
          unread: unread.get(row.id) ?? 0,
          ...(message ? { last_message: message } : {}),
        };
      });
      return { conversations, ...pagesOf(context, query, total) };
    },
    listConversationFields: () => fieldsOf(world),
    getConversation: async ({ param }) => conversationOf(world, await getConversation(world, param('conversation_id'))),
    updateConversation: async ({ token, param, body }) =>
      conversationOf(
        world,
        await updateConversation(world, param('conversation_id'), await actorOf(world, token), body),
      ),
    async listMessages({ context, param, query }) {
      const conversation = await getConversation(world, param('conversation_id'));
      const messages = await messagesBefore(world, conversation.id, query);
      const following = messages[query.items_per_page];
      if (!following) return { messages };
      const next = new URLSearchParams({
        page: '1',
        items_per_page: String(query.items_per_page),
        from_time: following.created_time,
      });
      return {
        messages: messages.slice(0, query.items_per_page),
        link: { href: `${context.req.path}?${next}`, rel: 'next_page', type: 'GET' },
      };
    },
    // In one transaction, so that a resolution can't come between the look at the status and the message.
    postMessage: ({ token, param, body }) =>
      store.transaction(async () => {
        const conversation = await getConversation(world, param('conversation_id'));
        await lint(world, conversation.site_id, [body]);
        return post(world, token, conversation, body);
      }),
    async setTyping({ token, param, body }) {
      const conversation = await getConversation(world, param('conversation_id'));
      const actorId = body.actor_id ?? token.agent_id;
      const name = actorId ? (await getActiveAgent(world, actorId)).name : undefined;
      world.hub.publish({
        type: 'typing',
        userId: conversation.user_id,
        conversationId: conversation.id,
        name,
        on: body.on,
      });
      return {};
    },
    async markRead({ token, param, body }) {
      await markRead(
        world,
        await getConversation(world, param('conversation_id')),
        'business',
        await actorOf(world, token),
        body.up_to,
      );
      return {};
    },
  };
}

async function lint(
  world: World,
  siteId: string,
  messages: readonly MessagePost[],
  placeOf?: (index: number) => Place,
) {
  const { settings } = await getSite(world, siteId);
  const placed = messages.map((message, index) => ({ message, at: placeOf?.(index) ?? [] }));
  lintMessages(placed, { site: settings, origin: world.origin });
}

/** A message through the API: whoever it is by has to exist. */
async function post(world: World, token: ApiToken, conversation: ConversationRow, body: MessagePost) {
  if (body.actor_type === 'user') {
    requireScope(token, 'messages:write_as_user');
    if (body.actor_id && body.actor_id !== conversation.user_id) {
      throw new GuichetError(
        'INVALID_VALUE',
        `actor_id: expected the conversation's user ${conversation.user_id}, got ${body.actor_id}.`,
      );
    }
    if (body.message_type === 'private')
      throw new GuichetError('INVALID_VALUE', 'message_type: a user has no private messages.');
  }
  const author =
    body.actor_type === 'user' ? { id: conversation.user_id, name: undefined } : await authorOf(world, token, body);
  const actor = { actor_type: body.actor_type, actor_id: author.id };
  return addMessage(world, conversation, {
    actor,
    actorName: author.name,
    source: 'api',
    type: body.message_type,
    parts: body.message_parts,
    replyParts: body.reply_parts,
    clientId: body.client_id,
    whenNew: async () => {
      if (body.message_type !== 'private') await wakeUp(world, conversation, actor);
    },
  });
}

async function authorOf(
  world: World,
  token: ApiToken,
  body: MessagePost,
): Promise<{ id: string; name: string | undefined }> {
  const isNameless = !body.actor_id && !token.agent_id && body.actor_type === 'bot';
  const id = isNameless ? (await botOfToken(world, token.id)).id : body.actor_id || token.agent_id;
  if (!id && body.actor_type === 'system') return { id: 'system', name: undefined };
  if (!id) {
    throw new GuichetError(
      'INVALID_VALUE',
      `actor_id: an ${body.actor_type}'s message needs its id, since no actor is bound to this token (guichet token create --agent-id).`,
    );
  }
  const agent = await getActiveAgent(world, id);
  if (body.actor_type !== 'system' && agent.actor_type !== body.actor_type) {
    throw new GuichetError(
      'INVALID_VALUE',
      `actor_type: expected ${agent.actor_type}, which ${id} is, got ${body.actor_type}.`,
    );
  }
  return agent;
}
