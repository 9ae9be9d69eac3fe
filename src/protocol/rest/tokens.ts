import * as v from 'valibot';
import { limits } from '../limits';
import { Id, Time } from '../parts';
import { Rotation, type Route, Scope } from './route';

export const TokenPost = v.pipe(
  v.object({
    name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.name)),
    scopes: v.pipe(v.array(Scope), v.minLength(1)),
    /** Make an actor of this name and bind it to the token: what the token posts is by that actor. */
    actor: v.optional(v.picklist(['agent', 'bot'])),
    /** Bind the token to this agent or bot instead. */
    agent_id: v.optional(Id),
  }),
  v.check(({ actor, agent_id }) => actor === undefined || agent_id === undefined, 'either actor or agent_id'),
);

export const Token = v.object({
  id: Id,
  name: v.string(),
  /** Start and end of the token, to know it by. */
  hint: v.string(),
  scopes: v.array(Scope),
  agent_id: v.optional(Id),
  created_time: Time,
  last_used_time: v.optional(Time),
  /** Until when the one before the last rotation is good as well. */
  previous_until_time: v.optional(Time),
  revoked_time: v.optional(Time),
});

export const tokenRoutes = {
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
  rotateToken: {
    method: 'post',
    path: '/tokens/{token_id}/rotate',
    scope: 'tokens:manage',
    summary: 'Give a token a new secret, shown once; the old one stays good for a while',
    body: Rotation,
    status: 200,
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
