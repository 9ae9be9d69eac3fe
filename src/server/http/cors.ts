import type { MiddlewareHandler } from 'hono';

const asked = 'Authorization, Content-Type, Idempotency-Key';
const shown =
  'X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Idempotent-Replayed, X-Trace-ID, Allow';

/**
 * Lets pages of these origins, and of no others, call `/v2` from a browser. Never `*`, and never with credentials: who calls
 * shows a token. To any other page a browser shows nothing of the answers.
 */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  const allowed = new Set(origins);
  return async (context, next) => {
    if (allowed.size === 0) return next();
    context.header('Vary', 'Origin');
    const origin = context.req.header('origin');
    if (origin === undefined || !allowed.has(origin)) return next();
    context.header('Access-Control-Allow-Origin', origin);
    if (context.req.method !== 'OPTIONS' || !context.req.header('access-control-request-method')) {
      context.header('Access-Control-Expose-Headers', shown);
      return next();
    }
    context.header('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE');
    context.header('Access-Control-Allow-Headers', asked);
    context.header('Access-Control-Max-Age', '600');
    return context.body(null, 204);
  };
}
