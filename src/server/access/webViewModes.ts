import { getDomain } from 'tldts';
import type { WebViewOpenAnswer } from '../../protocol/live';
import type { WebViewOptions } from '../../protocol/parts';
import type { WebViewPermission } from '../../protocol/webview';
import type { SiteSettings } from './sites';

export type AskedModes = Pick<WebViewOptions, 'mount' | 'strict' | 'permissions'>;

/** What the page may do in its frame, and where that may stand, as the site's settings are now. */
export function modesOf(
  site: SiteSettings,
  origin: string,
  { mount, strict = false, permissions = [] }: AskedModes,
): Pick<WebViewOpenAnswer, 'sandbox' | 'allow' | 'strict' | 'host_mount_on' | 'readable_by_host'> {
  const granted = permissions.filter((each) => site.web_view_permissions.includes(each));
  return {
    sandbox: sandboxOf(strict, granted),
    allow: granted.filter((each) => each !== 'popups').join('; '),
    strict,
    host_mount_on: mount === 'host' && site.allow_host_mount ? sameSiteHosts(site, origin) : [],
    readable_by_host: !strict && site.hosts.includes(origin),
  };
}

/** Never top navigation, modals, downloads or pointer lock. */
function sandboxOf(strict: boolean, granted: readonly WebViewPermission[]): string {
  return [
    'allow-scripts allow-forms',
    ...(strict ? [] : ['allow-same-origin']),
    ...(granted.includes('popups') ? ['allow-popups', 'allow-popups-to-escape-sandbox'] : []),
    ...(granted.includes('storage-access') ? ['allow-storage-access-by-user-activation'] : []),
  ].join(' ');
}

/** The site's hosts in whose pages one of this origin may stand and has its `SameSite` cookies: not that origin itself, whose page it could act for. */
export const sameSiteHosts = (site: SiteSettings, origin: string): string[] =>
  site.hosts.filter((host) => host !== origin && isSameSite(host, origin));

/**
 * What browsers call the same site: the same scheme, and the same name below the public suffix; ports don't count. A name
 * that is a public suffix itself, such as `localhost`, is a site of its own.
 *
 * @see https://html.spec.whatwg.org/multipage/browsers.html#same-site
 */
export function isSameSite(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  if (a.protocol !== b.protocol) return false;
  if (a.hostname === b.hostname) return true;
  const domain = getDomain(a.hostname, { allowPrivateDomains: true });
  return domain !== null && domain === getDomain(b.hostname, { allowPrivateDomains: true });
}

/** The `Permissions-Policy` of the widget's document: closed, but for what the site lets its web views ask for. */
export function permissionsPolicy(site: SiteSettings): string {
  const views = site.web_view_origins.map((origin) => `"${origin}"`);
  const features = policyFeatures.map((feature) => {
    // The widget itself uses one of them, for films.
    const own = feature === 'fullscreen' ? ['self'] : [];
    // A document can hand on only what it has itself.
    const granted = site.web_view_permissions.includes(feature) ? ['self', ...views] : own;
    return `${feature}=(${granted.join(' ')})`;
  });
  return [...features, 'unload=()'].join(', ');
}

const policyFeatures = [
  'storage-access',
  'camera',
  'microphone',
  'geolocation',
  'payment',
  'publickey-credentials-get',
  'otp-credentials',
  'clipboard-write',
  'fullscreen',
] as const satisfies WebViewPermission[];
