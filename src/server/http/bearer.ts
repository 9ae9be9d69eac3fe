import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { GuichetError } from '../../protocol/errors';
import { authenticate, type Bearer, bearerOf } from '../access/tokens';
import type { World } from '../world';

/** Tokens of which is remembered that they were good. */
const most = 10_000;

/**
 * Who comes with a bearer token. Whoever brings wrong ones is refused after some in a minute, by address, before anything
 * is looked up. A token that was good lately goes through all the same: those who share an address with a guesser (an
 * office, a proxy that the server wasn't told of) are not locked out by him.
 *
 * @param tools.perMinute wrong tokens that an address may bring
 */
export function bearerDoor(
  world: World,
  tools: { perMinute: number; addressOf: (context: Context) => string },
): (context: Context) => Promise<Bearer> {
  const wrong = new RateLimiterMemory({ points: tools.perMinute, duration: 60 });
  const known = new Set<string>();
  return async (context) => {
    const header = context.req.header('authorization');
    const token = bearerOf(header);
    if (!token) return authenticate(world, header);
    const address = tools.addressOf(context);
    const fingerprint = createHash('sha256').update(token).digest('base64url');
    if (!known.has(fingerprint)) {
      const count = await wrong.get(address);
      if (count && count.consumedPoints >= tools.perMinute) {
        const seconds = Math.max(1, Math.ceil(count.msBeforeNext / 1_000));
        context.header('Retry-After', String(seconds));
        throw new GuichetError(
          'RATE_LIMITED',
          `At most ${tools.perMinute} wrong API tokens a minute from one address; wait ${seconds} s and try again.`,
        );
      }
    }
    try {
      const bearer = await authenticate(world, header);
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
