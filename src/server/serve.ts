import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { type Logger, pino } from 'pino';
import { createSessions } from './access/sessions';
import type { Config } from './config';
import { createCommands } from './control/commands';
import { listenForCommands } from './control/socket';
import { sweepWebViews } from './conversations/webViewLife';
import { createGate } from './files/gate';
import { filesDoor } from './files/origin';
import { sweepFiles } from './files/sweep';
import { watchFraming } from './frameCheck/watch';
import { addressReader } from './http/address';
import { httpApp } from './http/app';
import { createBearerCheck } from './http/bearer';
import { crossOrigin } from './http/cors';
import { widgetDocument } from './http/document';
import { readBuild, staticDoor } from './http/files';
import { frontServer } from './http/front';
import { createLimiter } from './http/limiter';
import { describeApi } from './http/openapi';
import { referenceDoor } from './http/reference/door';
import { v2Door } from './http/v2/door';
import { v2Handlers } from './http/v2/handlers';
import { widgetDoor } from './http/widget';
import { openInstallation } from './installation';
import { createAdmission } from './live/admission';
import { openAgentDoor } from './live/agents';
import { openSocketDoor } from './live/socket';
import { startRetention } from './retention';
import { guardedAgent } from './webhooks/guard';
import { createPost } from './webhooks/post';
import { createSigner } from './webhooks/sign';
import { startWebhookWorker } from './webhooks/worker';
import type { World } from './world';

/** Milliseconds until a tab that lost its connection counts as gone, and for answers under way when the server stops. */
export type Patience = { tabs: number; answers: number };
const standardPatience: Patience = { tabs: 10_000, answers: 5_000 };

export type RunningServer = { port: number; log: Logger; world: World; stop(): Promise<void> };

/**
 * Opens the database and serves until stopped.
 *
 * @param clientDir folder of the built browser files
 * @param tools the clock, and how long to wait for others, for tests
 * @throws DatabaseBusy; an Error with code EADDRINUSE when the port is taken
 */
export async function serve(
  config: Config,
  clientDir: string,
  version: string,
  { now = Date.now, patience = standardPatience }: { now?: () => number; patience?: Patience } = {},
): Promise<RunningServer> {
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['req.headers', '*.token', '*.authorization', '*.secret'],
  });
  const installation = await openInstallation(config, now);
  const { world, publicKey } = installation;
  let serving = false;

  const sessions = createSessions(world, installation.sessionSecret);
  const perCustomer = createLimiter(config.limits.customer);
  const perToken = createLimiter(config.limits.token);
  const addressOf = addressReader(config);
  const addressOfContext = (context: { env: unknown }) =>
    addressOf((context.env as { incoming: IncomingMessage }).incoming);
  const bearer = createBearerCheck(world, config.limits.wrongTokens);
  const admission = createAdmission({
    perMinute: config.limits.handshakes,
    atOnce: config.limits.socketsOfAddress,
    addressOf,
  });
  const agent = guardedAgent(config.allowPrivateNetwork);
  const sign = createSigner(installation.privateKey);
  const post = createPost({ sign, agent, now });
  const options = { allowPrivateNetwork: config.allowPrivateNetwork, publicKey, post, sign };
  const files = readBuild(clientDir);
  const gates = {
    ofCustomer: createGate({
      atOnce: config.limits.uploads,
      bytesAnHour: config.limits.uploadMegabytes * 1_048_576,
    }),
    ofAddress: createGate({
      atOnce: config.limits.uploadsOfAddress,
      bytesAnHour: config.limits.uploadMegabytesOfAddress * 1_048_576,
    }),
  };
  const app = httpApp(world, {
    log,
    isServing: () => serving,
    crossOrigin: crossOrigin(config.apiOrigins),
    v2: v2Door(world, v2Handlers(world, options), {
      limiter: perToken,
      bearer: (context) => bearer(context.req.header('authorization'), addressOfContext(context)),
      gates,
    }),
    widget: widgetDoor(world, {
      sessions,
      perCustomer,
      perAddress: createLimiter(config.limits.sessions),
      addressOf: addressOfContext,
      gates,
    }),
    files: staticDoor(files),
    document: widgetDocument(world, readFileSync(join(clientDir, 'widget/index.html'), 'utf8')),
    reference: referenceDoor(() => describeApi(config.origin, version)),
  });

  const inner = createServer(getRequestListener(app.fetch));
  const server = frontServer(
    inner,
    config.filesOrigin ? { host: new URL(config.filesOrigin).host, door: filesDoor(world, log) } : undefined,
  );
  const closeServer = closerOf(server);
  const live = openSocketDoor(world, inner, {
    sessions,
    perCustomer,
    admission,
    socketsPerCustomer: config.limits.sockets,
    mostWaiting: config.limits.socketKilobytes * 1_024,
    log,
    grace: patience.tabs,
  });
  const agents = openAgentDoor(world, inner, {
    perToken,
    bearer: (authorization, request) => bearer(authorization, addressOf(request)),
    admission,
    log,
    origins: config.apiOrigins,
  });
  const control =
    config.dataDir === ':memory:' ? undefined : await listenForCommands(config.dataDir, createCommands(world, options));
  const worker = startWebhookWorker(world, { post, log, random: Math.random });
  const stopWatching = watchFraming(world, { allowPrivateNetwork: config.allowPrivateNetwork, log });
  const stopRetention = startRetention(world, { days: config.keepDeliveriesDays, log });
  const sweep = setInterval(() => {
    sweepWebViews(world).catch((error) => log.error({ err: error }, 'web views could not be swept'));
  }, 2_000);
  let shard = 0;
  const cleaning = setInterval(() => {
    shard += 1;
    sweepFiles(world, shard).catch((error) => log.error({ err: error }, 'files could not be cleared away'));
  }, 10_000);

  const stop = async () => {
    serving = false;
    clearInterval(sweep);
    clearInterval(cleaning);
    control?.close();
    stopWatching();
    world.hub.close();
    await live.close();
    await agents.close();
    await worker.stop();
    await stopRetention();
    await closeServer(patience.answers);
    // Whoever still waits for a receiver was told to stop.
    await agent.destroy();
    await world.store.close();
    await world.uploads?.folder.close();
  };
  try {
    server.listen(config.port, config.host);
    await once(server, 'listening');
  } catch (error) {
    await stop();
    throw error;
  }
  serving = true;
  const { port } = server.address() as AddressInfo;
  log.info({ origin: config.origin, filesOrigin: config.filesOrigin, address: `${config.host}:${port}` }, 'serving');
  if (!config.filesOrigin)
    log.warn('no files are taken: set GUICHET_FILES_ORIGIN to an origin of their own, and let it lead to this server');
  return { port, log, world, stop };
}

/** Gives how to close it, `patience` being the milliseconds for answers under way. */
function closerOf(server: Server): (patience: number) => Promise<void> {
  // Node's own list leaves out what became a WebSocket, which waits half a minute for an end that doesn't answer.
  const connections = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  return async (patience) => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // A connection whose answer is done would be kept alive for some seconds more.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const force = setTimeout(() => {
      for (const connection of connections) connection.destroy();
    }, patience);
    await closed;
    clearInterval(idle);
    clearTimeout(force);
  };
}
