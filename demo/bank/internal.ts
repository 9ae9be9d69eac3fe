import { Hono } from 'hono';
import { bearsSecret } from '../secret';
import type { Sessions } from './session';
import type { Statements } from './statements';

type Doors = { origin: string; secret: string; statements: Statements; session: Sessions };

/** For the bank's own programs alone: the card page's backend and the bot. */
export function internalDoors({ origin, secret, statements, session }: Doors): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (!bearsSecret(c.req.header('authorization'), secret)) return c.json({ error: 'unauthenticated' }, 401);
    c.header('cache-control', 'no-store');
    return next();
  });

  /** `{web_view_id, reference_id?}` → `{statement_ref}`: a card was checked, this view's customer may have a statement. */
  app.post('/statements', async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined);
    const webViewId = field(body, 'web_view_id');
    if (!webViewId) return c.json({ error: 'expected web_view_id, a string of at most 128 characters' }, 400);
    const reference = statements.reference(webViewId, field(body, 'reference_id'));
    return reference
      ? c.json({ statement_ref: reference }, 201)
      : c.json({ error: 'no customer has this reference_id' }, 404);
  });

  /** `{session}`, the value of the sign-in's cookie → `{customer_id, cards}`: who is signed in at the bank. */
  app.post('/sessions', async (c) => {
    const customer = session.open(field(await c.req.json().catch(() => undefined), 'session'));
    return customer
      ? c.json({ customer_id: customer.id, cards: customer.cards.map(({ name, last4 }) => ({ name, last4 })) })
      : c.json({ error: 'not_signed_in' }, 404);
  });

  /** `?month=2026-10` (default: the last one that is over) → where the statement can be fetched, for 15 minutes. */
  app.get('/statements/:ref', async (c) => {
    const link = await statements.link(c.req.param('ref'), c.req.query('month'));
    if (link === 'unknown_reference') return c.json({ error: link }, 404);
    if (link === 'no_such_month') return c.json({ error: link }, 400);
    return c.json({
      url: `${origin}/statements/${link.token}.pdf`,
      name: link.name,
      month: link.month,
      file_size_in_bytes: link.bytes.length,
      content_type: 'application/pdf',
      expires_time: new Date(link.expires).toISOString(),
    });
  });
  return app;
}

function field(body: unknown, name: string): string | undefined {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' && value.length > 0 && value.length <= 128 ? value : undefined;
}
