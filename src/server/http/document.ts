import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Context } from 'hono';
import { getSite, infoOf, type Site } from '../access/sites';
import { permissionsPolicy } from '../access/webViewModes';
import type { World } from '../world';
import { accepts } from './files';

const placeholder = /(<script type="application\/json" id="site">)[^<]*(<\/script>)/;

/** The widget's document for a site: the built one with the site's public facts in it, and the site's own policy. */
export function widgetDocument(world: World, html: string): (context: Context) => Promise<Response> {
  if (!placeholder.test(html))
    throw new Error('The built widget document has no <script type="application/json" id="site">.');
  const cache = new Map<string, { br: Uint8Array; gzip: Uint8Array; plain: string; tag: string }>();
  return async (context) => {
    const site = await getSite(world, (context.req.query('site') ?? '').slice(0, 64));
    const info = JSON.stringify(infoOf(world, site))
      .replace(/</g, '\\u003c')
      .replace(/\u2028|\u2029/g, ' ');
    const policy = policyOf(world, site);
    const permissions = permissionsPolicy(site.settings);
    const key = `${info}\n${policy}\n${permissions}`;
    const cached =
      cache.get(key) ??
      compress(
        html.replace(placeholder, (_, open, close) => open + info + close),
        `${policy}\n${permissions}`,
      );
    if (cache.size > 100) cache.clear();
    cache.set(key, cached);
    const headers: Record<string, string> = {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
      ETag: cached.tag,
      Vary: 'Accept-Encoding',
      'Content-Security-Policy': policy,
      'Origin-Agent-Cluster': '?1',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Permissions-Policy': permissions,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    };
    if (context.req.header('if-none-match') === cached.tag) return context.body(null, 304, headers);
    if (accepts(context, 'br'))
      return context.body(cached.br as Uint8Array<ArrayBuffer>, 200, { ...headers, 'Content-Encoding': 'br' });
    if (accepts(context, 'gzip'))
      return context.body(cached.gzip as Uint8Array<ArrayBuffer>, 200, { ...headers, 'Content-Encoding': 'gzip' });
    return context.body(cached.plain, 200, headers);
  };
}

/** @param policies are part of the tag: a browser that has the document from before has to take the new ones as well */
function compress(plain: string, policies: string) {
  return {
    plain,
    br: new Uint8Array(brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })),
    gzip: new Uint8Array(gzipSync(plain)),
    tag: `"${createHash('sha256').update(plain).update(policies).digest('base64url').slice(0, 22)}"`,
  };
}

/** Only what the widget does: its own files and door, pictures of messages, web views of the site, embedded by the site. */
function policyOf(world: World, site: Site): string {
  const socket = world.origin.replace(/^http/, 'ws');
  const { hosts, web_view_origins: views } = site.settings;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src http: https: data: blob:',
    'media-src http: https: blob:',
    `connect-src 'self' ${socket}`,
    `frame-src ${views.length > 0 ? views.join(' ') : "'none'"}`,
    `frame-ancestors ${hosts.join(' ')}`,
    "form-action 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types dompurify',
  ].join('; ');
}
