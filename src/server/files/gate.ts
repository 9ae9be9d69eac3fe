import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { rateLimited, secondsUntil } from '../http/limiter';

/** How much may come in from one customer, address or token: so many files at a time, so many bytes an hour. */
export type Gate = {
  /**
   * Lets an upload in until it leaves; `count` is told of its bytes as they come.
   *
   * @throws GuichetError RATE_LIMITED
   */
  enter(who: string): Promise<{ count(bytes: number): void; leave(): void }>;
};

export function createGate({ atOnce, bytesAnHour }: { atOnce: number; bytesAnHour: number }): Gate {
  const running = new Map<string, number>();
  const hour = new RateLimiterMemory({ points: bytesAnHour, duration: 3_600 });
  return {
    async enter(who) {
      const now = running.get(who) ?? 0;
      if (now >= atOnce) throw rateLimited(`At most ${atOnce} uploads at a time`, 5);
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
        throw rateLimited(`At most ${bytesAnHour} bytes of files an hour`, secondsUntil(spent));
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
