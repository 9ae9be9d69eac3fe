import { type Fetch, loopbackFetch } from '../loopback';

export type BankCard = { name: string; last4: string };
export type SignedIn = { customerId: string; cards: BankCard[] };

export type BankDoor = {
  /** A reference to a statement for this view's customer; `undefined` when the bank can't give one now. */
  statementRef(webViewId: string, customerId: string | undefined): Promise<string | undefined>;
  /** Whose sign-in at the bank this cookie's value is; `undefined`: nobody's. Throws when the bank doesn't answer. */
  signedIn(session: string): Promise<SignedIn | undefined>;
};

/** What the card pages ask of the bank itself. Each question is asked three times before it is given up. */
export function bankDoor(bank: string, secret: string, fetch: Fetch = loopbackFetch): BankDoor {
  async function ask(path: string, body: object): Promise<Record<string, unknown> | undefined> {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const answer = await fetch(`${bank}/internal/${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        if (answer.ok) return (await answer.json()) as Record<string, unknown>;
        if (answer.status < 500) return undefined;
      } catch {
        // Nobody there: once more after a moment.
      }
      await new Promise((done) => setTimeout(done, 200 * 2 ** attempt));
    }
    throw new Error('the bank does not answer');
  }

  return {
    async statementRef(webViewId, customerId) {
      const body = { web_view_id: webViewId, ...(customerId ? { reference_id: customerId } : {}) };
      const answer = await ask('statements', body).catch(() => undefined);
      return answer && String(answer.statement_ref);
    },
    async signedIn(session) {
      const answer = await ask('sessions', { session });
      return answer && { customerId: String(answer.customer_id), cards: answer.cards as BankCard[] };
    },
  };
}
