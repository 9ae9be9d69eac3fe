import { type AccountEntry, isFarBehind, latestCursor, readAccountLog } from '../conversations/accountLog';
import type { World } from '../world';

/** How many events are read and told at a time. */
export const batch = 100;
/** Who has more than this to catch up with begins anew. */
export const tooMany = 5_000;

/** One reader of the account's log. */
export type Reader = {
  /** Resolves once what was told before is on its way, so that nothing piles up here; false when the reader is gone. */
  ready(): Promise<boolean>;
  /** `cursor` stands behind the last entry. Without entries: this is where the reader begins. */
  tell(entries: AccountEntry[], cursor: string): void;
  /** The reader was too far behind and goes on from here. */
  skip(cursor: string): void;
};

type Page = Awaited<ReturnType<typeof readAccountLog>>;

/**
 * Feeds each reader from the log itself, from where it stands: so nothing is missed between joining and reading, the order is
 * that of the commits, and who is slow is fed slowly, with nothing kept for it in memory. Readers that stand at the same place
 * share a read.
 */
export function createFeed(world: World) {
  const wakers = new Set<() => void>();
  /** Counts what happened: a read that began before something happened may not have it. */
  let generation = 0;
  const reads = new Map<string, Promise<Page>>();

  const read = (after: string): Promise<Page> => {
    const key = `${generation}:${after}`;
    const running = reads.get(key);
    if (running) return running;
    const fresh = readAccountLog(world, { after, limit: batch }).finally(() => reads.delete(key));
    reads.set(key, fresh);
    return fresh;
  };

  return {
    /** To be called when there may be something new. */
    wake() {
      generation += 1;
      for (const waker of [...wakers]) waker();
    },
    /**
     * Feeds until stopped.
     *
     * @param after where the reader stands; undefined: at the end
     * @param failed is told what went wrong, and has to stop the feeding
     * @returns how to stop
     */
    attach(reader: Reader, after: string | undefined, failed: (error: unknown) => void): () => void {
      let stopped = false;
      let feeding = false;
      let again = false;
      let at: string | undefined;

      const begin = async (): Promise<string> => {
        if (after !== undefined) return after;
        const end = await latestCursor(world);
        if (!stopped) reader.tell([], end);
        return end;
      };
      const feed = async () => {
        let checked = at !== undefined;
        at ??= await begin();
        again = true;
        while (again && !stopped) {
          again = false;
          for (let more = true; more && !stopped; ) {
            if (!checked && (await isFarBehind(world, at, tooMany))) {
              at = await latestCursor(world);
              if (!stopped) reader.skip(at);
            }
            const page = await read(at);
            if (stopped || page.entries.length === 0) break;
            at = page.cursor;
            reader.tell(page.entries, at);
            more = page.hasMore;
            checked = !more;
            if (!(await reader.ready())) return;
          }
        }
      };
      const waker = () => {
        again = true;
        if (feeding || stopped) return;
        feeding = true;
        feed()
          .catch(failed)
          .finally(() => {
            feeding = false;
            if (again && !stopped) waker();
          });
      };
      wakers.add(waker);
      waker();
      return () => {
        stopped = true;
        wakers.delete(waker);
      };
    },
  };
}
