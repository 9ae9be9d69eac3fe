import type { Context } from 'hono';

/** The JSON object of a POST that our own page has sent; else the answer that says what was wrong with it. */
export async function ownPagePost(c: Context, origin: string): Promise<Record<string, unknown> | Response> {
  c.header('cache-control', 'no-store');
  if (c.req.header('origin') !== origin) return c.json({ error: 'foreign_origin' }, 403);
  if (!c.req.header('content-type')?.startsWith('application/json')) return c.json({ error: 'expected_json' }, 415);
  const body: unknown = await c.req.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return c.json({ error: 'expected_json' }, 400);
  return body as Record<string, unknown>;
}

export const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '');
