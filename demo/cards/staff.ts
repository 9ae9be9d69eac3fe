import type { Context } from 'hono';
import { html } from 'hono/html';
import type { CardVisit } from './visits';

/** For the bank's staff: which card pages are open right now, and a button that closes one from the bank's side. */
export function staffPage(c: Context, running: CardVisit[], bank: string, now: number) {
  c.header(
    'content-security-policy',
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  c.header('cache-control', 'no-store');
  return c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Open card pages · AG Bank staff</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/card.css">
</head>
<body class="staff">
<main>
  <h1>Open card pages</h1>
  <p class="lead">Pages of ours that customers have open in the chat. Closing one here asks Guichet to take it off their screen. In this demonstration nobody has to sign in, and only this computer can reach it.</p>
  <ul>
    ${running.map(
      (visit) => html`<li>
      <span><strong>${visit.customerId ?? 'Not signed in'}</strong><br>${ago(now - visit.since)} · view ${visit.webViewId.slice(-8)}</span>
      <form method="post" action="/staff/close"><input type="hidden" name="web_view_id" value="${visit.webViewId}"><button>Close</button></form>
    </li>`,
    )}
    ${running.length === 0 ? html`<li>None at the moment.</li>` : ''}
  </ul>
  <p><a href="/staff">Look again</a> · <a href="${bank}">AG Bank</a></p>
</main>
</body>
</html>`);
}

function ago(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes < 1 ? 'opened just now' : `opened ${minutes} min ago`;
}
