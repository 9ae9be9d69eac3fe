import { createHash } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { GuichetError } from '../../protocol/errors';
import { authenticate, type Bearer, bearerOf } from '../access/tokens';
import type { World } from '../world';
import { rateLimited, secondsUntil } from './limiter';

/** Tokens of which is remembered that they were good. */
const most = 10_000;

/** Who comes with an `Authorization` header, from an address. @throws GuichetError UNAUTHENTICATED, RATE_LIMITED */
export type BearerCheck = (authorization: string | undefined, address: string) => Promise<Bearer>;

/**
 * Looks up who comes with a bearer token, over HTTP or on a socket. Whoever brings wrong ones is refused after some in a minute, by
 * address, before anything is looked up. A token that was good lately goes through all the same: those who share an address
 * with a guesser (an office, a proxy that the server wasn't told of) are not locked out by him.
 *
 * @param perMinute wrong tokens that an address may bring
 */
export function createBearerCheck(world: World, perMinute: number): BearerCheck {
  const wrong = new RateLimiterMemory({ points: perMinute, duration: 60 });
  const known = new Set<string>();
  return async (authorization, address) => {
    const token = bearerOf(authorization);
    if (!token) return authenticate(world, authorization);
    const fingerprint = createHash('sha256').update(token).digest('base64url');
    if (!known.has(fingerprint)) {
      const count = await wrong.get(address);
      if (count && count.consumedPoints >= perMinute)
        throw rateLimited(`At most ${perMinute} wrong API tokens a minute from one address`, secondsUntil(count));
    }
    try {
      const bearer = await authenticate(world, authorization);
      if (known.size >= most) known.clear();
      known.add(fingerprint);
      return bearer;
    } catch (error) {
      if (error instanceof GuichetError) {
        known.delete(fingerprint);
        await wrong.penalty(address);
      }
      throw error;
    }
  };
}
