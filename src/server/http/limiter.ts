import type { Context } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GuichetError } from '../../protocol/errors';

/** Whole seconds until the caller has points again. */
export const secondsUntil = (left: RateLimiterRes) => Math.max(1, Math.ceil(left.msBeforeNext / 1_000));

export type Limiter = {
  /** Takes one of the caller's points and tells how many are left in v2's headers. @throws GuichetError RATE_LIMITED */
  take(context: Context, who: string): Promise<void>;
  /** The same where there is no HTTP answer to put headers on. */
  takeQuietly(who: string): Promise<void>;
};

/** @param what was exceeded, as a sentence begins */
export const rateLimited = (what: string, seconds: number) =>
  new GuichetError('RATE_LIMITED', `${what}; wait ${seconds} s and try again.`, undefined, seconds);

/**
 * @param perMinute points that each caller has in a minute
 * @param of what a point is, as the refusal calls it
 */
export function createLimiter(perMinute: number, of = 'requests'): Limiter {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  const consume = async (who: string): Promise<RateLimiterRes> => {
    try {
      return await limiter.consume(who);
    } catch (error) {
      if (error instanceof RateLimiterRes) return error;
      throw error;
    }
  };
  const refuseOver = (left: RateLimiterRes) => {
    if (left.consumedPoints > perMinute) throw rateLimited(`At most ${perMinute} ${of} a minute`, secondsUntil(left));
  };
  return {
    async take(context, who) {
      const left = await consume(who);
      context.header('X-RateLimit-Limit', String(perMinute));
      context.header('X-RateLimit-Remaining', String(Math.max(0, left.remainingPoints)));
      context.header('X-RateLimit-Reset', String(Math.ceil((Date.now() + left.msBeforeNext) / 1_000)));
      refuseOver(left);
    },
    async takeQuietly(who) {
      refuseOver(await consume(who));
    },
  };
}
