import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import * as v from 'valibot';
import { GuichetError } from '../../protocol/errors';
import { parse } from '../../protocol/parse';
import { type Site as ShownSite, SiteConfig, SitePatch, SitePost } from '../../protocol/rest/sites';
import type { SiteInfo } from '../../protocol/theme';
import type { Tables } from '../store/tables';
import type { World } from '../world';

/** A key by which a site vouches for its users. The algorithm is the key's, never the token's choice. */
export type IdentityKey = { kid: string; alg: 'HS256'; secret: string };
const mintKey = (): IdentityKey => ({
  kid: randomBytes(6).toString('hex'),
  alg: 'HS256',
  secret: randomBytes(32).toString('base64url'),
});
/** Identity keys of one site at a time: one in use, and one or two that are being changed. */
const mostKeys = 4;

/** What stands in the database; it was checked when it came in. */
export type SiteSettings = Omit<SitePost, 'id' | 'name'> & {
  identity_keys: IdentityKey[];
};

export type Site = { id: string; name: string; channelId: string; settings: SiteSettings };

/** @throws GuichetError SITE_NOT_FOUND */
export async function getSite(world: World, id: string): Promise<Site> {
  const row = await world.store.db.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row)
    throw new GuichetError(
      'SITE_NOT_FOUND',
      `No site has the id ${id}. Make one by: guichet site add ${id} --name … --host …`,
    );
  return siteOf(row);
}

/** What everybody may know of a site: it stands in the widget's document. */
export const infoOf = (world: World, site: Site): SiteInfo => ({
  id: site.id,
  config: { name: site.name, ...site.settings.config },
  hosts: site.settings.hosts,
  web_view_origins: site.settings.web_view_origins,
  allow_host_origin: site.settings.allow_host_origin,
  uploads: world.uploads !== undefined,
});

/** As the API and the command line show it: never with its keys' secrets. */
export function shownSite(site: Site): ShownSite {
  const { identity_keys, ...settings } = site.settings;
  return {
    id: site.id,
    name: site.name,
    channel_id: site.channelId,
    ...settings,
    identity_kids: identity_keys.map(({ kid }) => kid),
  };
}

export async function listSites(world: World): Promise<Site[]> {
  const rows = await world.store.db.selectFrom('sites').selectAll().orderBy('created').orderBy('id').execute();
  return rows.map(siteOf);
}

/**
 * Adds a site with its channel and an identity key.
 *
 * @param replace of one that is there replaces the settings, and keeps channel and keys
 * @returns the site, and the new key when one was made: its secret is not shown again
 * @throws GuichetError ALREADY_EXISTS, INVALID_VALUE
 */
export async function addSite(
  world: World,
  wanted: SitePost,
  replace = false,
): Promise<{ site: Site; newKey: IdentityKey | undefined }> {
  const { id, name, ...settings } = parse(SitePost, wanted, 'site');
  const { store } = world;
  return store.transaction(async () => {
    const row = await store.db.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst();
    if (row && !replace)
      throw new GuichetError('ALREADY_EXISTS', `The site ${id} exists. Change it, or add --replace.`);
    const keys = row ? siteOf(row).settings.identity_keys : [];
    const newKey = keys.length > 0 ? undefined : mintKey();
    const all: SiteSettings = { ...settings, identity_keys: newKey ? [newKey] : keys };
    if (row) {
      await keep(world, { id, name, channelId: row.channel_id, settings: all });
    } else {
      const channelId = world.newId();
      await store.db
        .insertInto('channels')
        .values({ id: channelId, site_id: id, name, updated: world.now(), settings_json: '{}' })
        .execute();
      await store.db
        .insertInto('sites')
        .values({ id, name, settings_json: JSON.stringify(all), channel_id: channelId, created: world.now() })
        .execute();
    }
    return { site: await getSite(world, id), newKey };
  });
}

/**
 * Changes what is given, the widget's settings one by one. Pages that are open follow with their customer's next session.
 *
 * @throws GuichetError SITE_NOT_FOUND, INVALID_VALUE
 */
export async function updateSite(world: World, id: string, change: SitePatch): Promise<Site> {
  return world.store.transaction(async () => {
    const site = await getSite(world, id);
    const { name = site.name, config, ...settings } = parse(SitePatch, change, 'body');
    const merged = config ? withChanges(site.settings.config, config) : site.settings.config;
    // Only what fits the whole is kept, and a fault is named by its place in what was sent.
    const checked = parse(v.object({ config: SiteConfig }), { config: merged }, 'body');
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    await keep(world, { ...site, name, settings: { ...site.settings, ...given, ...checked } });
    return getSite(world, id);
  });
}

/** Settings one by one, groups too; `null` takes one away. */
function withChanges(before: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  const after = { ...before };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete after[key];
    else if (isGroup(value) && isGroup(before[key])) after[key] = withChanges(before[key], value);
    else after[key] = isGroup(value) ? withChanges({}, value) : value;
  }
  return after;
}
const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A second key, so that the site's own server can change over to it before the first one is removed.
 *
 * @throws GuichetError SITE_NOT_FOUND; INVALID_VALUE when there are too many
 */
export async function addIdentityKey(world: World, siteId: string): Promise<IdentityKey> {
  return world.store.transaction(async () => {
    const site = await getSite(world, siteId);
    const { identity_keys: keys } = site.settings;
    if (keys.length >= mostKeys) {
      throw new GuichetError('INVALID_VALUE', `The site has ${mostKeys} identity keys already: remove one first.`);
    }
    const key = mintKey();
    await keep(world, { ...site, settings: { ...site.settings, identity_keys: [...keys, key] } });
    return key;
  });
}

/** @throws GuichetError SITE_NOT_FOUND, IDENTITY_KEY_NOT_FOUND; INVALID_VALUE for the last one */
export async function removeIdentityKey(world: World, siteId: string, kid: string): Promise<void> {
  await world.store.transaction(async () => {
    const site = await getSite(world, siteId);
    const rest = site.settings.identity_keys.filter((key) => key.kid !== kid);
    if (rest.length === site.settings.identity_keys.length)
      throw new GuichetError('IDENTITY_KEY_NOT_FOUND', `The site ${siteId} has no identity key ${kid.slice(0, 100)}.`);
    if (rest.length === 0)
      throw new GuichetError('INVALID_VALUE', 'This is the only identity key of the site: add another first.');
    await keep(world, { ...site, settings: { ...site.settings, identity_keys: rest } });
  });
}

async function keep(world: World, { id, name, settings }: Site): Promise<void> {
  await world.store.db
    .updateTable('sites')
    .set({ name, settings_json: JSON.stringify(settings) })
    .where('id', '=', id)
    .execute();
}

function siteOf(row: Selectable<Tables['sites']>): Site {
  // Settings that came later aren't in rows from before.
  const settings = { allow_host_mount: false, web_view_permissions: [], ...JSON.parse(row.settings_json) };
  return { id: row.id, name: row.name, channelId: row.channel_id, settings };
}
