import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import type { World } from '../world';
import { findBySecret } from './files';
import { isShown } from './kinds';
import { rangeOf } from './range';

/**
 * The files' own origin: `GET` and `HEAD /f/<secret>/<name>`, and nothing else of the server. Whatever a file is, opened by its
 * URL it has no origin, runs nothing, asks for nothing, and is in nobody's frame.
 */
const policy =
  "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/** On every answer of this origin. */
const everywhere = {
  'Content-Security-Policy': policy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};

export type FilesDoor = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function filesDoor(world: World, log: Logger): FilesDoor {
  return async (request, response) => {
    try {
      await serveFile(world, request, response);
    } catch (error) {
      if (request.destroyed || response.destroyed) return; // Whoever asked went away.
      log.error({ err: error }, 'a file could not be served');
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'The file could not be read.');
    }
  };
}

function plain(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  const body = `${text}\n`;
  response.writeHead(status, {
    ...everywhere,
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

async function serveFile(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume(); // A body says nothing here.
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return plain(response, 405, 'Files are read by GET.', { Allow: 'GET, HEAD' });
  const secret = /^\/f\/([\w-]{43})(?:\/[^/?]*)?(?:\?.*)?$/.exec(request.url ?? '')?.[1];
  const file = secret ? await findBySecret(world, secret) : undefined;
  if (!file || !world.uploads) return plain(response, 404, 'There is no such file.');

  const tag = `"${file.id}"`;
  const shown = isShown(file.content_type);
  const headers: Record<string, string> = {
    ...everywhere,
    'Accept-Ranges': 'bytes',
    // In a tab of its own, without an origin, the browser's own player asks for the sound or film across origins.
    ...(shown ? { 'Access-Control-Allow-Origin': '*' } : {}),
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Content-Disposition': `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${extValue(file.name)}`,
    'Content-Type': file.content_type,
    ETag: tag,
  };
  if (matches(request.headers['if-none-match'], tag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const condition = request.headers['if-range'];
  const range = condition === undefined || condition === tag ? rangeOf(request.headers.range, file.size) : 'all';
  if (range === 'none')
    return plain(response, 416, 'The file is shorter than that.', { 'Content-Range': `bytes */${file.size}` });
  const { first, last } = range === 'all' ? { first: 0, last: file.size - 1 } : range;
  response.writeHead(range === 'all' ? 200 : 206, {
    ...headers,
    ...(range === 'all' ? {} : { 'Content-Range': `bytes ${first}-${last}/${file.size}` }),
    'Content-Length': String(last - first + 1),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(createReadStream(world.uploads.folder.pathOf(file.id), { start: first, end: last }), response);
}

const matches = (header: string | undefined, tag: string) =>
  (header ?? '').split(',').some((each) => ['*', tag].includes(each.trim().replace(/^W\//, '')));

/** RFC 8187: what `encodeURIComponent` leaves and this may not hold. */
const extValue = (name: string) =>
  encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
