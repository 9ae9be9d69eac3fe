import type { Context } from 'hono';
import { html } from 'hono/html';
import { cardPagePolicy } from './page';

/** A page to read and to reckon with, inside the chat: it asks nothing, keeps nothing and has no result. */
export function offerPage(c: Context, site: { chat: string; bank: string }) {
  c.header('content-security-policy', cardPagePolicy(site).replace("img-src 'self'", `img-src 'self' ${site.bank}`));
  c.header('cache-control', 'no-cache');
  return c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>First home · AG Bank</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/card.css">
<script src="/webview.js" data-chat-origin="${site.chat}"></script>
<script type="module" src="/assets/offer.js"></script>
</head>
<body class="offer">
<main>
  <img src="${site.bank}/assets/first-home.jpg" width="640" height="320" alt="">
  <h1>First home</h1>
  <p class="lead">Fixed for ten years within a day, with a person beside you from offer to key.</p>
  <form id="reckon">
    <div class="field wide">
      <label for="sum">What you need <output id="sum-shown" for="sum"></output></label>
      <input id="sum" type="range" min="50000" max="500000" step="5000" value="180000">
    </div>
    <div class="field wide">
      <label for="years">Paid back in <output id="years-shown" for="years"></output></label>
      <input id="years" type="range" min="10" max="35" step="1" value="25">
    </div>
  </form>
  <p class="month"><span>a month, at 2.9 %</span><output id="month" for="sum years"></output></p>
  <p class="lead">A reckoning, not yet an offer: yours depends on the house and on you.</p>
  <button class="wide" type="button" id="back">Back to the chat</button>
  <noscript><p class="trouble">The reckoning needs JavaScript.</p></noscript>
</main>
</body>
</html>`);
}
