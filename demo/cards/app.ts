import { join } from 'node:path';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type ApiError, type GuichetApi, guichetApi } from '../guichetApi';
import { log } from '../log';
import { publicFiles } from '../publicFiles';
import { root } from '../repository';
import { bearsSecret } from '../secret';
import { webApp } from '../service';
import { type BankDoor, bankDoor } from './bankDoor';
import { checkCard } from './cardCheck';
import { confirm } from './confirm';
import { limits } from './limits';
import { offerPage } from './offer';
import { ownPagePost, text } from './ownPage';
import { cardPage } from './page';
import { staffPage } from './staff';
import { type CardVisit, cardVisits } from './visits';

export type CardsSettings = {
  origin: string;
  chat: string;
  bank: string;
  token: string;
  internalSecret: string;
  /** Text of the web view SDK: the bank serves its own copy, so that no script of somebody else's runs beside a card number. */
  sdk: string;
  /** For a test that has to show that the number arrived here: keeps what was typed, in memory. */
  keepNumbers?: boolean;
  now?: () => number;
  api?: GuichetApi;
  bankDoor?: BankDoor;
};

export function cardsApp(settings: CardsSettings): Hono {
  const { origin, now = Date.now } = settings;
  const api = settings.api ?? guichetApi(settings.chat, settings.token);
  const bank = settings.bankDoor ?? bankDoor(settings.bank, settings.internalSecret);
  const visits = cardVisits(now);
  const seen: string[] = [];
  const app = webApp(origin);

  app.use(bodyLimit({ maxSize: 4_096, onError: (c) => c.json({ error: 'too_large' }, 413) }));
  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    // Under `no-referrer` a form would be sent with `Origin: null`; the staff's page has one.
    c.header('referrer-policy', c.req.path === '/staff' ? 'same-origin' : 'no-referrer');
  });
  app.route('/assets', publicFiles(join(root, 'demo/cards/public')));
  app.get('/webview.js', (c) =>
    c.body(settings.sdk, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' }),
  );
  app.get('/', (c) => c.redirect(settings.bank, 303));
  app.get('/confirm', (c) => cardPage(c, settings));
  app.get('/offers/first-home', (c) => offerPage(c, settings));

  /** First contact: the page hands over its one-time code, we learn from Guichet whose page it is. */
  app.post('/session', async (c) => {
    const body = await ownPagePost(c, origin);
    if (body instanceof Response) return body;
    try {
      const visit = await visitOf(text(body.code));
      return visit ? c.json({ session: visit.key }, 201) : c.json({ error: 'code_invalid' }, 400);
    } catch (error) {
      log.warn(`a code could not be exchanged: ${(error as ApiError).code}`);
      return c.json({ error: 'busy' }, 503);
    }
  });

  /** `undefined`: the code is used up, too old or not for a page of ours. Throws ApiError when Guichet doesn't answer. */
  async function visitOf(code: string): Promise<CardVisit | undefined> {
    try {
      const known = await api('/v2/web-views/exchange', { method: 'POST', body: { code }, patience: 6_000 });
      if (known.origin !== origin) return undefined;
      return visits.start({
        webViewId: String(known.web_view_id),
        userId: String(known.user_id),
        customerId: typeof known.reference_id === 'string' ? known.reference_id : undefined,
      });
    } catch (error) {
      const { status } = error as ApiError;
      if (status === 400 || status === 404 || status === 409) return undefined;
      throw error;
    }
  }

  app.route('/limits', limits({ origin, site: settings, api, bank, visitOf, find: visits.find }));

  app.post('/confirm', async (c) => {
    const body = await ownPagePost(c, origin);
    if (body instanceof Response) return body;
    const fields = { number: text(body.number), expiry: text(body.expiry), cvc: text(body.cvc) };
    if (settings.keepNumbers && seen.length < 1_000) seen.push(fields.number);
    const visit = visits.find(text(body.session));
    if (!visit) return c.json({ error: 'session_unknown' }, 410);
    const checked = checkCard(fields, new Date(now()));
    if ('faults' in checked) return c.json({ error: 'faults', faults: checked.faults }, 422);

    visit.outcome ??= confirm(api, bank, visit, checked.card);
    const outcome = await visit.outcome;
    if (outcome.kind === 'confirmed') return c.json({ outcome: 'confirmed', last4: outcome.last4 });
    if (outcome.kind === 'closed') return c.json({ error: 'closed' }, 409);
    delete visit.outcome;
    return c.json({ error: 'busy' }, 503);
  });

  /** The bank closes a running page. */
  async function close(visit: CardVisit): Promise<boolean> {
    try {
      await api(`/v2/web-views/${encodeURIComponent(visit.webViewId)}/close`, {
        method: 'POST',
        body: {},
        patience: 3_000,
      });
    } catch (error) {
      const { status } = error as ApiError;
      if (status !== 404 && status !== 409) return false;
    }
    visit.over = true;
    return true;
  }

  app.post('/internal/web-views/close', async (c) => {
    if (!bearsSecret(c.req.header('authorization'), settings.internalSecret))
      return c.json({ error: 'unauthenticated' }, 401);
    const body: { web_view_id?: unknown } = await c.req.json().catch(() => ({}));
    const chosen = body.web_view_id === undefined ? visits.running() : [visits.ofWebView(text(body.web_view_id))];
    const known = chosen.filter((visit) => visit !== undefined);
    if (known.length === 0) return c.json({ error: 'no_such_page' }, 404);
    const closed = await Promise.all(known.map(close));
    return c.json({ closed: closed.filter(Boolean).length }, closed.every(Boolean) ? 200 : 503);
  });

  app.get('/internal/seen', (c) => {
    if (!bearsSecret(c.req.header('authorization'), settings.internalSecret))
      return c.json({ error: 'unauthenticated' }, 401);
    return c.json({ numbers: seen });
  });

  app.get('/staff', async (c) => staffPage(c, await stillRunning(), settings.bank, now()));
  app.post('/staff/close', async (c) => {
    if (c.req.header('origin') !== origin) return c.text('Please use the button on our own page.', 403);
    const visit = visits.ofWebView(text((await c.req.parseBody()).web_view_id));
    if (visit && !(await close(visit))) return c.text('Guichet does not answer. Go back and try again.', 503);
    return c.redirect('/staff', 303);
  });

  /** Pages that were closed in the chat: Guichet knows, we ask. */
  async function stillRunning(): Promise<CardVisit[]> {
    const running = visits.running();
    await Promise.all(
      running.map(async (visit) => {
        const view = await api(`/v2/web-views/${encodeURIComponent(visit.webViewId)}`, { patience: 0 }).catch(
          () => undefined,
        );
        if (view?.state === 'closed') visit.over = true;
      }),
    );
    return running.filter((visit) => !visit.over);
  }

  return app;
}
