import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { GuichetError } from '../../protocol/errors';
import { parse } from '../../protocol/parse';
import { type SiteInfo, WidgetConfig } from '../../protocol/theme';
import type { World } from '../world';

const Origin = v.pipe(
  v.string(),
  v.check(
    // Nothing that would mean more in a Content-Security-Policy, such as `*` or `;`.
    (text) =>
      URL.canParse(text) &&
      new URL(text).origin === text &&
      /^https?:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d+)?$/.test(text),
    'an origin such as https://bank.example, without a path',
  ),
);

/** A key by which a site vouches for its users. The algorithm is the key's, never the token's choice. */
const IdentityKey = v.object({ kid: v.string(), alg: v.picklist(['HS256']), secret: v.string() });
export type IdentityKey = v.InferOutput<typeof IdentityKey>;

export const SiteSettings = v.object({
  /** Origins of the pages that may embed the widget. */
  hosts: v.pipe(v.array(Origin), v.minLength(1), v.maxLength(50)),
  /** Origins whose pages may open as web views. */
  web_view_origins: v.optional(v.pipe(v.array(Origin), v.maxLength(50)), []),
  /** Let web views open pages on a host's exact origin, which the host's scripts can read. */
  allow_host_origin: v.optional(v.boolean(), false),
  config: v.optional(WidgetConfig, {}),
  identity_keys: v.optional(v.array(IdentityKey), []),
});
export type SiteSettings = v.InferOutput<typeof SiteSettings>;

export type Site = { id: string; name: string; channelId: string; settings: SiteSettings };

const SiteId = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a site id: a-z, 0-9 and dashes, at most 63'));

/** @throws GuichetError SITE_NOT_FOUND */
export async function getSite(world: World, id: string): Promise<Site> {
  const row = await world.store.db.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row)
    throw new GuichetError(
      'SITE_NOT_FOUND',
      `No site has the id ${id}. Make one by: guichet site add ${id} --name … --host …`,
    );
  return { id: row.id, name: row.name, channelId: row.channel_id, settings: JSON.parse(row.settings_json) };
}

/** What everybody may know of a site: it stands in the widget's document. */
export const infoOf = (site: Site): SiteInfo => ({
  id: site.id,
  config: { name: site.name, ...site.settings.config },
  web_view_origins: site.settings.web_view_origins,
  uploads: false,
});

export type NewSite = {
  id: string;
  name: string;
  hosts: string[];
  webViewOrigins: string[];
  config: unknown;
  allowHostOrigin: boolean;
  replace: boolean;
};

/**
 * Adds a site with its channel and an identity key, or replaces its settings, keeping channel and keys.
 *
 * @returns the site, and the new key's secret when one was made: it is not shown again
 * @throws GuichetError ALREADY_EXISTS, INVALID_VALUE
 */
export async function addSite(world: World, wanted: NewSite): Promise<{ site: Site; newKey: IdentityKey | undefined }> {
  const id = parse(SiteId, wanted.id, 'site id');
  const settings = parse(
    SiteSettings,
    {
      hosts: wanted.hosts,
      web_view_origins: wanted.webViewOrigins,
      config: wanted.config ?? {},
      allow_host_origin: wanted.allowHostOrigin,
    },
    'site settings',
  );
  const { store } = world;
  return store.transaction(async () => {
    const row = await store.db.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst();
    if (row && !wanted.replace)
      throw new GuichetError('ALREADY_EXISTS', `The site ${id} exists. Add --replace to change its settings.`);
    const keys = row ? (JSON.parse(row.settings_json) as SiteSettings).identity_keys : [];
    const newKey: IdentityKey | undefined =
      keys.length > 0
        ? undefined
        : { kid: randomBytes(6).toString('hex'), alg: 'HS256', secret: randomBytes(32).toString('base64url') };
    const all = { ...settings, identity_keys: newKey ? [newKey] : keys };
    const channelId = row?.channel_id ?? world.newId();
    if (row) {
      await store.db
        .updateTable('sites')
        .set({ name: wanted.name, settings_json: JSON.stringify(all) })
        .where('id', '=', id)
        .execute();
    } else {
      await store.db
        .insertInto('channels')
        .values({ id: channelId, site_id: id, name: wanted.name, updated: world.now(), settings_json: '{}' })
        .execute();
      await store.db
        .insertInto('sites')
        .values({
          id,
          name: wanted.name,
          settings_json: JSON.stringify(all),
          channel_id: channelId,
          created: world.now(),
        })
        .execute();
    }
    return { site: await getSite(world, id), newKey };
  });
}
