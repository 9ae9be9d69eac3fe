import type { siteRoutes } from '../../../protocol/rest/sites';
import {
  addIdentityKey,
  addSite,
  getSite,
  type IdentityKey,
  listSites,
  removeIdentityKey,
  shownSite,
  updateSite,
} from '../../access/sites';
import type { World } from '../../world';
import type { Handlers } from './door';

export function siteHandlers(world: World): Pick<Handlers, keyof typeof siteRoutes> {
  return {
    listSites: async () => ({ sites: (await listSites(world)).map(shownSite) }),
    async createSite({ body }) {
      const { site, newKey } = await addSite(world, body);
      return { site: shownSite(site), identity_key: shownKey(newKey as IdentityKey) };
    },
    getSite: async ({ param }) => shownSite(await getSite(world, param('site_id'))),
    updateSite: async ({ param, body }) => shownSite(await updateSite(world, param('site_id'), body)),
    addIdentityKey: async ({ param }) => shownKey(await addIdentityKey(world, param('site_id'))),
    async removeIdentityKey({ param }) {
      await removeIdentityKey(world, param('site_id'), param('kid'));
      return undefined;
    },
  };
}

const shownKey = ({ kid, secret }: IdentityKey) => ({ kid, secret });
