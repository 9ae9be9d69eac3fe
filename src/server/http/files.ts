import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { Hono } from 'hono';

type StaticFile = { type: string; body: Buffer; br: Buffer | undefined; gzip: Buffer | undefined; immutable: boolean };

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
    files.set(url, {
      type: types[extname(entry.name)] ?? 'application/octet-stream',
      body: readFileSync(path),
      br: readIfThere(`${path}.br`),
      gzip: readIfThere(`${path}.gz`),
      immutable: url.includes('/assets/'),
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
      const accepted = context.req.header('accept-encoding') ?? '';
      const encoding =
        file.br && /\bbr\b/.test(accepted) ? 'br' : file.gzip && /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
      const body = encoding === 'br' ? file.br : encoding === 'gzip' ? file.gzip : file.body;
      context.header('Content-Type', file.type);
      context.header('Vary', 'Accept-Encoding');
      context.header('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=600');
      context.header('X-Content-Type-Options', 'nosniff');
      context.header('Cross-Origin-Resource-Policy', 'cross-origin');
      context.header('Access-Control-Allow-Origin', '*');
      if (encoding) context.header('Content-Encoding', encoding);
      return context.body(new Uint8Array(body as Buffer));
    });
  }
  return door;
}
