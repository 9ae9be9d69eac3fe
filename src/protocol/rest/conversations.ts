import * as v from 'valibot';
import { ConversationStatus } from '../event';
import { limits } from '../limits';
import { ClientId } from '../live';
import { ActorType, Message } from '../message';
import { boundedRecord, Id, MessageParts, ReplyParts, Time } from '../parts';
import { Empty, Href, maybe, Page, type Route, text } from './route';

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

export const conversationRoutes = {
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
