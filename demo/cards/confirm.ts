import type { ApiError, GuichetApi } from '../guichetApi';
import { log } from '../log';
import type { BankDoor } from './bankDoor';
import type { CheckedCard } from './cardCheck';
import type { CardVisit, Outcome } from './visits';

/**
 * Tells Guichet, server to server, that this customer confirmed a card. The chat gets the last four digits and a
 * reference that is worth something at the bank only. Guichet closes the page.
 */
export async function confirm(api: GuichetApi, bank: BankDoor, visit: CardVisit, card: CheckedCard): Promise<Outcome> {
  visit.statementRef ??= await bank.statementRef(visit.webViewId, visit.customerId);
  if (!visit.statementRef) return { kind: 'busy' };
  try {
    await api(`/v2/web-views/${encodeURIComponent(visit.webViewId)}/submit`, {
      method: 'POST',
      // One visit reports once, however often the network makes us ask.
      idempotencyKey: `confirm-${visit.key.slice(0, 16)}-${card.last4}`,
      patience: 8_000,
      body: {
        result: { outcome: 'confirmed', last4: card.last4, statement_ref: visit.statementRef },
        summary: `Card ending in ${card.last4} confirmed`,
      },
    });
    visit.over = true;
    return { kind: 'confirmed', last4: card.last4 };
  } catch (error) {
    const { status, code } = error as ApiError;
    if (status === 409 || status === 404) {
      visit.over = true;
      return { kind: 'closed' };
    }
    log.warn(`Guichet took no result for web view ${visit.webViewId}: ${code}`);
    return { kind: 'busy' };
  }
}
