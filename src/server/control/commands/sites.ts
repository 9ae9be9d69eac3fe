import * as v from 'valibot';
import { parse } from '../../../protocol/parse';
import { SitePatch, SitePost } from '../../../protocol/rest/sites';
import {
  addIdentityKey,
  addSite,
  getSite,
  listSites,
  removeIdentityKey,
  shownSite,
  updateSite,
} from '../../access/sites';
import type { CreateCommands } from '../words';
import { WithId } from './withId';

const SiteAdd = v.object({ ...SitePost.entries, replace: v.optional(v.boolean(), false) });
const SiteSet = v.object({ ...SitePatch.entries, ...WithId.entries });
const Key = v.object({ ...WithId.entries, kid: v.string() });

export const siteCommands: CreateCommands = (world) => ({
  async 'site add'(input) {
    const { replace, ...wanted } = parse(SiteAdd, input, 'site add');
    const { site, newKey } = await addSite(world, wanted, replace);
    const kid = site.settings.identity_keys[0]?.kid;
    return { site: shownSite(site), identity_key: newKey ? { kid, secret: newKey.secret } : { kid } };
  },
  async 'site set'(input) {
    const { id, ...change } = parse(SiteSet, input, 'site set');
    return { site: shownSite(await updateSite(world, id, change)) };
  },
  async 'site list'() {
    return { sites: (await listSites(world)).map(shownSite) };
  },
  async 'site show'(input) {
    return { site: shownSite(await getSite(world, parse(WithId, input, 'site show').id)) };
  },
  async 'site add-key'(input) {
    const { kid, secret } = await addIdentityKey(world, parse(WithId, input, 'site add-key').id);
    return { identity_key: { kid, secret } };
  },
  async 'site remove-key'(input) {
    const { id, kid } = parse(Key, input, 'site remove-key');
    await removeIdentityKey(world, id, kid);
    return { removed: kid };
  },
});
