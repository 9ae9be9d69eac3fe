import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { Server, type Socket } from 'socket.io';
import { type AgentMessages, AgentSocketAuth, agentSocketPath } from '../../protocol/agentLive';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { parse } from '../../protocol/parse';
import { type ApiToken, authenticate, type Bearer, requireScope } from '../access/tokens';
import { isFarBehind } from '../conversations/accountLog';
import { type Limiter, rateLimited } from '../http/limiter';
import { accountEventOf } from '../http/v2/events';
import type { World } from '../world';
import type { Admission } from './admission';
import { createFeed, type Reader } from './feed';
import type { Happening } from './hub';
import { asKnown } from './refusal';
import { limitStrangers } from './strangers';

type AgentSocket = Socket<
  Record<string, (...given: unknown[]) => void>,
  { [K in keyof AgentMessages]: (data: AgentMessages[K]) => void }
>;

/** Sockets that one token may have at once. */
const socketsPerToken = 50;
/** Frames that may wait on a connection before more is told: the rest waits in the log. */
const waiting = 4;
/** Milliseconds between two looks whether the tokens are still good. */
const overlapCheck = 30_000;

/**
 * The business's socket (protocol/agentLive.ts): it tells every event of the account, and that a customer types. Each socket
 * is fed from the log at its own pace. It takes no messages.
 */
export function openAgentDoor(
  world: World,
  server: HttpServer,
  tools: {
    perToken: Limiter;
    /** Counts wrong tokens by address. */
    bearer: (authorization: string, request: IncomingMessage) => Promise<Bearer>;
    admission: Admission;
    log: Logger;
    /** Origins, besides the server's own, whose pages may connect. */
    origins: readonly string[];
  },
): { close(): Promise<void> } {
  const allowed = new Set([world.origin, ...tools.origins]);
  const io = new Server(server, {
    path: agentSocketPath,
    serveClient: false,
    maxHttpBufferSize: limits.bodyBytes,
    pingInterval: 20_000,
    pingTimeout: 15_000,
    connectTimeout: 10_000,
    destroyUpgrade: false,
    cors: { origin: [...tools.origins], methods: ['GET', 'POST'], credentials: false },
    allowRequest: ({ headers: { origin } }, callback) => callback(null, origin === undefined || allowed.has(origin)),
  });
  tools.admission.guard(io);
  limitStrangers(io);
  const feed = createFeed(world);
  const sockets = new Map<string, Set<AgentSocket>>();
  const recheck = (some: Iterable<AgentSocket>) => {
    for (const socket of some) {
      authenticate(world, bearer(socket)).catch((error) => {
        if (error instanceof GuichetError) end(socket);
        else tools.log.error({ err: error }, 'an agent’s token could not be looked up');
      });
    }
  };

  io.use(async (socket, next) => {
    try {
      const auth = parse(AgentSocketAuth, socket.handshake.auth, 'auth');
      const token = await tools.bearer(bearer(socket), socket.request);
      await tools.perToken.takeQuietly(token.id);
      requireScope(token, 'events:read');
      if ((sockets.get(token.id)?.size ?? 0) >= socketsPerToken) {
        throw rateLimited(`A token may have ${socketsPerToken} sockets at once`, 30);
      }
      socket.data.token = token;
      socket.data.after = auth.after;
      // A cursor of another log is refused here, where the client can be told.
      if (auth.after !== undefined) await isFarBehind(world, auth.after, 0);
      next();
    } catch (error) {
      const known = asKnown(error, tools.log);
      next(Object.assign(new Error(known.message), { data: known.toBody() }));
    }
  });

  io.on('connection', (socket: AgentSocket) => {
    const token = socket.data.token as ApiToken;
    const own = sockets.get(token.id) ?? new Set();
    sockets.set(token.id, own.add(socket));
    const detach = feed.attach(readerOf(socket, token), socket.data.after as string | undefined, (error) => {
      tools.log.error({ err: error }, 'an agent’s socket could not be fed');
      socket.disconnect(true);
    });
    socket.on('disconnect', () => {
      detach();
      own.delete(socket);
      if (own.size === 0 && sockets.get(token.id) === own) sockets.delete(token.id);
    });
    // A token that was revoked between its check and now was not told.
    recheck([socket]);
    socket.onAny((name: string, ...rest: unknown[]) => {
      // Nothing is asked here; who asks all the same, and goes on asking, is shown out.
      tools.perToken.takeQuietly(token.id).then(
        () => {
          const ack = rest.at(-1);
          if (typeof ack !== 'function') return;
          const unknown = new GuichetError(
            'NOT_FOUND',
            `There is no message ${name.slice(0, 100)} on this socket: it only tells. What is done goes through /v2.`,
          );
          ack({ ok: false, error: unknown.toBody() });
        },
        () => socket.disconnect(true),
      );
    });
  });

  const heard: { [T in Happening['type']]?: (happening: Extract<Happening, { type: T }>) => void } = {
    event: () => feed.wake(),
    // Lost where a connection is slow: it would come too late to mean anything.
    customer_typing: ({ conversationId, on }) => io.volatile.emit('typing', { conversation_id: conversationId, on }),
    // After a rotation the token lives on: sockets that came by its new secret stay.
    token_end: ({ tokenId }) => recheck(sockets.get(tokenId) ?? []),
  };
  /** A secret that was rotated with an overlap ends when that is over, and nothing tells of it. */
  const overlaps = setInterval(() => recheck([...sockets.values()].flatMap((own) => [...own])), overlapCheck);
  const unsubscribe = world.hub.subscribe((happening) => {
    (heard[happening.type] as ((happening: Happening) => void) | undefined)?.(happening);
  });

  return {
    async close() {
      unsubscribe();
      clearInterval(overlaps);
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

const bearer = (socket: { handshake: { auth: object } }) =>
  `Bearer ${(socket.handshake.auth as AgentSocketAuth).token}`;

function end(socket: AgentSocket): void {
  socket.emit('end', { reason: 'The API token is no longer good.' });
  socket.disconnect(true);
}

function readerOf(socket: AgentSocket, token: ApiToken): Reader {
  return {
    tell: (entries, cursor) =>
      void socket.emit('events', { events: entries.map((entry) => accountEventOf(entry, token)), cursor }),
    skip: (cursor) => void socket.emit('resync', { cursor }),
    async ready() {
      while (socket.connected && framesWaiting(socket) >= waiting) {
        await new Promise<void>((resolve) => {
          const go = () => {
            socket.conn.off('drain', go);
            socket.conn.off('close', go);
            resolve();
          };
          socket.conn.once('drain', go);
          socket.conn.once('close', go);
        });
      }
      return socket.connected;
    },
  };
}

/** What the connection could not yet hand to the network. The library shows it, though its types keep it private. */
const framesWaiting = (socket: AgentSocket) =>
  (socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
