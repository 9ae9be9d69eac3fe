import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type Context, Hono } from 'hono';
import { takesOnly } from '../door';
import { accepts } from '../files';
import type { Description } from './description';
import { renderReference } from './page';
import { style } from './style';

/** Nothing runs, nothing is fetched: the one style is known by its hash. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json` for machines and `/docs` for people, made when they're first asked for. */
export function referenceDoor(describe: () => object): Hono {
  const description = once(describe);
  const page = once(() => {
    const html = renderReference(description() as Description);
    return {
      html,
      br: brotliCompressSync(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
      gzip: gzipSync(html),
      tag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`,
    };
  });
  const door = new Hono();
  door.get('/openapi.json', (context) => context.json(description()));
  const serve = (context: Context) => {
    const { html, br, gzip, tag } = page();
    const headers = {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
      ETag: tag,
      Vary: 'Accept-Encoding',
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    };
    if (context.req.header('if-none-match') === tag) return context.body(null, 304, headers);
    if (accepts(context, 'br')) return context.body(new Uint8Array(br), 200, { ...headers, 'Content-Encoding': 'br' });
    if (accepts(context, 'gzip'))
      return context.body(new Uint8Array(gzip), 200, { ...headers, 'Content-Encoding': 'gzip' });
    return context.body(html, 200, headers);
  };
  for (const path of ['/docs', '/docs/']) {
    door.get(path, serve);
    takesOnly(door, path, ['GET']);
  }
  return door;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
