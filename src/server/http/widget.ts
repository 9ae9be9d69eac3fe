import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { GuichetError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { clientMessages, type EventsAnswer, SendRequest, SessionRequest } from '../../protocol/live';
import { parse } from '../../protocol/parse';
import { Id } from '../../protocol/parts';
import { openSession } from '../access/customers';
import type { CustomerSession, Sessions } from '../access/sessions';
import { cursorsOf, getOwnConversation, headOf } from '../conversations/conversations';
import { read, send } from '../conversations/customer';
import { forCustomer, readLog } from '../conversations/log';
import { acceptBody, type Gates } from '../files/accept';
import { fileAnswer, keepFile } from '../files/files';
import type { World } from '../world';
import { readBody, takesOnly } from './door';
import type { Limiter } from './limiter';

const seq = v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'a seq'), v.transform(Number)));
export const EventsQuery = v.object({
  conversation_id: Id,
  after: seq,
  before: seq,
  limit: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,4}$/, 'a whole number'), v.transform(Number), v.minValue(1), v.maxValue(500)),
    '200',
  ),
  snapshot: v.optional(
    v.pipe(
      v.picklist(['true', 'false']),
      v.transform((text) => text === 'true'),
    ),
  ),
});

/** `/widget/v1`: the customer's side without a socket. Only the widget's own document may call it. */
export function widgetDoor(
  world: World,
  tools: {
    sessions: Sessions;
    perAddress: Limiter;
    perCustomer: Limiter;
    addressOf: (context: Context) => string;
    gates: Gates;
  },
): Hono {
  const { sessions } = tools;
  const door = new Hono();
  door.use(async (context, next) => {
    const origin = context.req.header('origin');
    if (origin !== undefined && origin !== world.origin) {
      throw new GuichetError(
        'ORIGIN_NOT_ALLOWED',
        `This door serves the widget on ${world.origin} only, got the origin ${origin.slice(0, 200)}.`,
      );
    }
    context.header('Cache-Control', 'no-store');
    await next();
  });
  door.post('/session', async (context) => {
    const address = tools.addressOf(context);
    await tools.perAddress.take(context, address);
    const request = await readBody(context, SessionRequest);
    return context.json(await world.store.inTurnOf(`address:${address}`, () => openSession(world, sessions, request)));
  });
  door.post('/messages', async (context) => {
    const session = await sessionOf(sessions, context);
    await tools.perCustomer.take(context, session.userId);
    const request = await readBody(context, SendRequest);
    return context.json(await world.store.inTurnOf(turnOf(session), () => send(world, session, request)));
  });
  door.post('/read', async (context) => {
    const session = await sessionOf(sessions, context);
    await tools.perCustomer.take(context, session.userId);
    const message = await readBody(context, clientMessages.read);
    return context.json(await world.store.inTurnOf(turnOf(session), () => read(world, session, message)));
  });
  door.get('/events', async (context) => {
    const session = await sessionOf(sessions, context);
    await tools.perCustomer.take(context, session.userId);
    const range = parse(EventsQuery, context.req.query(), 'query');
    return context.json(await world.store.inTurnOf(turnOf(session), () => ownEvents(world, session, range)));
  });
  door.get('/head', async (context) => {
    const session = await sessionOf(sessions, context);
    await tools.perCustomer.take(context, session.userId);
    return context.json({ cursors: await cursorsOf(world, session.userId) });
  });
  door.post('/files', async (context) => {
    const session = await sessionOf(sessions, context);
    await tools.perCustomer.take(context, session.userId);
    const received = await acceptBody(world, context, session, tools.gates, tools.addressOf(context));
    try {
      return await world.store.transaction(async () => {
        // It may have ended meanwhile: what then comes in would be nobody's.
        const { userId } = await sessionOf(sessions, context);
        return context.json(fileAnswer(world, await keepFile(world, `user:${userId}`, received)));
      });
    } finally {
      await received.discard();
    }
  });
  door.post('/logout', async (context) => {
    await sessions.revoke(await sessionOf(sessions, context), 'The customer logged out.');
    return context.body(null, 204);
  });
  for (const path of ['/session', '/messages', '/read', '/files', '/logout']) takesOnly(door, path, ['POST']);
  for (const path of ['/events', '/head']) takesOnly(door, path, ['GET']);
  return door;
}

async function sessionOf(sessions: Sessions, context: Context): Promise<CustomerSession> {
  return sessions.check(/^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '');
}

/** As whom a customer's requests wait for the database, over HTTP and on the socket. */
export const turnOf = (session: CustomerSession) => `customer:${session.userId}`;

/** Part of a customer's log, or a snapshot of it (protocol/live.ts) for who is far behind or begins. */
export async function ownEvents(
  world: World,
  session: CustomerSession,
  range: {
    conversation_id: string;
    after?: number | undefined;
    before?: number | undefined;
    limit: number;
    snapshot?: boolean | undefined;
  },
): Promise<EventsAnswer> {
  // One transaction: a head that is older than its events would hide what they changed.
  return world.store.transaction(async () => {
    const conversation = await getOwnConversation(world, session.userId, range.conversation_id);
    const { seq } = conversation;
    const isFar = range.before === undefined && (range.after === undefined || seq - range.after > limits.catchUp);
    const isSnapshot = range.snapshot === true && isFar;
    const events = await readLog(world, conversation.id, {
      ...range,
      ...(isSnapshot ? { after: undefined, limit: limits.pageSize } : {}),
      bytes: limits.eventsBytes,
    });
    return { events: events.map(forCustomer), seq, ...(isSnapshot ? { head: headOf(conversation) } : {}) };
  });
}
