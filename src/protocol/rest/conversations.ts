import * as v from 'valibot';
import { BusinessStatus } from '../event';
import { limits } from '../limits';
import { ClientId } from '../live';
import { ActorType, Message } from '../message';
import { boundedRecord, Id, MessageParts, ReplyParts, Time } from '../parts';
import { Empty, Href, idOrNone, maybe, moment, Page, paged, type Route, text } from './route';

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

/** Names and values. Some programs send a list: of `{name, value}`, or of records that are taken together. */
const Properties = v.union([
  v.pipe(
    v.array(v.record(v.string(), v.unknown())),
    v.transform((list) =>
      Object.fromEntries(
        list.flatMap((each) =>
          typeof each.name === 'string' && 'value' in each ? [[each.name, each.value]] : Object.entries(each),
        ),
      ),
    ),
    boundedRecord(limits.properties),
  ),
  boundedRecord(limits.properties),
]);

export const ConversationPost = v.object({
  channel_id: maybe(Id),
  users: v.pipe(v.array(v.object({ id: Id })), v.length(1)),
  messages: v.nullish(v.pipe(v.array(MessagePost), v.maxLength(10)), []),
  status: v.nullish(BusinessStatus, 'new'),
  properties: maybe(Properties),
});
/** `null`, `""` or `" "` takes an assignment back. */
const assignment = { assigned_agent_id: idOrNone, assigned_group_id: idOrNone };
export const ConversationPut = v.pipe(
  v.object({
    status: maybe(BusinessStatus),
    ...assignment,
    /** The other spelling, which counts where the first is absent. */
    assigned_org_agent_id: idOrNone,
    assigned_org_group_id: idOrNone,
    channel_id: maybe(Id),
    properties: maybe(Properties),
  }),
  v.transform(({ assigned_org_agent_id: agent, assigned_org_group_id: group, ...put }) => ({
    ...put,
    assigned_agent_id: put.assigned_agent_id === undefined ? agent : put.assigned_agent_id,
    assigned_group_id: put.assigned_group_id === undefined ? group : put.assigned_group_id,
  })),
);
export type ConversationPut = v.InferOutput<typeof ConversationPut>;

export const Conversation = v.object({
  conversation_id: Id,
  app_id: Id,
  status: BusinessStatus,
  channel_id: Id,
  assigned_agent_id: v.optional(Id),
  assigned_group_id: v.optional(Id),
  user_id: Id,
  users: v.array(v.object({ id: Id })),
  agents: v.array(v.object({ id: Id })),
  messages: v.array(Message),
  /** Absent when there are none. */
  properties: v.optional(v.record(v.string(), v.unknown())),
  created_time: Time,
  updated_time: Time,
  /** Last seq of the event log. */
  seq: v.number(),
  /** Up to which seq the customer has read, and the business. */
  customer_read: v.number(),
  business_read: v.number(),
});
export type Conversation = v.InferOutput<typeof Conversation>;

/** As an agents' desk lists it. */
export const ListedConversation = v.object({
  ...Conversation.entries,
  /** Messages by the customer that the business has not read. */
  unread: v.number(),
  /** The newest message, private ones included; only for tokens with `messages:read`. */
  last_message: v.optional(Message),
});
export type ListedConversation = v.InferOutput<typeof ListedConversation>;

const ConversationsQuery = v.object({
  ...Page.entries,
  /** One, or several with commas between them. */
  status: v.optional(
    v.pipe(
      v.string(),
      v.transform((given) => given.split(',').map((each) => each.trim())),
      v.array(BusinessStatus),
    ),
  ),
  /** An id, or `none` for conversations that nobody has. */
  assigned_agent_id: v.optional(text(128)),
  assigned_group_id: v.optional(text(128)),
  user_id: v.optional(text(128)),
  channel_id: v.optional(text(128)),
  /** Conversations in which something happened at that time or later. */
  updated_from: moment,
});

/** A property that conversations have. */
const Field = v.object({
  name: v.string(),
  label: v.string(),
  /** Of the values that are there. */
  type: v.picklist(['string', 'number', 'boolean', 'object', 'mixed']),
});

const MessagesQuery = v.object({
  ...Page.entries,
  /** Only messages of that time and older; `link` carries it. */
  from_time: moment,
});

export const conversationRoutes = {
  listConversations: {
    method: 'get',
    path: '/conversations',
    scope: 'conversations:read',
    summary: 'List conversations, the one in which something happened last first',
    query: ConversationsQuery,
    status: 200,
    answer: v.object({ conversations: v.array(ListedConversation), ...paged }),
  },
  listConversationFields: {
    method: 'get',
    path: '/conversations/fields',
    scope: 'conversations:read',
    summary: 'Properties that conversations have',
    status: 200,
    answer: v.array(Field),
  },
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
} as const satisfies Record<string, Route>;
