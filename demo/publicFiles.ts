import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Hono } from 'hono';

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.gif': 'image/gif',
};
/** Pictures are shown in the chat too, which is another site, and needn't be asked for each time. */
const pictureHeaders = { 'cross-origin-resource-policy': 'cross-origin', 'cache-control': 'public, max-age=3600' };

/** Serves the files of one folder, and nothing else: the list is read at the start, so no path can lead out of it. */
export function publicFiles(folder: string): Hono {
  const app = new Hono();
  for (const name of readdirSync(folder)) {
    const type = types[extname(name)];
    if (!type) continue;
    const bytes = readFileSync(join(folder, name));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    app.get(`/${name}`, (c) => {
      const headers = {
        'content-type': type,
        etag,
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        ...(type.startsWith('image/') ? pictureHeaders : {}),
      };
      return c.req.header('if-none-match') === etag ? c.body(null, 304, headers) : c.body(bytes, 200, headers);
    });
  }
  return app;
}
