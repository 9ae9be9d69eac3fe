import { randomBytes } from 'node:crypto';

/** An open card page, as its own backend knows it. The browser holds `key`, in the page's memory only. */
export type CardVisit = {
  key: string;
  webViewId: string;
  userId: string;
  /** The bank's own id of the customer, when the bank vouched for them in the chat. */
  customerId: string | undefined;
  since: number;
  /** The check that runs or ran: a second click joins it instead of starting another. */
  outcome?: Promise<Outcome>;
  statementRef?: string | undefined;
  over: boolean;
};
export type Outcome = { kind: 'confirmed'; last4: string } | { kind: 'closed' } | { kind: 'busy' };

const lifetime = 60 * 60_000;
const most = 1_000;

/** Cookies don't reach a page nested in another site's frames, so a page says which visit it is by a random key. */
export function cardVisits(now: () => number = Date.now) {
  const visits = new Map<string, CardVisit>();

  return {
    start(known: Pick<CardVisit, 'webViewId' | 'userId' | 'customerId'>): CardVisit {
      for (const [key, visit] of visits) {
        const old = visit.since + lifetime < now() || visits.size >= most;
        // The page was loaded anew: the one before it is gone.
        if (old || visit.webViewId === known.webViewId) visits.delete(key);
      }
      const visit = { ...known, key: randomBytes(24).toString('base64url'), since: now(), over: false };
      visits.set(visit.key, visit);
      return visit;
    },
    find: (key: string): CardVisit | undefined => visits.get(key),
    ofWebView: (id: string): CardVisit | undefined => [...visits.values()].find((visit) => visit.webViewId === id),
    running: (): CardVisit[] => [...visits.values()].filter((visit) => !visit.over),
  };
}
export type CardVisits = ReturnType<typeof cardVisits>;
