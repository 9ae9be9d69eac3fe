import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { publicFiles } from '../publicFiles';
import { root } from '../repository';
import { sameSecret } from '../secret';
import { webApp } from '../service';
import { contentSecurity } from './contentSecurity';
import { customerByEmail, demoPassword } from './customers';
import { type IdentityKey, identityOf } from './identity';
import { internalDoors } from './internal';
import { layout, type Markup, type Visit } from './layout';
import { offers } from './offers';
import { accounts } from './pages/accounts';
import { branchesPage } from './pages/branches';
import { cardProtection } from './pages/cardProtection';
import { cards } from './pages/cards';
import { help } from './pages/help';
import { home } from './pages/home';
import { notice } from './pages/notice';
import { offerPage } from './pages/offer';
import { signIn } from './pages/signIn';
import { sessions } from './session';
import { statements } from './statements';

export type BankSettings = {
  origin: string;
  chat: string;
  cards: string;
  site: string;
  identityKey: IdentityKey;
  sessionSecret: string;
  internalSecret: string;
  /** Address of a server-sent event stream; each event reloads the page. For development. */
  reload?: string | undefined;
  now?: () => number;
};

const signedOutCookie = 'ag_signed_out';

export function bankApp(settings: BankSettings): Hono {
  const { origin, now = Date.now } = settings;
  const app = webApp(origin);
  const session = sessions(settings.sessionSecret, new URL(origin).hostname, now);
  const papers = statements(now);

  app.use(bodyLimit({ maxSize: 16_384 }));
  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'strict-origin-when-cross-origin');
    c.header('cross-origin-opener-policy', 'same-origin');
  });
  app.route('/assets', publicFiles(join(root, 'demo/bank/public')));
  app.route('/internal', internalDoors({ origin, secret: settings.internalSecret, statements: papers, session }));

  app.get('/', (c) => show(c, 'Banking with time for you', home));
  app.get('/accounts', (c) => show(c, 'Accounts', (visit) => accounts(visit, new Date(now()))));
  app.get('/cards', (c) => show(c, 'Cards', cards));
  app.get('/help', (c) => show(c, 'Help', help));
  app.get('/help/card-protection', (c) => show(c, 'How we protect your card', cardProtection));
  app.get('/branches', (c) => show(c, 'Branches', branchesPage));
  for (const offer of offers) app.get(`/offers/${offer.name}`, (c) => show(c, offer.title, () => offerPage(offer)));
  app.get('/sign-in', async (c) => {
    const to = ownPath(c.req.query('to'));
    if (session.of(c)) return c.redirect(to, 303);
    return show(c, 'Sign in', () => signIn({ to }));
  });

  app.post('/sign-in', async (c) => {
    if (!sameOrigin(c)) return refuse(c);
    const form = await c.req.parseBody();
    const email = String(form.email ?? '').slice(0, 320);
    const to = ownPath(String(form.to ?? ''));
    const customer = customerByEmail(email);
    const right = sameSecret(String(form.password ?? ''), demoPassword);
    if (!customer || !right) return show(c, 'Sign in', () => signIn({ to, email, failed: true }), 401);
    session.start(c, customer);
    return c.redirect(to, 303);
  });

  app.post('/sign-out', async (c) => {
    if (!sameOrigin(c)) return refuse(c);
    session.end(c);
    setCookie(c, signedOutCookie, '1', { httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 60 });
    return c.redirect('/', 303);
  });

  app.get('/statements/:file{[a-z]{32}\\.pdf}', async (c) => {
    c.header('cache-control', 'private, no-store');
    c.header('referrer-policy', 'no-referrer');
    const file = papers.file(c.req.param('file').slice(0, -'.pdf'.length));
    if (!file) {
      const text = 'A link to a statement is good for 15 minutes. Ask for a new one in the chat: it takes a moment.';
      return show(c, 'Link expired', () => notice('This link has expired', text), 404);
    }
    return c.body(new Uint8Array(file.bytes), 200, {
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="${file.name}"`,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
  });

  app.notFound((c) => {
    const text = 'The address is mistyped, or the page has moved. The menu above leads everywhere.';
    return show(c, 'Not found', () => notice('There’s no such page', text), 404);
  });

  async function show(c: Context, title: string, page: (visit: Visit) => Markup, status: 200 | 401 | 403 | 404 = 200) {
    const customer = session.of(c);
    const nonce = randomBytes(16).toString('base64');
    const signedOut = !customer && getCookie(c, signedOutCookie) === '1';
    if (signedOut) deleteCookie(c, signedOutCookie, { path: '/' });
    const identity = customer && (await identityOf(customer, settings.identityKey, settings.site, now()));
    const visit: Visit = { path: c.req.path, nonce, customer, identity, signedOut };
    c.header('content-security-policy', contentSecurity(settings, nonce));
    // A signed-in page is never kept: Back after signing out must not show it again.
    c.header('cache-control', customer || signedOut ? 'private, no-store' : 'private, no-cache');
    return c.html(layout(visit, settings, { title, main: page(visit) }), status);
  }

  const sameOrigin = (c: Context) => c.req.header('origin') === origin;
  const refuse = (c: Context) =>
    show(c, 'Not accepted', () => notice('That didn’t come from us', 'Please use the form on our own page.'), 403);

  return app;
}

/** A path on this site to go on to; anything else becomes the accounts page. */
function ownPath(wanted: string | undefined): string {
  return wanted && /^\/[a-z-]*$/.test(wanted) ? wanted : '/accounts';
}
