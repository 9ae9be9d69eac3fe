/** What of a site's settings says which pages may open as web views. */
export type WebViewSite = {
  /** Origins of the pages that may embed the widget. */
  hosts: readonly string[];
  web_view_origins: readonly string[];
  allow_host_origin: boolean;
};

/**
 * Why a site's web view must never open this URL; undefined when it may. One rule for the server, when a message is posted and when its view opens, and for the
 * widget, before it frames what the server answered; the browser checks a third time by the widget document's `frame-src`.
 *
 * @param ownOrigin the chat's
 */
export function whyRefused(text: string, site: WebViewSite, ownOrigin: string): string | undefined {
  if (!URL.canParse(text)) return 'it is no absolute URL';
  const { protocol, username, password, hostname, origin } = new URL(text);
  if (username || password) return 'it has user-info';
  if (protocol !== 'https:' && !(protocol === 'http:' && isLocalName(hostname)))
    return 'it has to be https (http only on localhost)';
  if (/^\d+(?:\.\d+){3}$/.test(hostname) || hostname.startsWith('[')) return 'its host is an IP address';
  if (hostname.endsWith('.')) return 'its host name ends in a dot';
  // On the chat's own origin a page could reach into the chat, sandbox or not.
  if (origin === ownOrigin) return "it is on the chat's own origin";
  if (site.hosts.includes(origin) && !site.allow_host_origin)
    return "it is on the embedding page's exact origin, whose scripts could read it (the site may set allow_host_origin)";
  if (!site.web_view_origins.includes(origin))
    return `the origin ${origin} is not among the site's web view origins (${site.web_view_origins.join(', ') || 'none'})`;
  return undefined;
}

const isLocalName = (hostname: string) => hostname === 'localhost' || hostname.endsWith('.localhost');
