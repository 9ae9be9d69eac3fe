import { createHash } from 'node:crypto';
import { GuichetError } from '../../protocol/errors';
import type { Event } from '../../protocol/event';
import type { World } from '../world';
import { eventOf } from './log';
import type { ConversationRow } from './messages';

/** An event and its conversation as that is now. */
export type AccountEntry = { event: Event; conversation: ConversationRow };

/**
 * The log of all conversations in the order in which it was stored. There is one writer, and what it has not committed
 * nobody reads: so nothing ever appears before a place that was read already, and a cursor skips nothing.
 *
 * @param range.after a cursor that this gave out before; absent: from the beginning
 * @returns ascending; `cursor` is where to go on, also when nothing was there
 * @throws GuichetError INVALID_VALUE for a cursor that is not of this log
 */
export async function readAccountLog(
  world: World,
  range: { after?: string | undefined; limit: number },
): Promise<{ entries: AccountEntry[]; cursor: string; hasMore: boolean }> {
  const { db } = world.store;
  const after = range.after === undefined ? 0 : await positionOf(world, range.after);
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('position', '>', after)
    .orderBy('position')
    .limit(range.limit + 1)
    .execute();
  const page = rows.slice(0, range.limit);
  const last = page.at(-1);
  const conversations = new Map<string, ConversationRow>();
  if (last) {
    const ids = [...new Set(page.map((row) => row.conversation_id))];
    for (const row of await db.selectFrom('conversations').selectAll().where('id', 'in', ids).execute())
      conversations.set(row.id, row);
  }
  return {
    entries: page.map((row) => ({
      event: eventOf(row),
      conversation: conversations.get(row.conversation_id) as ConversationRow,
    })),
    cursor: last ? cursorOf(last.position, last.id) : (range.after ?? cursorOf(0, world.appId)),
    hasMore: rows.length > range.limit,
  };
}

/** The cursor behind everything that is stored now. */
export async function latestCursor(world: World): Promise<string> {
  const last = await world.store.db
    .selectFrom('events')
    .select(['position', 'id'])
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last ? cursorOf(last.position, last.id) : cursorOf(0, world.appId);
}

/**
 * Whether more than `most` events come after a cursor.
 *
 * @throws GuichetError INVALID_VALUE for a cursor that is not of this log
 */
export async function isFarBehind(world: World, cursor: string, most: number): Promise<boolean> {
  const row = await world.store.db
    .selectFrom('events')
    .select('position')
    .where('position', '>', await positionOf(world, cursor))
    .orderBy('position')
    .offset(most)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Waits for something new. It listens from this call on: ask for it before looking, so that nothing falls between.
 *
 * @returns `arrived`: true once something is stored, false after `milliseconds`, on `stop`, when `signal` says that nobody
 * waits any longer, and when the server stops
 */
export function nextEvent(
  world: World,
  milliseconds: number,
  signal: AbortSignal,
): { arrived: Promise<boolean>; stop(): void } {
  const { hub } = world;
  let stop = () => {};
  const arrived = new Promise<boolean>((resolve) => {
    const end = (answer: boolean) => {
      clearTimeout(timer);
      unsubscribe();
      for (const each of [signal, hub.closed]) each.removeEventListener('abort', stop);
      resolve(answer);
    };
    stop = () => end(false);
    const timer = setTimeout(stop, Math.max(0, milliseconds));
    const unsubscribe = hub.subscribe((happening) => {
      if (happening.type === 'event') end(true);
    });
    for (const each of [signal, hub.closed]) each.addEventListener('abort', stop);
    if (signal.aborted || hub.closed.aborted) stop();
  });
  return { arrived, stop };
}

/** The place, and a mark of what stands there: a cursor of another log, or of one that was set back, is noticed. */
const cursorOf = (position: number, id: string) => `${position.toString(36)}-${markOf(id)}`;
const markOf = (id: string) => createHash('sha256').update(id).digest('base64url').slice(0, 10).replace(/-/g, '_');

async function positionOf(world: World, cursor: string): Promise<number> {
  const [, place, mark] = /^([0-9a-z]{1,10})-(\w{10})$/.exec(cursor) ?? [];
  const unknown = (why: string) =>
    new GuichetError(
      'INVALID_VALUE',
      `after: expected a cursor as an answer of this door gave it, or "latest"; ${JSON.stringify(cursor.slice(0, 60))} ${why}.`,
    );
  if (place === undefined) throw unknown('is none');
  const position = Number.parseInt(place, 36);
  if (!Number.isSafeInteger(position)) throw unknown('is none');
  const row = await world.store.db
    .selectFrom('events')
    .select('id')
    .where('position', '=', position)
    .executeTakeFirst();
  if (markOf(position === 0 ? world.appId : (row?.id ?? '')) !== mark)
    throw unknown('is of another log, or of this one before it was set back to an older copy: read from the beginning');
  return position;
}
