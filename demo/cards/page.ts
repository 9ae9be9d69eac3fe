import type { Context } from 'hono';
import { html } from 'hono/html';

type Addresses = { chat: string; bank: string };

/**
 * Only the chat inside the bank may show this page: nobody else can put it in a frame and play the chat. And only the bank's
 * own files run in it, its copy of the SDK among them: not even a hacked chat could read what is typed here.
 */
export const cardPagePolicy = ({ chat, bank }: Addresses): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${chat} ${bank}`,
    "require-trusted-types-for 'script'",
  ].join('; ');

export function cardPage(c: Context, site: Addresses) {
  c.header('content-security-policy', cardPagePolicy(site));
  c.header('cache-control', 'no-store');
  return c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Card details · AG Bank</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/card.css">
<script src="/webview.js" data-chat-origin="${site.chat}"></script>
<script type="module" src="/assets/card.js"></script>
</head>
<body>
<main>
  <section id="details" aria-labelledby="title">
    <h1 id="title">Card details</h1>
    <p class="lead">We need them once, for your statement.</p>
    <p class="note" id="again" hidden>For your safety we kept nothing of what you typed before.</p>
    <form id="form" novalidate method="post" autocomplete="on">
      <div class="field wide">
        <label for="number">Card number</label>
        <input id="number" name="number" type="text" inputmode="numeric" autocomplete="cc-number" autocapitalize="off" spellcheck="false" placeholder="0000 0000 0000 0000" aria-describedby="number-fault">
        <p class="fault" id="number-fault" hidden></p>
      </div>
      <div class="field">
        <label for="expiry">Expiry</label>
        <input id="expiry" name="expiry" type="text" inputmode="numeric" autocomplete="cc-exp" spellcheck="false" placeholder="MM / YY" aria-describedby="expiry-fault">
        <p class="fault" id="expiry-fault" hidden></p>
      </div>
      <div class="field">
        <label for="cvc">CVC</label>
        <input id="cvc" name="cvc" type="text" inputmode="numeric" autocomplete="cc-csc" spellcheck="false" maxlength="4" placeholder="•••" aria-describedby="cvc-fault">
        <p class="fault" id="cvc-fault" hidden></p>
      </div>
      <p class="trouble wide" id="trouble" role="alert"></p>
      <button class="wide" id="confirm">Confirm</button>
      <p class="wide under"><button class="link" type="button" id="cancel">Cancel and go back to the chat</button></p>
    </form>
  </section>
  <section id="done" hidden tabindex="-1">
    <svg viewBox="0 0 48 48" width="56" height="56" aria-hidden="true"><circle cx="24" cy="24" r="24"/><path d="M14 25l7 7 13-15"/></svg>
    <h1>Card confirmed</h1>
    <p class="lead">Your statement is waiting in the chat. This page closes by itself.</p>
  </section>
  <section id="outside" hidden tabindex="-1">
    <h1>This page belongs in the chat</h1>
    <p class="lead">It opens inside a conversation with AG Bank, so that we know whose card it is. Here it can’t do anything.</p>
    <p class="lead">Please start at our site: open the chat there and ask for your statement.</p>
    <p><a class="button" href="${site.bank}/help">To AG Bank</a></p>
  </section>
  <p class="visually-hidden" id="status" role="status"></p>
  <noscript><p class="trouble">This page needs JavaScript to check your card.</p></noscript>
</main>
</body>
</html>`);
}
