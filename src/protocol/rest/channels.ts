import * as v from 'valibot';
import { Id, Time } from '../parts';
import { Page, paged, type Route } from './route';

export const Channel = v.object({
  id: Id,
  name: v.string(),
  enabled: v.boolean(),
  public: v.boolean(),
  tags: v.array(v.string()),
  locale: v.string(),
  updated_time: Time,
});

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
  getAccount: {
    method: 'get',
    path: '/accounts/configuration',
    scope: 'account:read',
    summary: 'Who this token belongs to',
    status: 200,
    answer: v.object({ app_id: Id, organisation_id: Id }),
  },
} as const satisfies Record<string, Route>;
