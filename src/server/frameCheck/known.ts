/** What is known of the pages that buttons offer, from the last look at their headers. */
export type KnownFraming = {
  /** True when the page's headers let nobody show it there; false too when nothing is known. */
  isRefused(siteId: string, url: string): boolean;
  keep(siteId: string, url: string, isRefused: boolean): void;
  /** Somebody has looked lately, or looks now. */
  isFresh(siteId: string, url: string): boolean;
};

/** Milliseconds for which a look counts: whoever mends a header need not wait long. */
const lasts = 600_000;
const mostPages = 1_000;

/** Without its query and fragment: those may be a customer's own, or work only once. */
export function pageOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

export function createKnownFraming(now: () => number): KnownFraming {
  const pages = new Map<string, { isRefused: boolean; until: number }>();
  const keyOf = (siteId: string, url: string) => `${siteId} ${pageOf(url)}`;
  const find = (siteId: string, url: string) => {
    const page = pages.get(keyOf(siteId, url));
    return page && page.until > now() ? page : undefined;
  };
  return {
    isRefused: (siteId, url) => find(siteId, url)?.isRefused ?? false,
    isFresh: (siteId, url) => find(siteId, url) !== undefined,
    keep(siteId, url, isRefused) {
      const key = keyOf(siteId, url);
      pages.delete(key); // So that it stands last among those that are kept.
      pages.set(key, { isRefused, until: now() + lasts });
      for (const oldest of pages.keys()) {
        if (pages.size <= mostPages) break;
        pages.delete(oldest);
      }
    },
  };
}
