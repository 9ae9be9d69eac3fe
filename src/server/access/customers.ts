import { limits } from '../../protocol/limits';
import type { SessionAnswer, SessionRequest } from '../../protocol/live';
import { headOf, listOwn } from '../conversations/conversations';
import { forCustomer, readLog } from '../conversations/log';
import { moveFiles } from '../files/files';
import { isoTime, type World } from '../world';
import { checkIdentity, type Identity } from './identity';
import type { CustomerSession, Sessions } from './sessions';
import { getSite, infoOf, type Site } from './sites';

/** Events that a session's answer brings along. */
const firstEvents = 60;

/**
 * Opens or resumes a customer's session. An anonymous customer costs no row until the first message; a vouched one is
 * the site's user wherever they come from.
 *
 * How an anonymous customer becomes a vouched one: the session that is resumed has to be this browser's own, of the same
 * site, and not vouched. When the site's user is new here, the anonymous customer becomes that user; otherwise the
 * anonymous conversations move to that user. A session of another `sub` is revoked.
 *
 * @throws GuichetError SITE_NOT_FOUND, IDENTITY_INVALID
 */
export async function openSession(world: World, sessions: Sessions, request: SessionRequest): Promise<SessionAnswer> {
  const site = await getSite(world, request.site);
  const identity = request.identity ? await checkIdentity(world, site, request.identity) : undefined;
  return world.store.transaction(async () => {
    const earlier = await resumed(sessions, site, request.resume);
    const session = identity
      ? await vouched(world, sessions, site, identity, earlier)
      : (earlier ?? anonymous(world, site));
    const token =
      earlier && earlier.id === session.id && !earlier.stale && request.resume
        ? request.resume
        : sessions.issue(session);
    return answer(world, site, session, token);
  });
}

async function resumed(sessions: Sessions, site: Site, token: string | undefined) {
  if (!token) return undefined;
  try {
    const session = await sessions.check(token);
    return session.siteId === site.id ? session : undefined;
  } catch {
    return undefined; // A token that is no longer good opens a new session.
  }
}

const anonymous = (world: World, site: Site): CustomerSession => ({
  id: world.newId(),
  siteId: site.id,
  userId: world.newId(),
  sub: undefined,
});

async function vouched(
  world: World,
  sessions: Sessions,
  site: Site,
  identity: Identity,
  earlier: CustomerSession | undefined,
): Promise<CustomerSession> {
  if (earlier?.sub === identity.sub) {
    await saveProfile(world, earlier.userId, identity);
    return earlier;
  }
  const userId = await userOf(world, site, identity, earlier?.sub === undefined ? earlier?.userId : undefined);
  if (earlier) await sessions.revoke(earlier, 'The customer is known by another identity now.');
  await saveProfile(world, userId, identity);
  return { id: world.newId(), siteId: site.id, userId, sub: identity.sub };
}

async function userOf(world: World, site: Site, identity: Identity, anonymousId: string | undefined): Promise<string> {
  const { db } = world.store;
  const now = world.now();
  const known =
    (await db
      .selectFrom('users')
      .select('id')
      .where('site_id', '=', site.id)
      .where('reference_id', '=', identity.sub)
      .where('vouched', '=', 1)
      .executeTakeFirst()) ??
    // Made by the API before the customer came: the business's own word for who this reference is. Never somebody who came
    // through the widget, whatever reference the business noted there: their session would see what this user writes.
    (await db
      .selectFrom('users')
      .select('id')
      .where('reference_id', '=', identity.sub)
      .where('vouched', '=', 0)
      .where('site_id', 'is', null)
      // Nor somebody with whom the business talks on another site.
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('conversations')
              .select('conversations.id')
              .whereRef('conversations.user_id', '=', 'users.id')
              .where('conversations.site_id', '!=', site.id),
          ),
        ),
      )
      .orderBy('created')
      .executeTakeFirst());
  if (known) {
    await db
      .updateTable('users')
      .set({ vouched: 1, site_id: site.id, updated: now })
      .where('id', '=', known.id)
      .execute();
    if (anonymousId) {
      await db.updateTable('conversations').set({ user_id: known.id }).where('user_id', '=', anonymousId).execute();
      await moveFiles(world, anonymousId, known.id);
    }
    return known.id;
  }
  const id = anonymousId ?? world.newId();
  await db
    .insertInto('users')
    .values({
      id,
      site_id: site.id,
      reference_id: identity.sub,
      vouched: 1,
      email: null,
      phone: null,
      profile_json: '{}',
      created: now,
      updated: now,
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ reference_id: identity.sub, vouched: 1, updated: now }),
    )
    .execute();
  return id;
}

async function saveProfile(world: World, userId: string, identity: Identity): Promise<void> {
  const { db } = world.store;
  const row = await db
    .selectFrom('users')
    .select(['profile_json', 'email'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  const profile = JSON.parse(row.profile_json);
  const wanted = {
    ...profile,
    ...(identity.firstName ? { first_name: identity.firstName } : {}),
    ...(identity.lastName ? { last_name: identity.lastName } : {}),
  };
  const email = identity.email ?? row.email;
  if (JSON.stringify(wanted) === row.profile_json && email === row.email) return;
  await db
    .updateTable('users')
    .set({ profile_json: JSON.stringify(wanted), email, updated: world.now() })
    .where('id', '=', userId)
    .execute();
}

async function answer(world: World, site: Site, session: CustomerSession, token: string): Promise<SessionAnswer> {
  const conversations = await listOwn(world, session.userId);
  const first = conversations[0];
  const events = first ? await readLog(world, first.id, { limit: firstEvents, bytes: limits.eventsBytes }) : [];
  const user = await world.store.db
    .selectFrom('users')
    .select('profile_json')
    .where('id', '=', session.userId)
    .executeTakeFirst();
  const firstName = user ? (JSON.parse(user.profile_json) as { first_name?: string }).first_name : undefined;
  return {
    token,
    customer: {
      id: session.userId,
      vouched: session.sub !== undefined,
      ...(firstName ? { first_name: firstName } : {}),
    },
    conversations: conversations.map(headOf),
    events: events.map(forCustomer),
    site: infoOf(world, site),
    time: isoTime(world.now()),
  };
}
