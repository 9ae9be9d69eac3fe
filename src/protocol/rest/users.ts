import * as v from 'valibot';
import { limits } from '../limits';
import { HttpUrl, Id, Time } from '../parts';
import { maybe, moment, Page, paged, type Route, text } from './route';

const Property = v.object({ name: text(100), value: v.union([text(2_000), v.number(), v.boolean(), v.null()]) });
const SocialProfile = v.object({ type: text(100), id: text(limits.url) });
const userFields = {
  email: v.optional(text(320)),
  first_name: v.optional(text(limits.name)),
  last_name: v.optional(text(limits.name)),
  phone: v.optional(text(40)),
  reference_id: v.optional(text(128)),
  avatar: v.optional(v.object({ url: HttpUrl })),
  properties: v.optional(v.pipe(v.array(Property), v.maxLength(limits.userProperties))),
  social_profiles: v.optional(v.pipe(v.array(SocialProfile), v.maxLength(20))),
  /** The customer's id in a CRM; kept as it is given. */
  org_contact_id: v.optional(text(128)),
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
  /** Those that are named are set, the others stay. */
  properties: maybe(v.pipe(v.array(Property), v.maxLength(limits.userProperties))),
  social_profiles: maybe(v.pipe(v.array(SocialProfile), v.maxLength(20))),
  org_contact_id: maybe(text(128)),
});
export type UserPost = v.InferOutput<typeof UserPost>;

export const User = v.object({
  id: Id,
  ...userFields,
  created_time: Time,
  updated_time: Time,
  /** Ours: true when a site vouched for this user by a JWT. */
  vouched: v.boolean(),
});
export type User = v.InferOutput<typeof User>;

const UsersQuery = v.object({
  ...Page.entries,
  email: v.optional(text(320)),
  reference_id: v.optional(text(128)),
  phone: v.optional(text(40)),
  /** Users made at that time or later, or earlier. */
  created_from: moment,
  created_to: moment,
});
/** `system_user=true`: the id of a bot, an agent or the system is looked up as well. */
const UserQuery = v.object({ system_user: v.optional(v.string()) });

export const userRoutes = {
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
    summary: 'Read a user; with `system_user=true` also the name of a bot, an agent or the system',
    query: UserQuery,
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
    query: Page,
    status: 200,
    answer: v.object({ conversations: v.array(v.object({ id: Id })), ...paged }),
  },
} as const satisfies Record<string, Route>;
