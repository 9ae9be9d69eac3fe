import * as v from 'valibot';
import { parse } from '../../protocol/parse';
import { TokenPost } from '../../protocol/rest/tokens';
import { WebhookPost } from '../../protocol/rest/webhooks';
import { addSite, getSite, type Site } from '../access/sites';
import { createToken, listTokens, revokeToken } from '../access/tokens';
import { tokenOf } from '../http/v2/resources';
import { addWebhook, listWebhooks, removeWebhook } from '../webhooks/subscriptions';
import type { World } from '../world';

/** What the command line does to an installation, whether its server runs or not. Arguments and answers are JSON. */
export type Commands = Record<string, (input: unknown) => Promise<object>>;

const SiteAdd = v.object({
  id: v.string(),
  name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(100)),
  hosts: v.array(v.string()),
  web_view_origins: v.array(v.string()),
  config: v.optional(v.unknown()),
  allow_host_origin: v.optional(v.boolean(), false),
  replace: v.optional(v.boolean(), false),
});
const WithId = v.object({ id: v.pipe(v.string(), v.nonEmpty()) });

export function createCommands(world: World, options: { allowPrivateNetwork: boolean; publicKey: string }): Commands {
  return {
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
    async 'token create'(input) {
      const { token, row } = await createToken(world, parse(TokenPost, input, 'token create'));
      return { ...tokenOf(row), token };
    },
    async 'token list'() {
      return { tokens: (await listTokens(world)).map(tokenOf) };
    },
    async 'token revoke'(input) {
      const { id } = parse(WithId, input, 'token revoke');
      await revokeToken(world, id);
      return { revoked: id };
    },
    async 'webhook add'(input) {
      const added = await addWebhook(world, options.allowPrivateNetwork, parse(WebhookPost, input, 'webhook add'));
      return { ...added, public_key: options.publicKey };
    },
    async 'webhook list'() {
      return { webhooks: await listWebhooks(world) };
    },
    async 'webhook remove'(input) {
      const { id } = parse(WithId, input, 'webhook remove');
      await removeWebhook(world, id);
      return { removed: id };
    },
  };
}

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
