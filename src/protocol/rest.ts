import * as v from 'valibot';
import { Actor, CloseReason, ConversationStatus, ResultSource } from './event';
import { limits } from './limits';
import { ClientId, ViewSize } from './live';
import { ActorType, boundedRecord, HttpUrl, Id, Message, MessageParts, ReplyParts, Time } from './message';
import { WebhookAction } from './webhook';

/** What an API token may be allowed to do. */
export const scopes = [
  'conversations:read',
  'conversations:write',
  'messages:read',
  'messages:write',
  'messages:write_as_user',
  'users:read',
  'users:write',
  'channels:read',
  'agents:read',
  'web_views:read',
  'web_views:write',
  'web_views:results',
  'webhooks:manage',
  'tokens:manage',
  'account:read',
] as const;
export const Scope = v.picklist(scopes);
export type Scope = v.InferOutput<typeof Scope>;

/** Absent or, as programs of other makers send what they don't set, `null`. */
const maybe = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(
    v.optional(v.nullable(schema)),
    v.transform((given): v.InferOutput<S> | undefined => given ?? undefined),
  );

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const Property = v.object({ name: text(100), value: v.union([text(2_000), v.number(), v.boolean(), v.null()]) });

// ---- what is sent -----------------------------------------------------------------------------------------------

export const MessagePost = v.object({
  message_parts: MessageParts,
  reply_parts: v.nullish(ReplyParts, []),
  message_type: v.nullish(v.picklist(['normal', 'private']), 'normal'),
  actor_type: v.nullish(ActorType, 'agent'),
  /** For `agent` and `bot`: absent, the actor bound to the token. For `user`: absent, the conversation's user. */
  actor_id: maybe(v.union([Id, v.literal('')])),
  user_id: maybe(v.union([Id, v.literal('')])),
  /** The same one again gives the same message; with other content it is refused with 409. */
  client_id: maybe(ClientId),
});
export type MessagePost = v.InferOutput<typeof MessagePost>;

export const ConversationPost = v.object({
  channel_id: maybe(Id),
  users: v.pipe(v.array(v.object({ id: Id })), v.length(1)),
  messages: v.nullish(v.pipe(v.array(MessagePost), v.maxLength(10)), []),
  status: v.nullish(ConversationStatus, 'new'),
  properties: maybe(boundedRecord(limits.properties)),
});
export const ConversationPut = v.object({
  status: maybe(ConversationStatus),
  /** `null` or `""` takes the assignment back. */
  assigned_agent_id: v.optional(v.nullable(text(128))),
  assigned_group_id: v.optional(v.nullable(text(128))),
  channel_id: maybe(Id),
  properties: maybe(boundedRecord(limits.properties)),
});
export type ConversationPut = v.InferOutput<typeof ConversationPut>;

const userFields = {
  email: v.optional(text(320)),
  first_name: v.optional(text(limits.name)),
  last_name: v.optional(text(limits.name)),
  phone: v.optional(text(40)),
  reference_id: v.optional(text(128)),
  avatar: v.optional(v.object({ url: HttpUrl })),
  properties: v.optional(v.pipe(v.array(Property), v.maxLength(100))),
};
export const UserPost = v.object({
  email: maybe(text(320)),
  first_name: maybe(text(limits.name)),
  last_name: maybe(text(limits.name)),
  phone: maybe(text(40)),
  reference_id: maybe(text(128)),
  /** Without a `url` in it: none. */
  avatar: maybe(
    v.pipe(
      v.object({ url: maybe(HttpUrl) }),
      v.transform(({ url }) => (url === undefined ? undefined : { url })),
    ),
  ),
  properties: maybe(v.pipe(v.array(Property), v.maxLength(100))),
});
export type UserPost = v.InferOutput<typeof UserPost>;

export const WebhookPost = v.object({
  url: HttpUrl,
  events: v.optional(v.pipe(v.array(WebhookAction), v.minLength(1))),
});
export const TokenPost = v.object({
  name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.name)),
  scopes: v.pipe(v.array(Scope), v.minLength(1)),
  /** Make an actor of this name and bind it to the token: what the token posts is by that actor. */
  actor: v.optional(v.picklist(['agent', 'bot'])),
});

const ResultFields = {
  result: v.optional(boundedRecord(limits.webViewResult)),
  summary: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.summary))),
};

// ---- what is answered -------------------------------------------------------------------------------------------

export const Conversation = v.object({
  conversation_id: Id,
  app_id: Id,
  status: ConversationStatus,
  channel_id: Id,
  assigned_agent_id: v.optional(Id),
  assigned_group_id: v.optional(Id),
  user_id: Id,
  users: v.array(v.object({ id: Id })),
  agents: v.array(v.object({ id: Id })),
  messages: v.array(Message),
  properties: v.record(v.string(), v.unknown()),
  created_time: Time,
  updated_time: Time,
  /** Last seq of the event log. */
  seq: v.number(),
});
export type Conversation = v.InferOutput<typeof Conversation>;

export const User = v.object({
  id: Id,
  ...userFields,
  created_time: Time,
  updated_time: Time,
  /** Ours: true when a site vouched for this user by a JWT. */
  vouched: v.boolean(),
});
export type User = v.InferOutput<typeof User>;

export const Agent = v.object({
  id: Id,
  first_name: v.string(),
  last_name: v.string(),
  /** Ours: a person or a bot. */
  actor_type: v.picklist(['agent', 'bot']),
  is_deactivated: v.boolean(),
});
export const Channel = v.object({
  id: Id,
  name: v.string(),
  enabled: v.boolean(),
  public: v.boolean(),
  tags: v.array(v.string()),
  locale: v.string(),
  updated_time: Time,
});

const Href = v.object({ href: v.string(), rel: v.string(), type: v.string() });
const paged = {
  pagination: v.object({
    total_items: v.number(),
    total_pages: v.number(),
    current_page: v.number(),
    items_per_page: v.number(),
  }),
  links: v.object({
    first_page: v.optional(Href),
    last_page: v.optional(Href),
    next_page: v.optional(Href),
    previous_page: v.optional(Href),
  }),
};

export const WebView = v.object({
  id: Id,
  conversation_id: Id,
  message_id: Id,
  button: v.number(),
  user_id: Id,
  url: v.string(),
  origin: v.string(),
  title: v.optional(v.string()),
  size: ViewSize,
  data: v.optional(v.record(v.string(), v.unknown())),
  state: v.picklist(['open', 'paused', 'closed']),
  opened_time: Time,
  expires_time: Time,
  closed_time: v.optional(Time),
  reason: v.optional(CloseReason),
  submitted: v.boolean(),
  summary: v.optional(v.string()),
  source: v.optional(ResultSource),
  /** Only for tokens with `web_views:results`. */
  result: v.optional(v.unknown()),
});
export type WebView = v.InferOutput<typeof WebView>;

export const Webhook = v.object({
  id: Id,
  url: v.string(),
  events: v.array(WebhookAction),
  created_time: Time,
  enabled: v.boolean(),
});
export const Token = v.object({
  id: Id,
  name: v.string(),
  /** Start and end of the token, to know it by. */
  hint: v.string(),
  scopes: v.array(Scope),
  agent_id: v.optional(Id),
  created_time: Time,
  last_used_time: v.optional(Time),
  revoked_time: v.optional(Time),
});

// ---- the doors --------------------------------------------------------------------------------------------------

const wholeNumber = (least: number, most: number, fallback: number) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,9}$/, 'a whole number'),
      v.transform(Number),
      v.minValue(least),
      v.transform((n) => Math.min(n, most)),
    ),
    String(fallback),
  );
export const Page = v.object({
  page: wholeNumber(1, 1_000_000, 1),
  items_per_page: wholeNumber(1, limits.pageSizeMax, limits.pageSize),
});
const UsersQuery = v.object({
  ...Page.entries,
  email: v.optional(text(320)),
  reference_id: v.optional(text(128)),
  phone: v.optional(text(40)),
});
const MessagesQuery = v.object({
  ...Page.entries,
  /** Only messages older than this; `link` carries it. */
  from_time: v.optional(
    v.pipe(
      v.string(),
      v.check((t) => !Number.isNaN(Date.parse(t)), 'an ISO 8601 time'),
    ),
  ),
});
const Empty = v.object({});

type Route = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As in OpenAPI, below `/v2`. */
  path: string;
  scope: Scope;
  summary: string;
  query?: v.GenericSchema;
  body?: v.GenericSchema;
  /** Status and body of success; `null` has none. */
  status: 200 | 201 | 202 | 204;
  answer: v.GenericSchema | null;
  /** The answer holds a secret: it isn't kept, so an `Idempotency-Key` makes a retry harmless but brings no second look. */
  shownOnce?: true;
};

/** Every door of `/v2`. The server's handlers, the OpenAPI description and the contract tests are all made from this table. */
export const routes = {
  createConversation: {
    method: 'post',
    path: '/conversations',
    scope: 'conversations:write',
    summary: 'Start a conversation',
    body: ConversationPost,
    status: 200,
    answer: Conversation,
  },
  getConversation: {
    method: 'get',
    path: '/conversations/{conversation_id}',
    scope: 'conversations:read',
    summary: 'Read a conversation',
    status: 200,
    answer: Conversation,
  },
  updateConversation: {
    method: 'put',
    path: '/conversations/{conversation_id}',
    scope: 'conversations:write',
    summary: 'Assign, resolve, reopen, set properties',
    body: ConversationPut,
    status: 200,
    answer: Conversation,
  },
  listMessages: {
    method: 'get',
    path: '/conversations/{conversation_id}/messages',
    scope: 'messages:read',
    summary: 'Messages, newest first',
    query: MessagesQuery,
    status: 200,
    answer: v.object({ messages: v.array(Message), link: v.optional(Href) }),
  },
  postMessage: {
    method: 'post',
    path: '/conversations/{conversation_id}/messages',
    scope: 'messages:write',
    summary: 'Send a message',
    body: MessagePost,
    status: 200,
    answer: Message,
  },
  setTyping: {
    method: 'post',
    path: '/conversations/{conversation_id}/typing',
    scope: 'messages:write',
    summary: 'Show that somebody is typing, for 8 seconds',
    body: v.object({
      actor_type: v.optional(v.picklist(['agent', 'bot']), 'agent'),
      actor_id: v.optional(Id),
      on: v.optional(v.boolean(), true),
    }),
    status: 202,
    answer: Empty,
  },
  markRead: {
    method: 'post',
    path: '/conversations/{conversation_id}/read',
    scope: 'messages:write',
    summary: 'Mark as read by the business, up to a seq',
    body: v.object({ up_to: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
    status: 200,
    answer: Empty,
  },
  createUser: {
    method: 'post',
    path: '/users',
    scope: 'users:write',
    summary: 'Create a user',
    body: UserPost,
    status: 200,
    answer: User,
  },
  listUsers: {
    method: 'get',
    path: '/users',
    scope: 'users:read',
    summary: 'List or find users',
    query: UsersQuery,
    status: 200,
    answer: v.object({ users: v.array(User), ...paged }),
  },
  fetchUsers: {
    method: 'post',
    path: '/users/fetch',
    scope: 'users:read',
    summary: 'Read users by ids',
    body: v.object({ ids: v.pipe(v.array(Id), v.maxLength(100)) }),
    status: 200,
    answer: v.object({ users: v.array(User) }),
  },
  getUser: {
    method: 'get',
    path: '/users/{user_id}',
    scope: 'users:read',
    summary: 'Read a user',
    status: 200,
    answer: User,
  },
  updateUser: {
    method: 'put',
    path: '/users/{user_id}',
    scope: 'users:write',
    summary: 'Change a user',
    body: UserPost,
    status: 200,
    answer: null,
  },
  listUserConversations: {
    method: 'get',
    path: '/users/{user_id}/conversations',
    scope: 'conversations:read',
    summary: "A user's conversations, newest first",
    status: 200,
    answer: v.object({ conversations: v.array(v.object({ id: Id })) }),
  },
  listAgents: {
    method: 'get',
    path: '/agents',
    scope: 'agents:read',
    summary: 'List agents and bots',
    query: Page,
    status: 200,
    answer: v.object({ agents: v.array(Agent), ...paged }),
  },
  getAgent: {
    method: 'get',
    path: '/agents/{agent_id}',
    scope: 'agents:read',
    summary: 'Read an agent or bot',
    status: 200,
    answer: Agent,
  },
  listChannels: {
    method: 'get',
    path: '/channels',
    scope: 'channels:read',
    summary: 'List channels',
    query: Page,
    status: 200,
    answer: v.object({ channels: v.array(Channel), ...paged }),
  },
  getAccount: {
    method: 'get',
    path: '/accounts/configuration',
    scope: 'account:read',
    summary: 'Who this token belongs to',
    status: 200,
    answer: v.object({ app_id: Id, organisation_id: Id }),
  },
  exchangeWebViewCode: {
    method: 'post',
    path: '/web-views/exchange',
    scope: 'web_views:read',
    summary: "Turn a page's one-time code into the view and its customer",
    body: v.object({ code: text(200) }),
    status: 200,
    answer: v.object({
      web_view_id: Id,
      conversation_id: Id,
      message_id: Id,
      user_id: Id,
      reference_id: v.optional(v.string()),
      origin: v.string(),
      data: v.optional(v.record(v.string(), v.unknown())),
    }),
  },
  getWebView: {
    method: 'get',
    path: '/web-views/{web_view_id}',
    scope: 'web_views:read',
    summary: 'Read a web view',
    status: 200,
    answer: WebView,
  },
  updateWebView: {
    method: 'patch',
    path: '/web-views/{web_view_id}',
    scope: 'web_views:write',
    summary: 'Change a running web view',
    body: v.object({
      data: v.optional(boundedRecord(limits.webViewData)),
      size: v.optional(ViewSize),
      title: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.title))),
    }),
    status: 200,
    answer: WebView,
  },
  submitWebView: {
    method: 'post',
    path: '/web-views/{web_view_id}/submit',
    scope: 'web_views:write',
    summary: "Report the business's own result; the view closes",
    body: v.object({ ...ResultFields, result: boundedRecord(limits.webViewResult) }),
    status: 200,
    answer: WebView,
  },
  closeWebView: {
    method: 'post',
    path: '/web-views/{web_view_id}/close',
    scope: 'web_views:write',
    summary: 'Close a web view; with a result it is submitted first',
    body: v.object(ResultFields),
    status: 200,
    answer: WebView,
  },
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
  listTokens: {
    method: 'get',
    path: '/tokens',
    scope: 'tokens:manage',
    summary: 'List API tokens',
    status: 200,
    answer: v.object({ tokens: v.array(Token) }),
  },
  createToken: {
    method: 'post',
    path: '/tokens',
    scope: 'tokens:manage',
    summary: 'Make an API token; it is shown once',
    body: TokenPost,
    status: 201,
    answer: v.object({ ...Token.entries, token: v.string() }),
    shownOnce: true,
  },
  revokeToken: {
    method: 'delete',
    path: '/tokens/{token_id}',
    scope: 'tokens:manage',
    summary: 'Revoke an API token at once',
    status: 204,
    answer: null,
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
/** What a handler gets, by route. */
export type RouteBody<N extends RouteName> = (typeof routes)[N] extends { body: infer B extends v.GenericSchema }
  ? v.InferOutput<B>
  : undefined;
export type RouteQuery<N extends RouteName> = (typeof routes)[N] extends { query: infer Q extends v.GenericSchema }
  ? v.InferOutput<Q>
  : undefined;
export type RouteAnswer<N extends RouteName> = (typeof routes)[N]['answer'] extends infer A extends v.GenericSchema
  ? v.InferInput<A>
  : undefined;

export { Actor };
