import { GuichetError } from '../../protocol/errors';
import { whyRefused } from '../../protocol/webViewUrl';
import type { SiteSettings } from './sites';

/**
 * Whether a web view may ever open this URL on a site.
 *
 * @throws GuichetError WEB_VIEW_URL_REFUSED with the rule that it breaks
 */
export function checkWebViewUrl(text: string, site: SiteSettings, ownOrigin: string): URL {
  const why = whyRefused(text, site, ownOrigin);
  if (why) throw new GuichetError('WEB_VIEW_URL_REFUSED', `A web view may not open this URL: ${why}.`);
  return new URL(text);
}
