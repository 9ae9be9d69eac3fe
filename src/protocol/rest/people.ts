import * as v from 'valibot';
import { limits } from '../limits';
import { HttpUrl, Id, Time } from '../parts';
import { maybe, Page, paged, type Route, text } from './route';

const Availability = v.picklist(['AVAILABLE', 'UNAVAILABLE']);
/** Nothing is handed out by itself. */
const RoutingType = v.picklist(['DISABLED']);
const Name = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.name));

/** v2's fields, then ours. */
export const Agent = v.object({
  id: Id,
  created_time: Time,
  first_name: v.string(),
  last_name: v.string(),
  /** Empty when none is known: programs expect the field. */
  email: v.string(),
  phone: v.optional(v.string()),
  biography: v.optional(v.string()),
  avatar: v.optional(v.object({ url: v.string() })),
  /** Ids of the groups that this agent is in. */
  groups: v.array(Id),
  is_deactivated: v.boolean(),
  availability_status: Availability,
  agent_status: v.object({ id: v.string(), name: v.string() }),
  routing_type: RoutingType,
  locale: v.string(),
  timezone: v.string(),
  /** Ours: a person or a bot. */
  actor_type: v.picklist(['agent', 'bot']),
});
export type Agent = v.InferOutput<typeof Agent>;

const profile = {
  last_name: maybe(text(limits.name)),
  email: maybe(text(320)),
  phone: maybe(text(40)),
  biography: maybe(text(500)),
  /** Without a `url` in it: none. */
  avatar: maybe(
    v.pipe(
      v.object({ url: maybe(HttpUrl) }),
      v.transform(({ url }) => (url === undefined ? undefined : { url })),
    ),
  ),
  locale: maybe(text(35)),
  timezone: maybe(text(64)),
  availability_status: maybe(Availability),
};
export const AgentPost = v.object({
  first_name: Name,
  ...profile,
  actor_type: v.nullish(v.picklist(['agent', 'bot']), 'agent'),
});
export type AgentPost = v.InferOutput<typeof AgentPost>;
/** Fields that are absent stay. */
export const AgentPatch = v.object({
  first_name: maybe(Name),
  ...profile,
  /** v2's other way to say `availability_status`. */
  agent_status: maybe(v.object({ id: v.picklist(['available', 'unavailable']) })),
});
export type AgentPatch = v.InferOutput<typeof AgentPatch>;

export const Group = v.object({
  id: Id,
  name: v.string(),
  description: v.string(),
  routing_type: RoutingType,
  agents: v.array(Agent),
});
export type Group = v.InferOutput<typeof Group>;

/** Ids, or agents as this API gives them. */
const Members = v.pipe(
  v.array(
    v.union([
      Id,
      v.pipe(
        v.object({ id: Id }),
        v.transform(({ id }) => id),
      ),
    ]),
  ),
  v.maxLength(limits.groupAgents),
);
export const GroupPost = v.object({
  name: Name,
  description: maybe(text(500)),
  agents: v.nullish(Members, []),
});
export type GroupPost = v.InferOutput<typeof GroupPost>;
/** Fields that are absent stay; `agents` replaces all members. */
export const GroupPut = v.object({ name: maybe(Name), description: maybe(text(500)), agents: maybe(Members) });
export type GroupPut = v.InferOutput<typeof GroupPut>;

export const peopleRoutes = {
  listAgents: {
    method: 'get',
    path: '/agents',
    scope: 'agents:read',
    summary: 'List agents, then bots, then who was deactivated',
    query: Page,
    status: 200,
    answer: v.object({ agents: v.array(Agent), ...paged }),
  },
  createAgent: {
    method: 'post',
    path: '/agents',
    scope: 'agents:write',
    summary: 'Add an agent or a bot',
    body: AgentPost,
    status: 201,
    answer: Agent,
  },
  getAgent: {
    method: 'get',
    path: '/agents/{agent_id}',
    scope: 'agents:read',
    summary: 'Read an agent or bot',
    status: 200,
    answer: Agent,
  },
  updateAgent: {
    method: 'patch',
    path: '/agents/{agent_id}',
    scope: 'agents:write',
    summary: 'Change an agent or bot',
    body: AgentPatch,
    status: 200,
    answer: Agent,
  },
  deactivateAgent: {
    method: 'delete',
    path: '/agents/{agent_id}',
    scope: 'agents:write',
    summary:
      'Deactivate an agent or bot: its tokens end at once, its open conversations are nobody’s, what it wrote stays',
    status: 202,
    answer: v.object({ code: v.number(), status: v.string(), message: v.string() }),
  },
  listGroups: {
    method: 'get',
    path: '/groups',
    scope: 'groups:read',
    summary: 'List groups with their agents',
    query: Page,
    status: 200,
    answer: v.object({ groups: v.array(Group), ...paged }),
  },
  createGroup: {
    method: 'post',
    path: '/groups',
    scope: 'groups:write',
    summary: 'Add a group',
    body: GroupPost,
    status: 201,
    answer: Group,
  },
  getGroup: {
    method: 'get',
    path: '/groups/{group_id}',
    scope: 'groups:read',
    summary: 'Read a group',
    status: 200,
    answer: Group,
  },
  updateGroup: {
    method: 'put',
    path: '/groups/{group_id}',
    scope: 'groups:write',
    summary: 'Change a group or its members',
    body: GroupPut,
    status: 200,
    answer: Group,
  },
  deleteGroup: {
    method: 'delete',
    path: '/groups/{group_id}',
    scope: 'groups:write',
    summary: 'Remove a group; its open conversations are nobody’s',
    status: 204,
    answer: null,
  },
} as const satisfies Record<string, Route>;
