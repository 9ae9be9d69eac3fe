import * as v from 'valibot';
import { Id } from '../parts';
import { Page, paged, type Route } from './route';

export const Agent = v.object({
  id: Id,
  first_name: v.string(),
  last_name: v.string(),
  /** Ours: a person or a bot. */
  actor_type: v.picklist(['agent', 'bot']),
  is_deactivated: v.boolean(),
});

export const peopleRoutes = {
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
} as const satisfies Record<string, Route>;
