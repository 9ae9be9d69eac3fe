import * as v from 'valibot';
import { limits } from '../limits';
import { HttpUrl, Id, Time } from '../parts';
import { maybe, Page, paged, type Route, text } from './route';

const Property = v.object({ name: text(100), value: v.union([text(2_000), v.number(), v.boolean(), v.null()]) });
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
});

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
} as const satisfies Record<string, Route>;
