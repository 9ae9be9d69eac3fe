import { sql } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Actor } from '../../protocol/event';
import { type MessagePart, urlButtonsOf } from '../../protocol/message';
import type { MessagePost } from '../../protocol/rest';
import { getSite } from '../access/sites';
import { type ApiToken, createToken, listTokens, requireScope, revokeToken } from '../access/tokens';
import { checkWebViewUrl } from '../access/webViewUrls';
import {
  createConversation,
  getConversation,
  listOwn,
  markRead,
  updateConversation,
} from '../conversations/conversations';
import { addMessage, type ConversationRow } from '../conversations/messages';
import { closeWebView, exchangeCode, getWebView, submit, updateWebView } from '../conversations/webViews';
import { addWebhook, listWebhooks, removeWebhook } from '../webhooks/subscriptions';
import type { World } from '../world';
import { offsetOf, pagesOf } from './pages';
import type { Handlers } from './v2';
import {
  agentOf,
  channelOf,
  conversationOf,
  messagesBefore,
  tokenOf,
  userIdOf,
  userOf,
  webViewOf,
} from './v2Resources';
import { createUser, getUser, updateUser } from './v2Users';

/** One handler a route: call the rule, reply. */
export function v2Handlers(world: World, options: { allowPrivateNetwork: boolean; publicKey: string }): Handlers {
  const { store } = world;
  const actor = (token: ApiToken): Promise<Actor> => actorOf(world, token);
  return {
    async createConversation({ token, body }) {
      if (body.messages.length > 0) requireScope(token, 'messages:write');
      const user = await getUser(world, body.users[0]?.id as string);
      const channel = await channelFor(world, body.channel_id, user.site_id);
      return store.transaction(async () => {
        let row = await createConversation(world, {
          siteId: channel.site_id,
          channelId: channel.id,
          userId: user.id,
          actor: await actor(token),
          properties: body.properties,
        });
        const messages = [];
        for (const message of body.messages) messages.push(await post(world, token, row, message));
        if (body.status !== 'new')
          row = await updateConversation(world, row.id, await actor(token), { status: body.status });
        return { ...conversationOf(world, await getConversation(world, row.id)), messages };
      });
    },
    getConversation: async ({ param }) => conversationOf(world, await getConversation(world, param('conversation_id'))),
    updateConversation: async ({ token, param, body }) =>
      conversationOf(world, await updateConversation(world, param('conversation_id'), await actor(token), body)),
    async listMessages({ context, param, query }) {
      const conversation = await getConversation(world, param('conversation_id'));
      const messages = await messagesBefore(world, conversation.id, query);
      const oldest = messages.at(query.items_per_page - 1);
      if (!oldest || messages.length <= query.items_per_page) return { messages };
      const next = new URLSearchParams({
        page: '1',
        items_per_page: String(query.items_per_page),
        from_time: oldest.created_time,
      });
      return {
        messages: messages.slice(0, query.items_per_page),
        link: { href: `${context.req.path}?${next}`, rel: 'next_page', type: 'GET' },
      };
    },
    // In one transaction, so that a resolution can't come between the look at the status and the message.
    postMessage: ({ token, param, body }) =>
      store.transaction(async () => post(world, token, await getConversation(world, param('conversation_id')), body)),
    async setTyping({ token, param, body }) {
      const conversation = await getConversation(world, param('conversation_id'));
      const name = await nameOf(world, body.actor_id ?? token.agent_id);
      if (body.actor_id && name === undefined)
        throw new GuichetError('AGENT_NOT_FOUND', `actor_id: no agent or bot has the id ${body.actor_id}.`);
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
        await actor(token),
        body.up_to,
      );
      return {};
    },
    createUser: async ({ body }) => userOf(await createUser(world, body)),
    async listUsers({ context, query }) {
      const filter = { email: query.email, reference_id: query.reference_id, phone: query.phone };
      const given = Object.entries(filter).filter(([, value]) => value !== undefined) as [
        'email' | 'reference_id' | 'phone',
        string,
      ][];
      const select = () =>
        store.db.selectFrom('users').where((eb) => eb.and(given.map(([column, value]) => eb(column, '=', value))));
      const { total } = await select().select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
      const rows = await select()
        .selectAll()
        .orderBy('created', 'desc')
        .orderBy('id')
        .limit(query.items_per_page)
        .offset(offsetOf(query))
        .execute();
      return { users: rows.map(userOf), ...pagesOf(context, query, total) };
    },
    async fetchUsers({ body }) {
      if (body.ids.length === 0) return { users: [] };
      const rows = await store.db.selectFrom('users').selectAll().where('id', 'in', body.ids).execute();
      return { users: rows.map(userOf) };
    },
    getUser: async ({ param }) => userOf(await getUser(world, param('user_id'))),
    async updateUser({ token, param, body }) {
      await updateUser(world, await actor(token), param('user_id'), body);
      return undefined;
    },
    async listUserConversations({ param }) {
      const user = await getUser(world, param('user_id'));
      return { conversations: (await listOwn(world, user.id)).map(({ id }) => ({ id })) };
    },
    async listAgents({ context, query }) {
      const { total } = await store.db
        .selectFrom('agents')
        .select(sql<number>`count(*)`.as('total'))
        .executeTakeFirstOrThrow();
      const rows = await store.db
        .selectFrom('agents')
        .selectAll()
        .orderBy('created')
        .orderBy('id')
        .limit(query.items_per_page)
        .offset(offsetOf(query))
        .execute();
      return { agents: rows.map(agentOf), ...pagesOf(context, query, total) };
    },
    async getAgent({ param }) {
      const row = await store.db
        .selectFrom('agents')
        .selectAll()
        .where('id', '=', param('agent_id'))
        .executeTakeFirst();
      if (!row) throw new GuichetError('AGENT_NOT_FOUND', `No agent or bot has the id ${param('agent_id')}.`);
      return agentOf(row);
    },
    async listChannels({ context, query }) {
      const { total } = await store.db
        .selectFrom('channels')
        .select(sql<number>`count(*)`.as('total'))
        .executeTakeFirstOrThrow();
      const rows = await store.db
        .selectFrom('channels')
        .selectAll()
        .orderBy('id')
        .limit(query.items_per_page)
        .offset(offsetOf(query))
        .execute();
      return { channels: rows.map(channelOf), ...pagesOf(context, query, total) };
    },
    getAccount: async () => ({ app_id: world.appId, organisation_id: world.appId }),
    async exchangeWebViewCode({ body }) {
      const view = await exchangeCode(world, body.code);
      const conversation = await getConversation(world, view.conversation_id);
      const user = await getUser(world, conversation.user_id);
      return {
        web_view_id: view.id,
        conversation_id: view.conversation_id,
        message_id: view.message_id,
        user_id: user.id,
        ...(user.reference_id ? { reference_id: user.reference_id } : {}),
        origin: view.origin,
        ...(view.data_json ? { data: JSON.parse(view.data_json) } : {}),
      };
    },
    getWebView: async ({ token, param }) =>
      webViewOf(await getWebView(world, param('web_view_id')), await userIdOf(world, param('web_view_id')), token),
    async updateWebView({ token, param, body }) {
      const view = await updateWebView(world, param('web_view_id'), await actor(token), body);
      return webViewOf(view, await userIdOf(world, view.id), token);
    },
    async submitWebView({ token, param, body }) {
      const view = await submitted(world, token, param('web_view_id'), body);
      return webViewOf(view, await userIdOf(world, view.id), token);
    },
    async closeWebView({ token, param, body }) {
      const id = param('web_view_id');
      const { result } = body;
      const view = result
        ? await submitted(world, token, id, { result, summary: body.summary })
        : await closeWebView(world, id, 'business', await actor(token));
      return webViewOf(view, await userIdOf(world, id), token);
    },
    listWebhooks: async () => ({ webhooks: await listWebhooks(world) }),
    async createWebhook({ body }) {
      return { ...(await addWebhook(world, options.allowPrivateNetwork, body)), public_key: options.publicKey };
    },
    async deleteWebhook({ param }) {
      await removeWebhook(world, param('webhook_id'));
      return undefined;
    },
    getPublicKey: async () => ({ public_key: options.publicKey }),
    listTokens: async () => ({ tokens: (await listTokens(world)).map(tokenOf) }),
    async createToken({ token, body }) {
      for (const scope of body.scopes) requireScope(token, scope); // A token can't give what it doesn't have.
      const made = await createToken(world, { name: body.name, scopes: body.scopes, actor: body.actor });
      return { ...tokenOf(made.row), token: made.token };
    },
    async revokeToken({ param }) {
      await revokeToken(world, param('token_id'));
      return undefined;
    },
  };
}

/** Who acts when a token does: the actor bound to it, else the system. */
async function actorOf(world: World, token: ApiToken): Promise<Actor> {
  const agent = token.agent_id
    ? await world.store.db
        .selectFrom('agents')
        .select(['id', 'actor_type'])
        .where('id', '=', token.agent_id)
        .executeTakeFirst()
    : undefined;
  return agent ? { actor_type: agent.actor_type, actor_id: agent.id } : { actor_type: 'system', actor_id: 'system' };
}

async function nameOf(world: World, id: string | null | undefined): Promise<string | undefined> {
  if (!id) return undefined;
  return (await world.store.db.selectFrom('agents').select('name').where('id', '=', id).executeTakeFirst())?.name;
}

async function submitted(
  world: World,
  token: ApiToken,
  id: string,
  body: { result: Record<string, unknown>; summary?: string | undefined },
) {
  const key = `business:${JSON.stringify([body.result, body.summary ?? null])}`;
  return submit(world, id, { ...body, source: 'business', actor: await actorOf(world, token), key });
}

/** The one that is named; else the one of the user's site; else the first. */
async function channelFor(world: World, id: string | undefined, siteId: string | null) {
  const { db } = world.store;
  const channel = id
    ? await db.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst()
    : await db
        .selectFrom('channels')
        .selectAll()
        .$if(siteId !== null, (all) => all.where('site_id', '=', siteId as string))
        .orderBy('id')
        .executeTakeFirst();
  if (!channel)
    throw new GuichetError(
      'CHANNEL_NOT_FOUND',
      id ? `No channel has the id ${id}.` : 'There is no channel yet: add a site first.',
    );
  return channel;
}

/** A message through the API: whoever it is by has to exist, and what it shows has to be showable. */
async function post(world: World, token: ApiToken, conversation: ConversationRow, body: MessagePost) {
  await lint(world, conversation, body.message_parts);
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
  return addMessage(world, conversation, {
    actor: { actor_type: body.actor_type, actor_id: author.id },
    actorName: author.name,
    source: 'api',
    type: body.message_type,
    parts: body.message_parts,
    replyParts: body.reply_parts,
    clientId: body.client_id,
    whenNew: async () => {
      if (conversation.status !== 'resolved' || body.message_type === 'private') return;
      await updateConversation(
        world,
        conversation.id,
        { actor_type: body.actor_type, actor_id: author.id },
        { status: 'reopened' },
      );
    },
  });
}

async function authorOf(
  world: World,
  token: ApiToken,
  body: MessagePost,
): Promise<{ id: string; name: string | undefined }> {
  const id = body.actor_id || token.agent_id;
  if (!id && body.actor_type === 'system') return { id: 'system', name: undefined };
  if (!id) {
    throw new GuichetError(
      'INVALID_VALUE',
      `actor_id: an ${body.actor_type}'s message needs its id, since no actor is bound to this token (guichet token create --bot).`,
    );
  }
  const agent = await world.store.db
    .selectFrom('agents')
    .select(['id', 'name', 'actor_type'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!agent) throw new GuichetError('AGENT_NOT_FOUND', `actor_id: no agent or bot has the id ${id}.`);
  if (body.actor_type !== 'system' && agent.actor_type !== body.actor_type) {
    throw new GuichetError(
      'INVALID_VALUE',
      `actor_type: expected ${agent.actor_type}, which ${id} is, got ${body.actor_type}.`,
    );
  }
  return agent;
}

/** What could never be shown is refused now, not dropped later. */
async function lint(world: World, conversation: ConversationRow, parts: MessagePart[]): Promise<void> {
  const site = await getSite(world, conversation.site_id);
  for (const button of urlButtonsOf({ message_parts: parts })) {
    if (button.target === '_self') checkWebViewUrl(button.url, site.settings, world.origin);
    else if (button.web_view) {
      throw new GuichetError(
        'INVALID_VALUE',
        `url_button "${button.label}": web_view goes with target "_self", got "_blank".`,
      );
    }
  }
}
