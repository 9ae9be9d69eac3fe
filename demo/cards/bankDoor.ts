import { type Fetch, loopbackFetch } from '../loopback';

export type BankDoor = (webViewId: string, customerId: string | undefined) => Promise<string | undefined>;

/** Asks the bank for a statement reference; `undefined` when the bank can't give one now. Tries three times. */
export function bankDoor(bank: string, secret: string, fetch: Fetch = loopbackFetch): BankDoor {
  return async (webViewId, customerId) => {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const answer = await fetch(`${bank}/internal/statements`, {
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
          body: JSON.stringify({ web_view_id: webViewId, ...(customerId ? { reference_id: customerId } : {}) }),
        });
        if (answer.ok) return ((await answer.json()) as { statement_ref: string }).statement_ref;
        if (answer.status < 500) return undefined;
      } catch {
        // Nobody there: once more after a moment.
      }
      await new Promise((done) => setTimeout(done, 200 * 2 ** attempt));
    }
    return undefined;
  };
}
