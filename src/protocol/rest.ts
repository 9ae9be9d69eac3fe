import type * as v from 'valibot';
import { channelRoutes } from './rest/channels';
import { conversationRoutes } from './rest/conversations';
import { eventRoutes } from './rest/events';
import { fileRoutes } from './rest/files';
import { peopleRoutes } from './rest/people';
import type { Route } from './rest/route';
import { siteRoutes } from './rest/sites';
import { tokenRoutes } from './rest/tokens';
import { userRoutes } from './rest/users';
import { webhookRoutes } from './rest/webhooks';
import { webViewRoutes } from './rest/webViews';

/** Every door of `/v2`. The server's handlers, the OpenAPI description and the contract tests are all made from this table. */
export const routes = {
  ...conversationRoutes,
  ...userRoutes,
  ...peopleRoutes,
  ...channelRoutes,
  ...siteRoutes,
  ...eventRoutes,
  ...fileRoutes,
  ...webViewRoutes,
  ...webhookRoutes,
  ...tokenRoutes,
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
/** Only routes with `multipart` have a file. */
export type TakesFile<N extends RouteName> = (typeof routes)[N] extends { multipart: object } ? true : false;
