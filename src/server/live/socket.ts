import type { Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server, type Socket } from 'socket.io';
import type * as v from 'valibot';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import {
  type Ack,
  type ClientAnswers,
  type ClientMessages,
  clientMessages,
  type ServerMessages,
  SocketAuth,
  socketPath,
} from '../../protocol/live';
import { parse } from '../../protocol/parse';
import { jsonBytes } from '../../protocol/parts';
import type { CustomerSession, Sessions } from '../access/sessions';
import { listOwn } from '../conversations/conversations';
import { forCustomer, readLog } from '../conversations/log';
import { pauseIf } from '../conversations/webViewLife';
import { type Limiter, rateLimited } from '../http/limiter';
import { turnOf } from '../http/widget';
import type { World } from '../world';
import type { Admission } from './admission';
import { customerHandlers } from './handlers';
import { oneAtATime } from './oneAtATime';
import { asKnown } from './refusal';
import { endSlowConsumer } from './slowConsumer';
import { limitStrangers } from './strangers';

type CustomerSocket = Socket<
  Record<string, (...given: unknown[]) => void>,
  { [K in keyof ServerMessages]: (data: ServerMessages[K]) => void }
>;

/** Refusals for want of points after which a socket that goes on asking is shown out. */
const mostRefusals = 500;

/**
 * The customer's socket. On connecting it joins first, then reads what was missed: nothing falls between. A tab that
 * goes away pauses the web views that it showed.
 */
export function openSocketDoor(
  world: World,
  server: HttpServer,
  tools: {
    sessions: Sessions;
    perCustomer: Limiter;
    admission: Admission;
    socketsPerCustomer: number;
    /** Bytes that may wait for a customer who reads slowly. */
    mostWaiting: number;
    log: Logger;
    /** Milliseconds for a tab to come back: a short break of the network is no reason to pause what it shows. */
    grace: number;
  },
): { close(): Promise<void> } {
  const io = new Server(server, {
    path: socketPath,
    serveClient: false,
    maxHttpBufferSize: limits.bodyBytes,
    pingInterval: 20_000,
    pingTimeout: 15_000,
    connectTimeout: 10_000,
    // The agents' socket answers on the same server, and on a busy machine it may take its time.
    destroyUpgradeTimeout: 15_000,
    allowRequest: (request, callback) =>
      callback(null, request.headers.origin === undefined || request.headers.origin === world.origin),
  });
  tools.admission.guard(io);
  limitStrangers(io);
  /** Whose a connection is, once that is known. */
  const customers = new WeakMap<Socket['conn'], string>();
  io.engine.on('connection', (conn: Socket['conn']) =>
    endSlowConsumer(conn, tools.mostWaiting, () =>
      tools.log.warn(
        { customer: customers.get(conn) },
        'a socket was closed: its customer did not take what it was told',
      ),
    ),
  );
  const handlers = customerHandlers(world);

  io.use(async (socket, next) => {
    try {
      const auth = parse(SocketAuth, socket.handshake.auth, 'auth');
      const session = await tools.sessions.check(auth.token);
      await tools.perCustomer.takeQuietly(session.userId);
      const open = io.of('/').adapter.rooms.get(roomOf(session.userId))?.size ?? 0;
      if (open >= tools.socketsPerCustomer)
        throw rateLimited(`At most ${tools.socketsPerCustomer} connections of one customer`, 30);
      socket.data.session = session;
      socket.data.cursors = auth.cursors;
      next();
    } catch (error) {
      const known = asKnown(error, tools.log);
      next(Object.assign(new Error(known.message), { data: known.toBody() }));
    }
  });

  io.on('connection', (socket: CustomerSocket) => {
    const session = socket.data.session as CustomerSession;
    /** Web views that this tab showed: `id → owner`. */
    const shown = new Map<string, string>();
    customers.set(socket.conn, session.userId);
    let refusals = 0;
    void socket.join([roomOf(session.userId), sessionRoomOf(session.id)]);
    catchUp(world, socket, session).catch((error) => tools.log.error({ err: error }, 'catching up failed'));
    // A session that was revoked between its check and the joining was not told.
    tools.sessions.check(socket.handshake.auth.token as string).catch(() => socket.disconnect(true));
    const inOrder = oneAtATime();
    const carryOut = async (name: string, data: unknown): Promise<unknown> => {
      await tools.perCustomer.takeQuietly(session.userId);
      if (!isKnown(name))
        throw new GuichetError('NOT_FOUND', `There is no message ${name.slice(0, 100)} on this socket.`);
      const message = parse(clientMessages[name] as v.GenericSchema, data ?? {}, name);
      const handle = handlers[name] as (session: CustomerSession, message: unknown) => Promise<unknown>;
      const value = await inOrder(async () => {
        await tools.sessions.check(socket.handshake.auth.token as string);
        return world.store.inTurnOf(turnOf(session), () => handle(session, message));
      });
      noteShown(shown, name, message, value);
      return value;
    };
    socket.onAny(async (name: string, ...given: unknown[]) => {
      const ack = given.at(-1);
      const data = typeof given[0] === 'function' ? undefined : given[0];
      const reply: (answer: Ack<unknown>) => void = typeof ack === 'function' ? (answer) => ack(answer) : () => {};
      try {
        reply({ ok: true, value: await carryOut(name, data) });
      } catch (error) {
        const known = asKnown(error, tools.log);
        reply({ ok: false, error: known.toBody() });
        if (known.code === 'RATE_LIMITED' && ++refusals > mostRefusals) socket.disconnect(true);
      }
    });
    socket.on('disconnect', () => {
      for (const [id, owner] of shown) {
        pauseIfStillOwned(world, id, owner, tools.grace).catch((error) =>
          tools.log.error({ err: error }, 'a web view could not be paused'),
        );
      }
    });
  });

  const unsubscribe = world.hub.subscribe((happening) => {
    if (!('userId' in happening)) return;
    const room = io.to(roomOf(happening.userId));
    switch (happening.type) {
      case 'event':
        room.emit('events', [forCustomer(happening.event)]);
        break;
      case 'typing': {
        const { conversationId, name, on } = happening;
        room.emit('typing', { conversation_id: conversationId, on, ...(name ? { name } : {}) });
        break;
      }
      case 'web_view_taken':
        room.emit('web_view_taken', { web_view_id: happening.webViewId, owner: happening.owner });
        break;
      case 'session_end': {
        const ended = io.in(happening.sessionId ? sessionRoomOf(happening.sessionId) : roomOf(happening.userId));
        ended.emit('session_end', { reason: happening.reason });
        ended.disconnectSockets(true);
        break;
      }
    }
  });

  return {
    async close() {
      unsubscribe();
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

const isKnown = (name: string): name is keyof ClientMessages => Object.hasOwn(clientMessages, name);
const roomOf = (userId: string) => `customer:${userId}`;
const sessionRoomOf = (sessionId: string) => `session:${sessionId}`;

/**
 * Tells what was missed, up to `limits.catchUp` events and `limits.eventsBytes` over all conversations. Of what is left out the newest event
 * is told: that shows the client its gap, and it asks.
 */
async function catchUp(world: World, socket: CustomerSocket, session: CustomerSession): Promise<void> {
  const cursors = socket.data.cursors as Record<string, number>;
  let left: number = limits.catchUp;
  let bytes: number = limits.eventsBytes;
  for (const { id, seq } of await listOwn(world, session.userId)) {
    const after = cursors[id] ?? 0;
    if (after >= seq) continue;
    const isFar = seq - after > left || bytes <= 0;
    const missed = isFar ? [] : await readLog(world, id, { after, limit: left, bytes });
    left -= missed.length;
    bytes -= missed.reduce((sum, event) => sum + jsonBytes(event), 0);
    if ((missed.at(-1)?.seq ?? 0) < seq) missed.push(...(await readLog(world, id, { limit: 1 })));
    socket.emit('events', missed.map(forCustomer));
  }
}

function noteShown(shown: Map<string, string>, name: keyof ClientMessages, message: unknown, value: unknown): void {
  if (name === 'web_view_open') {
    shown.set(
      (value as ClientAnswers['web_view_open']).web_view_id,
      (message as ClientMessages['web_view_open']).owner,
    );
  }
  if (name === 'web_view_beat') {
    const beat = message as ClientMessages['web_view_beat'];
    shown.set(beat.web_view_id, beat.owner); // After a reconnect the view is this socket's again.
  }
  if (name === 'web_view_close' || name === 'web_view_pause')
    shown.delete((message as ClientMessages['web_view_close']).web_view_id);
}

async function pauseIfStillOwned(world: World, id: string, owner: string, grace: number): Promise<void> {
  const left = world.now();
  await new Promise((resolve) => setTimeout(resolve, grace).unref());
  await pauseIf(world, id, (view) => view.owner === owner && view.seen <= left);
}
