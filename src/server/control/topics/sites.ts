import * as v from 'valibot';
import { parse } from '../../../protocol/parse';
import { addSite, getSite, type Site } from '../../access/sites';
import { readJson, required, requiredList, type Topic, WithId } from '../words';

const SiteAdd = v.object({
  id: v.string(),
  name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(100)),
  hosts: v.array(v.string()),
  web_view_origins: v.array(v.string()),
  config: v.optional(v.unknown()),
  allow_host_origin: v.optional(v.boolean(), false),
  replace: v.optional(v.boolean(), false),
});

export const siteTopic: Topic = {
  usage: `guichet site add ID --name NAME --host ORIGIN [--host …] [--web-view-origin ORIGIN …]
             [--config FILE.json] [--allow-host-origin] [--replace]
guichet site show ID`,
  phrases: {
    'site add': {
      id: 'a site id',
      takes: ['name', 'host', 'web-view-origin', 'config', 'allow-host-origin', 'replace'],
      input: (id, flags) => ({
        id,
        name: required(flags.name, '--name'),
        hosts: requiredList(flags.host, '--host'),
        web_view_origins: flags['web-view-origin'] ?? [],
        allow_host_origin: flags['allow-host-origin'] ?? false,
        replace: flags.replace ?? false,
        ...(flags.config ? { config: readJson(flags.config, '--config') } : {}),
      }),
    },
    'site show': { id: 'a site id', takes: [], input: (id) => ({ id }) },
  },
  commands: (world) => ({
    async 'site add'(input) {
      const {
        web_view_origins: webViewOrigins,
        allow_host_origin: allowHostOrigin,
        ...rest
      } = parse(SiteAdd, input, 'site add');
      const { site, newKey } = await addSite(world, {
        ...rest,
        webViewOrigins,
        allowHostOrigin,
        config: rest.config ?? {},
      });
      const kid = site.settings.identity_keys[0]?.kid;
      return { site: shownSite(site), identity_key: newKey ? { kid, secret: newKey.secret } : { kid } };
    },
    async 'site show'(input) {
      return { site: shownSite(await getSite(world, parse(WithId, input, 'site show').id)) };
    },
  }),
};

/** Never with its keys' secrets. */
function shownSite(site: Site): object {
  const { identity_keys, ...settings } = site.settings;
  return {
    id: site.id,
    name: site.name,
    channel_id: site.channelId,
    ...settings,
    identity_kids: identity_keys.map(({ kid }) => kid),
  };
}
