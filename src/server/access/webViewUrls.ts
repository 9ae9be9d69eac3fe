import { GuichetError } from '../../protocol/errors';
import type { SiteSettings } from './sites';

/**
 * Whether a web view may ever open this URL on a site. The widget checks again, and the browser a third time by the
 * widget document's `frame-src`.
 *
 * @throws GuichetError WEB_VIEW_URL_REFUSED with the rule that it breaks
 */
export function checkWebViewUrl(text: string, site: SiteSettings, ownOrigin: string): URL {
  const refuse = (why: string) => new GuichetError('WEB_VIEW_URL_REFUSED', `A web view may not open this URL: ${why}.`);
  if (!URL.canParse(text)) throw refuse('it is no absolute URL');
  const url = new URL(text);
  const { hostname } = url;
  if (url.username || url.password) throw refuse('it has user-info');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocalName(hostname))) {
    throw refuse('it has to be https (http only on localhost)');
  }
  if (/^\d+(?:\.\d+){3}$/.test(hostname) || hostname.startsWith('[')) throw refuse('its host is an IP address');
  if (hostname.endsWith('.')) throw refuse('its host name ends in a dot');
  if (url.origin === ownOrigin) throw refuse("it is on the chat's own origin");
  if (site.hosts.includes(url.origin) && !site.allow_host_origin) {
    throw refuse(
      "it is on the embedding page's exact origin, whose scripts could read it (the site may set allow_host_origin)",
    );
  }
  if (!site.web_view_origins.includes(url.origin)) {
    throw refuse(
      `the origin ${url.origin} is not among the site's web view origins (${site.web_view_origins.join(', ') || 'none'})`,
    );
  }
  return url;
}

export const isLocalName = (hostname: string) => hostname === 'localhost' || hostname.endsWith('.localhost');
