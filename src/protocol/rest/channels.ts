import * as v from 'valibot';
import { limits } from '../limits';
import { HttpUrl, Id, MessageParts, ReplyParts, Time } from '../parts';
import { idOrNone, maybe, Page, paged, type Route } from './route';

/** A message without an author: what a channel says first. */
export const WelcomeMessage = v.object({ message_parts: MessageParts, reply_parts: v.nullish(ReplyParts, []) });
export type WelcomeMessage = v.InferOutput<typeof WelcomeMessage>;

export const Channel = v.object({
  id: Id,
  name: v.string(),
  icon: v.optional(v.object({ url: v.string() })),
  /** Switched off, no new conversation begins there. */
  enabled: v.boolean(),
  public: v.boolean(),
  tags: v.array(v.string()),
  locale: v.string(),
  updated_time: Time,
  welcome_message: v.optional(WelcomeMessage),
  /** The group that gets what customers begin there. */
  assign_to_group: v.optional(Id),
  /** Ours: the site whose customers come in by it. */
  site_id: Id,
});
export type Channel = v.InferOutput<typeof Channel>;

/** Fields that are absent stay. `null` takes the icon, the welcome message and the group away. */
export const ChannelPut = v.object({
  name: maybe(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.name))),
  icon: v.optional(v.nullable(v.object({ url: HttpUrl }))),
  enabled: maybe(v.boolean()),
  public: maybe(v.boolean()),
  tags: maybe(v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(100))), v.maxLength(50))),
  locale: maybe(v.pipe(v.string(), v.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/i, 'a BCP 47 language tag'))),
  welcome_message: v.optional(v.nullable(WelcomeMessage)),
  assign_to_group: idOrNone,
});
export type ChannelPut = v.InferOutput<typeof ChannelPut>;

export const channelRoutes = {
  listChannels: {
    method: 'get',
    path: '/channels',
    scope: 'channels:read',
    summary: 'List channels',
    query: Page,
    status: 200,
    answer: v.object({ channels: v.array(Channel), ...paged }),
  },
  getChannel: {
    method: 'get',
    path: '/channels/{channel_id}',
    scope: 'channels:read',
    summary: 'Read a channel',
    status: 200,
    answer: Channel,
  },
  updateChannel: {
    method: 'put',
    path: '/channels/{channel_id}',
    scope: 'channels:write',
    summary: 'Change a channel: its name, its welcome message, the group that gets its conversations, …',
    body: ChannelPut,
    status: 200,
    answer: Channel,
  },
  getAccount: {
    method: 'get',
    path: '/accounts/configuration',
    scope: 'account:read',
    summary: 'Who this token belongs to',
    status: 200,
    answer: v.object({ app_id: Id, organisation_id: Id }),
  },
} as const satisfies Record<string, Route>;
