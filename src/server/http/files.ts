import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { type Context, Hono } from 'hono';

type StaticFile = {
  type: string;
  body: Buffer;
  br: Buffer | undefined;
  gzip: Buffer | undefined;
  immutable: boolean;
  tag: string;
};

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
};

/** What the build made, read once: it is small, and a file that changes under a running server can't mix versions. */
export function readBuild(folder: string): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /\.(br|gz|map)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const url = `/${relative(folder, path).split(sep).join('/')}`;
    if (url.includes('/.')) continue;
    const body = readFileSync(path);
    files.set(url, {
      type: types[extname(entry.name)] ?? 'application/octet-stream',
      body,
      br: readIfThere(`${path}.br`),
      gzip: readIfThere(`${path}.gz`),
      immutable: url.includes('/assets/'),
      tag: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    });
  }
  return files;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Serves the build, compressed beforehand. Names with a hash never change; the others (`guichet.js`, the SDK) are kept
 * for ten minutes. The widget's document is not among them: it is made for each site.
 */
export function staticDoor(files: Map<string, StaticFile>): Hono {
  const door = new Hono();
  for (const [url, file] of files) {
    if (url.endsWith('.html')) continue;
    door.get(url, (context) => {
      const encoding =
        file.br && accepts(context, 'br') ? 'br' : file.gzip && accepts(context, 'gzip') ? 'gzip' : undefined;
      const tag = `"${file.tag}${encoding ?? ''}"`;
      const body = encoding === 'br' ? file.br : encoding === 'gzip' ? file.gzip : file.body;
      context.header('Content-Type', file.type);
      context.header('Vary', 'Accept-Encoding');
      context.header('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=600');
      context.header('X-Content-Type-Options', 'nosniff');
      context.header('Cross-Origin-Resource-Policy', 'cross-origin');
      context.header('Access-Control-Allow-Origin', '*');
      context.header('ETag', tag);
      if (context.req.header('if-none-match') === tag) return context.body(null, 304);
      if (encoding) context.header('Content-Encoding', encoding);
      return context.body(new Uint8Array(body as Buffer));
    });
  }
  return door;
}

/** Whether the client takes this encoding; `q=0` says that it does not. */
export function accepts(context: Context, encoding: 'br' | 'gzip'): boolean {
  const offered = (context.req.header('accept-encoding') ?? '').toLowerCase().split(',');
  return offered.some((each) => {
    const [name, ...parameters] = each.split(';').map((part) => part.trim());
    return name === encoding && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part));
  });
}
