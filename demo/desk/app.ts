import { join } from 'node:path';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import { publicFiles } from '../publicFiles';
import { root } from '../repository';
import { sameSecret } from '../secret';
import { webApp } from '../service';
import { type AgentKey, agentByEmail, deskPassword, staff } from './staff';

export type DeskSettings = {
  origin: string;
  chat: string;
  /** Each agent's own API token, and the actor that it is bound to. */
  tokens: Record<AgentKey, { token: string; agentId: string }>;
  /** Folder of the page's script and styles. */
  page?: string;
  now?: () => number;
};

/** Wrong passwords a minute before one has to wait. */
const attempts = 10;

/**
 * The desk's backend does one thing: whoever signs in as one of the bank's people gets that person's own API token. All else
 * the page does by itself, by `/v2` and its socket. There is no cookie: the token lives in the page's tab.
 */
export function deskApp(settings: DeskSettings): Hono {
  const { origin, now = Date.now } = settings;
  const app = webApp(origin);
  const wrong = { since: 0, count: 0 };

  app.use(bodyLimit({ maxSize: 4_096, onError: (c) => c.json({ error: 'too_large' }, 413) }));
  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('cross-origin-opener-policy', 'same-origin');
  });
  app.route('/assets', publicFiles(settings.page ?? join(root, 'dist/demo/desk')));
  app.route('/assets', publicFiles(join(root, 'demo/desk/public')));

  app.get('/', (c) => page(c, settings.chat));

  app.post('/sign-in', async (c) => {
    c.header('cache-control', 'no-store');
    if (c.req.header('origin') !== origin) return c.json({ error: 'not_ours' }, 403);
    if (now() - wrong.since > 60_000) Object.assign(wrong, { since: now(), count: 0 });
    if (wrong.count >= attempts) return c.json({ error: 'wait' }, 429);
    const { email, password } = await credentials(c);
    const agent = agentByEmail(email);
    const right = sameSecret(password, deskPassword);
    if (!agent || !right) {
      wrong.count += 1;
      return c.json({ error: 'wrong' }, 401);
    }
    const { token, agentId } = settings.tokens[agent.key];
    return c.json({ token, agent: { id: agentId, name: agent.name } });
  });

  return app;
}

async function credentials(c: Context): Promise<{ email: string; password: string }> {
  const body: unknown = await c.req.json().catch(() => undefined);
  const { email, password } = (typeof body === 'object' && body ? body : {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 320) : '');
  return { email: text(email), password: text(password) };
}

/** One page, whose script draws everything. Pictures and films may come from where messages say; nothing else may. */
function page(c: Context, chat: string) {
  const socket = chat.replace(/^http/, 'ws');
  c.header(
    'content-security-policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' http: https:",
      'media-src http: https:',
      `connect-src 'self' ${chat} ${socket}`,
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
  );
  c.header('cache-control', 'no-store');
  const people = JSON.stringify(staff.map(({ name, email }) => ({ name, email })));
  return c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>AG Bank · Desk</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/desk.css">
</head>
<body>
<div id="desk" data-chat="${chat}" data-people="${people}" data-password="${deskPassword}"></div>
<noscript>The desk needs JavaScript.</noscript>
<script type="module" src="/assets/desk.js"></script>
</body>
</html>`);
}
