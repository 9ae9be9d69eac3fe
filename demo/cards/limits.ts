import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import type { ApiError, GuichetApi } from '../guichetApi';
import { log } from '../log';
import type { BankCard, BankDoor } from './bankDoor';
import { limitsPage } from './limitsPage';
import { ownPagePost, text } from './ownPage';
import type { CardVisit } from './visits';

/** Euros that a card pays in a week at most. */
export type CardLimit = BankCard & { weekly: number };
export const mostWeekly = 5_000;
const step = 100;
const asAgreed = 1_500;

type Surroundings = {
  origin: string;
  site: { chat: string; bank: string };
  api: GuichetApi;
  bank: BankDoor;
  /** Exchanges a page's one-time code; `undefined`: it is none. */
  visitOf(code: string): Promise<CardVisit | undefined>;
  find(key: string): CardVisit | undefined;
};

/**
 * The page for a card's limits asks for nothing that the bank knows already: who is signed in at the bank is known here by
 * the bank's own cookie. So it is for the mount in which a page has its cookies, and only the two together count: the cookie
 * says who sits at this browser, the code says whose conversation it is.
 */
export function limits({ origin, site, api, bank, visitOf, find }: Surroundings): Hono {
  const kept = new Map<string, number>();
  const whose = new Map<string, { customerId: string; cards: BankCard[] }>();
  const keyOf = (customerId: string, { last4 }: BankCard) => `${customerId} ${last4}`;
  const limitsOf = ({ customerId, cards }: { customerId: string; cards: BankCard[] }): CardLimit[] =>
    cards.map((card) => ({ ...card, weekly: kept.get(keyOf(customerId, card)) ?? asAgreed }));

  const app = new Hono();
  app.get('/', (c) => limitsPage(c, site));

  app.post('/session', async (c) => {
    const body = await ownPagePost(c, origin);
    if (body instanceof Response) return body;
    const cookie = getCookie(c, 'ag_session');
    try {
      const signedIn = cookie ? await bank.signedIn(cookie) : undefined;
      // Before the code is used up: after signing in the page may come with it again.
      if (!signedIn) return c.json({ error: 'not_signed_in' }, 401);
      const visit = await visitOf(text(body.code));
      if (!visit) return c.json({ error: 'code_invalid' }, 400);
      if (visit.customerId !== signedIn.customerId) return c.json({ error: 'somebody_else' }, 403);
      whose.set(visit.key, signedIn);
      if (whose.size > 1_000) whose.delete([...whose.keys()][0] ?? '');
      return c.json({ session: visit.key, most: mostWeekly, step, cards: limitsOf(signedIn) }, 201);
    } catch (error) {
      log.warn(`a page for limits could not begin: ${(error as Error).message}`);
      return c.json({ error: 'busy' }, 503);
    }
  });

  app.post('/', async (c) => {
    const body = await ownPagePost(c, origin);
    if (body instanceof Response) return body;
    const visit = find(text(body.session));
    const owner = visit && whose.get(visit.key);
    if (!visit || !owner) return c.json({ error: 'session_unknown' }, 410);
    const before = limitsOf(owner);
    const card = before.find(({ last4 }) => last4 === text(body.last4));
    const weekly = body.weekly;
    if (!card) return c.json({ error: 'no_such_card' }, 404);
    if (typeof weekly !== 'number' || !(weekly >= 0 && weekly <= mostWeekly) || weekly % step !== 0) {
      return c.json({ error: 'no_such_limit', expected: `a multiple of ${step} from 0 to ${mostWeekly}` }, 422);
    }
    return save(c, visit, { ...card, weekly }, owner.customerId);
  });

  /** First told, then kept: what the chat says is what holds. */
  async function save(c: Context, visit: CardVisit, { name, last4, weekly }: CardLimit, customerId: string) {
    try {
      await api(`/v2/web-views/${encodeURIComponent(visit.webViewId)}/submit`, {
        method: 'POST',
        idempotencyKey: `limit-${visit.key.slice(0, 16)}-${last4}-${weekly}`,
        patience: 8_000,
        body: {
          result: { outcome: 'limit_changed', card: name, last4, weekly },
          summary: `${name} ending in ${last4}: ${weekly} euros a week`,
        },
      });
    } catch (error) {
      const { status, code } = error as ApiError;
      if (status === 409 || status === 404) return c.json({ error: 'closed' }, 409);
      log.warn(`Guichet took no limit for web view ${visit.webViewId}: ${code}`);
      return c.json({ error: 'busy' }, 503);
    }
    visit.over = true;
    kept.set(keyOf(customerId, { name, last4 }), weekly);
    return c.json({ outcome: 'limit_changed', last4, weekly });
  }
  return app;
}
