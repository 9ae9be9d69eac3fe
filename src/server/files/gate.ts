import type { Context } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GuichetError } from '../../protocol/errors';

/** How much may come in from one customer, address or token: so many files at a time, so many bytes an hour. */
export type Gate = {
  /**
   * Lets an upload in until it leaves; `count` is told of its bytes as they come.
   *
   * @throws GuichetError RATE_LIMITED
   */
  enter(context: Context, who: string): Promise<{ count(bytes: number): void; leave(): void }>;
};

export function createGate({ atOnce, bytesAnHour }: { atOnce: number; bytesAnHour: number }): Gate {
  const running = new Map<string, number>();
  const hour = new RateLimiterMemory({ points: bytesAnHour, duration: 3_600 });
  const refuse = (context: Context, seconds: number, message: string) => {
    context.header('Retry-After', String(seconds));
    return new GuichetError('RATE_LIMITED', message);
  };
  return {
    async enter(context, who) {
      const now = running.get(who) ?? 0;
      if (now >= atOnce) throw refuse(context, 5, `At most ${atOnce} uploads at a time; wait for one of them to end.`);
      running.set(who, now + 1);
      let hasLeft = false;
      const leave = () => {
        if (hasLeft) return;
        hasLeft = true;
        const left = (running.get(who) ?? 1) - 1;
        if (left > 0) running.set(who, left);
        else running.delete(who);
      };
      const spent = await hour.get(who);
      if (spent && spent.consumedPoints >= bytesAnHour) {
        leave();
        const seconds = Math.ceil(spent.msBeforeNext / 1_000);
        throw refuse(
          context,
          seconds,
          `At most ${bytesAnHour} bytes of files an hour; wait ${seconds} s and try again.`,
        );
      }
      return {
        count(bytes) {
          hour.consume(who, bytes).catch((error) => {
            if (!(error instanceof RateLimiterRes)) throw error;
          });
        },
        leave,
      };
    },
  };
}
