import { createHmac, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { GuichetError } from '../../protocol/errors';
import type { World } from '../world';

/**
 * A customer's session is a signed token, so that opening the widget makes no row: the customer is made by the first
 * message. It is kept in the widget's own origin and sent as a header, never as a cookie.
 */
export type CustomerSession = {
  id: string;
  siteId: string;
  userId: string;
  /** The site's own id of this user, when it vouched. */
  sub: string | undefined;
};

const Payload = v.object({ i: v.string(), s: v.string(), u: v.string(), v: v.optional(v.string()), t: v.number() });

/** Seconds after which a session that is resumed gets a new token. */
const renewAfter = 7 * 86_400;
/** Seconds after which a token that was not renewed is no longer taken. */
export const sessionMaxAge = 400 * 86_400;

export type Sessions = {
  issue(session: CustomerSession): string;
  /** @throws GuichetError SESSION_INVALID */
  check(token: string): Promise<CustomerSession & { stale: boolean }>;
  /** Takes effect at once, on the socket as well. */
  revoke(session: CustomerSession, reason: string): Promise<void>;
};

export function createSessions(world: World, secret: string): Sessions {
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest();
  return {
    issue(session) {
      const payload = {
        i: session.id,
        s: session.siteId,
        u: session.userId,
        v: session.sub,
        t: Math.floor(world.now() / 1_000),
      };
      const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
      return `gcs_${text}.${sign(text).toString('base64url')}`;
    },
    async check(token) {
      const invalid = new GuichetError(
        'SESSION_INVALID',
        'The session token is missing, malformed or revoked. POST /widget/v1/session gives a new one.',
      );
      const match = /^gcs_([\w-]+)\.([\w-]{43})$/.exec(token);
      if (!match?.[1] || !match[2]) throw invalid;
      const given = Buffer.from(match[2], 'base64url');
      if (given.length !== 32 || !timingSafeEqual(given, sign(match[1]))) throw invalid;
      const payload = v.parse(Payload, JSON.parse(Buffer.from(match[1], 'base64url').toString()));
      const age = world.now() / 1_000 - payload.t;
      if (age > sessionMaxAge) throw invalid;
      const revoked = await world.store.db
        .selectFrom('revoked_sessions')
        .select('id')
        .where('id', '=', payload.i)
        .executeTakeFirst();
      if (revoked) throw invalid;
      return { id: payload.i, siteId: payload.s, userId: payload.u, sub: payload.v, stale: age > renewAfter };
    },
    async revoke(session, reason) {
      await world.store.db
        .insertInto('revoked_sessions')
        .values({ id: session.id, time: world.now() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      world.store.afterCommit(() =>
        world.hub.publish({ type: 'session_end', userId: session.userId, sessionId: session.id, reason }),
      );
    },
  };
}
