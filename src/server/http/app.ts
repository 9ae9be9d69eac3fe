import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { getPath } from 'hono/utils/url';
import type { Logger } from 'pino';
import { GuichetError } from '../../protocol/errors';
import type { World } from '../world';

/** Each request has an id, in its answer and in the log. */
type Traced = { Variables: { traceId: string } };

/** The whole of HTTP: what each part serves, and one answer for everything that goes wrong. */
export function httpApp(
  world: World,
  parts: {
    log: Logger;
    isServing: () => boolean;
    /** Goes before `/v2`. */
    crossOrigin: MiddlewareHandler;
    v2: Hono;
    widget: Hono;
    files: Hono;
    document: (context: Context) => Promise<Response>;
    reference: Hono;
  },
): Hono<Traced> {
  const app = new Hono<Traced>({ getPath: (request) => forgivingPath(getPath(request)) });
  app.use(async (context, next) => {
    const started = performance.now();
    const traceId = world.newId();
    context.set('traceId', traceId);
    await next();
    context.header('X-Trace-ID', traceId);
    const { method } = context.req;
    // A file's address is its key: one that was asked for by the wrong host stays out of the log.
    const path = context.req.path.replace(/^\/f\/.*/s, '/f/…');
    const milliseconds = Math.round(performance.now() - started);
    // The path only: a query may hold what somebody searched for.
    parts.log.debug({ method, path, status: context.res.status, milliseconds, traceId }, 'answered');
  });
  app.get('/health', (context) =>
    parts.isServing() ? context.json({ status: 'ok' }) : context.json({ status: 'stopping' }, 503),
  );
  app.route('/', parts.reference);
  app.get('/widget', (context) => context.redirect(`/widget/${new URL(context.req.url).search}`, 308));
  app.get('/widget/', parts.document);
  app.route('/widget/v1', parts.widget);
  app.use('/v2/*', parts.crossOrigin);
  app.route('/v2', parts.v2);
  app.route('/', parts.files);
  app.notFound((context) =>
    errorAnswer(context, new GuichetError('NOT_FOUND', `Nothing is served at ${context.req.path.slice(0, 200)}.`)),
  );
  app.onError((error, context) => {
    if (error instanceof GuichetError) return errorAnswer(context, error);
    const traceId = context.get('traceId');
    parts.log.error({ err: error, traceId, method: context.req.method, path: context.req.path }, 'a request failed');
    return errorAnswer(context, new GuichetError('INTERNAL', `A fault of the server; it is logged under ${traceId}.`));
  });
  return app;
}

/** Programs join a base URL and a path as they happen to: `/v2//users/` means `/v2/users`. */
const forgivingPath = (path: string) =>
  /^\/+v2\//.test(path) ? path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '') : path;

function errorAnswer(context: Context, error: GuichetError): Response {
  if (error.retryAfter !== undefined) context.header('Retry-After', String(error.retryAfter));
  if (error.code === 'UNAUTHENTICATED') context.header('WWW-Authenticate', 'Bearer');
  return context.json(error.toBody(), error.status as 400, {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
}
