import type { Context, Hono } from 'hono';
import type * as v from 'valibot';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { parse } from '../../protocol/parse';

/** @throws GuichetError PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID_JSON, INVALID_VALUE */
export async function readBody<S extends v.GenericSchema>(context: Context, schema: S): Promise<v.InferOutput<S>> {
  return parse(schema, JSON.parse(await readJsonText(context)), 'body');
}

/** The body as text that is known to be JSON; no body at all says as much as an empty object. */
export async function readJsonText(context: Context): Promise<string> {
  const type = context.req.header('content-type');
  if (type && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    throw new GuichetError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Expected content-type application/json, got ${type.slice(0, 100)}.`,
    );
  }
  const text = (await readText(context)) || '{}';
  try {
    JSON.parse(text);
  } catch (error) {
    throw new GuichetError('INVALID_JSON', `The body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  return text;
}

/** Counts what comes rather than believing Content-Length. */
async function readText(context: Context): Promise<string> {
  const body = context.req.raw.body;
  if (!body) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limits.bodyBytes) {
      throw new GuichetError('PAYLOAD_TOO_LARGE', `The body may have ${limits.bodyBytes} bytes; this one has more.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Refuses every other method at a path; goes after the path's handlers. */
export function takesOnly(door: Hono, path: string, methods: string[]): void {
  door.all(path, (context) => {
    context.header('Allow', methods.join(', '));
    throw new GuichetError(
      'METHOD_NOT_ALLOWED',
      `${context.req.path} takes ${methods.join(', ')}, got ${context.req.method}.`,
    );
  });
}
