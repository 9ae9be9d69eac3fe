import { unguessable } from '../secret';
import { type Account, type Customer, customerById } from './customers';
import { firstMonth, isMonth, type Month, monthOf, shift } from './ledger';
import { statementPdf } from './statementPdf';

const lifetime = 15 * 60_000;
const most = 1_000;

/** Shown to somebody whose card was good but whom nobody vouched for. */
const sampleAccount: Account = { name: 'Sample account', iban: 'AG00 0000 0000 0000 01', opening: 210_000 };

type Reference = {
  webViewId: string;
  customer: Customer | undefined;
  expires: number;
  links: Map<Month, StatementLink>;
};
export type StatementLink = { token: string; month: Month; name: string; bytes: Uint8Array; expires: number };
export type Asked = StatementLink | 'unknown_reference' | 'no_such_month';

/**
 * Two steps, so that nothing that passes through a browser is worth anything: the card page's backend, having checked
 * a card, gets a *reference*; the bot, which hears of the reference by a signed webhook, turns it into a *link*. Both
 * last 15 minutes and live in memory only.
 */
export function statements(now: () => number = Date.now) {
  const references = new Map<string, Reference>();
  const referenceOfView = new Map<string, string>();
  const links = new Map<string, StatementLink>();

  return {
    /** The same card page asks twice → the same reference. `undefined`: nobody here has this id. */
    reference(webViewId: string, customerId: string | undefined): string | undefined {
      const customer = customerById(customerId);
      if (customerId && !customer) return undefined;
      dropOld();
      const known = referenceOfView.get(webViewId);
      if (known) return known;
      const reference = `st_${unguessable()}`;
      references.set(reference, { webViewId, customer, expires: now() + lifetime, links: new Map() });
      referenceOfView.set(webViewId, reference);
      return reference;
    },

    /** The same reference and month → the same link. Without a month: the last one that is over. */
    async link(reference: string, wanted?: string): Promise<Asked> {
      dropOld();
      const known = references.get(reference);
      if (!known) return 'unknown_reference';
      const last = shift(monthOf(new Date(now())), -1);
      const month = wanted ?? last;
      if (!isMonth(month) || month > last || month < firstMonth) return 'no_such_month';
      const before = known.links.get(month);
      if (before) return before;
      const { customer } = known;
      const bytes = await statementPdf({ customer, account: customer?.current ?? sampleAccount }, month);
      const made = { token: unguessable(), month, name: `Statement-${month}.pdf`, bytes, expires: now() + lifetime };
      // Somebody else may have asked while this one was drawn.
      const link = known.links.get(month) ?? made;
      known.links.set(month, link);
      links.set(link.token, link);
      return link;
    },

    file(token: string): StatementLink | undefined {
      dropOld();
      return links.get(token);
    },
  };

  function dropOld(): void {
    for (const [id, { expires, webViewId }] of references) {
      if (expires > now() && references.size <= most) break;
      references.delete(id);
      referenceOfView.delete(webViewId);
    }
    for (const [token, { expires }] of links) {
      if (expires > now() && links.size <= most) break;
      links.delete(token);
    }
  }
}
export type Statements = ReturnType<typeof statements>;
