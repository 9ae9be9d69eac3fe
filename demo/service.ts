import { serve } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { log } from './log';
import { closeConnections } from './loopback';

/** A web app that answers only under its own name (another name that leads here is refused) and says when it is up. */
export function webApp(origin: string): Hono {
  const app = new Hono();
  app.use(ownHostOnly(origin));
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.onError((error, c) => {
    // The path only: queries and bodies may hold what must not be logged.
    log.error(`${c.req.method} ${c.req.path} failed: ${error.message}`);
    return c.text('Something went wrong on our side. Please try again.', 500);
  });
  return app;
}

function ownHostOnly(origin: string): MiddlewareHandler {
  const { host } = new URL(origin);
  return async (c, next) => {
    if (c.req.header('host') !== host) return c.text(`This is ${origin}.`, 421);
    await next();
  };
}

/** Serves `app` on this machine only, at its origin's port, until SIGINT or SIGTERM. */
export function startService(name: string, origin: string, app: Hono, stopped?: () => Promise<void>): void {
  const port = Number(new URL(origin).port || 80);
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => log.info(`${name} serves ${origin}`));
  server.on('error', (error: NodeJS.ErrnoException) => {
    log.error(error.code === 'EADDRINUSE' ? `port ${port} is taken by another program` : error.message);
    process.exit(1);
  });

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), 3_000).unref();
    const closed = new Promise((done) => server.close(done));
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    await stopped?.();
    await closed;
    await closeConnections();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
