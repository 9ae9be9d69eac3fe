import * as v from 'valibot';
import { limits } from '../limits';
import { Id } from '../parts';
import { configEntries } from '../theme';
import { WebViewPermissions } from '../webview';
import type { Route } from './route';

/** Nothing that would mean more in a Content-Security-Policy, such as `*` or `;`. */
export const Origin = v.pipe(
  v.string(),
  v.check(
    (text) =>
      URL.canParse(text) &&
      new URL(text).origin === text &&
      /^https?:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d+)?$/.test(text),
    'an origin such as https://bank.example, without a path',
  ),
);
const SiteId = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a site id: a-z, 0-9 and dashes, at most 63'));
const Name = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => text !== '', 'a name that is not blank'),
  v.maxLength(limits.name),
);
const Hosts = v.pipe(v.array(Origin), v.minLength(1), v.maxLength(50));
const Origins = v.pipe(v.array(Origin), v.maxLength(50));
/** The widget's settings, where a key that nobody knows is a fault: nobody would see it ignored. */
export const SiteConfig = v.partial(v.strictObject(configEntries));

export const SitePost = v.object({
  id: SiteId,
  name: Name,
  /** Origins of the pages that may embed the widget. */
  hosts: Hosts,
  /** Origins whose pages may open as web views. */
  web_view_origins: v.optional(Origins, []),
  /** Let web views open pages on a host's exact origin, which the host's scripts can read. */
  allow_host_origin: v.optional(v.boolean(), false),
  /** Let web views of a host's own site stand in the host page (`mount: "host"`), where they have their cookies. */
  allow_host_mount: v.optional(v.boolean(), false),
  /** What buttons may ask for. */
  web_view_permissions: v.optional(WebViewPermissions, []),
  config: v.optional(SiteConfig, {}),
});
export type SitePost = v.InferOutput<typeof SitePost>;

export const SitePatch = v.object({
  name: v.optional(Name),
  hosts: v.optional(Hosts),
  web_view_origins: v.optional(Origins),
  allow_host_origin: v.optional(v.boolean()),
  allow_host_mount: v.optional(v.boolean()),
  web_view_permissions: v.optional(WebViewPermissions),
  /** Setting by setting; `null` takes one away. */
  config: v.optional(v.record(v.string(), v.unknown())),
});
export type SitePatch = v.InferOutput<typeof SitePatch>;

export const Site = v.object({
  id: v.string(),
  name: v.string(),
  channel_id: Id,
  hosts: v.array(v.string()),
  web_view_origins: v.array(v.string()),
  allow_host_origin: v.boolean(),
  allow_host_mount: v.boolean(),
  web_view_permissions: v.array(v.string()),
  config: v.record(v.string(), v.unknown()),
  /** Of the keys by which the site vouches for its users; the newest last. */
  identity_kids: v.array(v.string()),
});
export type Site = v.InferOutput<typeof Site>;
const IdentityKey = v.object({ kid: v.string(), secret: v.string() });

export const siteRoutes = {
  listSites: {
    method: 'get',
    path: '/sites',
    scope: 'sites:read',
    summary: 'List sites with their settings',
    status: 200,
    answer: v.object({ sites: v.array(Site) }),
  },
  createSite: {
    method: 'post',
    path: '/sites',
    scope: 'sites:write',
    summary: "Add a site; its identity key's secret is shown once",
    body: SitePost,
    status: 201,
    answer: v.object({ site: Site, identity_key: IdentityKey }),
    shownOnce: true,
  },
  getSite: {
    method: 'get',
    path: '/sites/{site_id}',
    scope: 'sites:read',
    summary: 'Read a site',
    status: 200,
    answer: Site,
  },
  updateSite: {
    method: 'patch',
    path: '/sites/{site_id}',
    scope: 'sites:write',
    summary: "Change a site's settings, one by one",
    body: SitePatch,
    status: 200,
    answer: Site,
  },
  addIdentityKey: {
    method: 'post',
    path: '/sites/{site_id}/identity-keys',
    scope: 'sites:write',
    summary: 'Add an identity key beside the one there is; its secret is shown once',
    body: v.object({}),
    status: 201,
    answer: IdentityKey,
    shownOnce: true,
  },
  removeIdentityKey: {
    method: 'delete',
    path: '/sites/{site_id}/identity-keys/{kid}',
    scope: 'sites:write',
    summary: 'Remove an identity key; what it signed is refused from now on',
    status: 204,
    answer: null,
  },
} as const satisfies Record<string, Route>;
