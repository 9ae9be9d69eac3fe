import type { Context } from 'hono';
import { html } from 'hono/html';
import { cardPagePolicy } from './page';

/** Stands in the bank's own page (or in the chat, where that can't be), so both may frame it and both are trusted as the chat. */
export function limitsPage(c: Context, site: { chat: string; bank: string }) {
  c.header('content-security-policy', cardPagePolicy(site));
  c.header('cache-control', 'no-store');
  return c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Card limits · AG Bank</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/card.css">
<script src="/webview.js" data-chat-origin="${site.chat} ${site.bank}"></script>
<script type="module" src="/assets/limits.js"></script>
</head>
<body class="limits">
<main>
  <section id="details" aria-labelledby="title">
    <h1 id="title">Card limits</h1>
    <p class="lead" id="lead">One moment …</p>
    <form id="form" hidden>
      <fieldset class="wide" id="cards"><legend>Card</legend></fieldset>
      <div class="field wide">
        <label for="weekly">At most, in a week <output id="weekly-shown" for="weekly" aria-live="off"></output></label>
        <input id="weekly" type="range" min="0">
      </div>
      <p class="trouble wide" id="trouble" role="alert"></p>
      <button class="wide" id="save" disabled>Save</button>
    </form>
  </section>
  <section id="apart" hidden tabindex="-1">
    <h1 id="apart-title"></h1>
    <p class="lead" id="apart-text"></p>
    <p><a class="button" id="apart-link" href="${site.bank}/sign-in" target="_blank" rel="noopener" hidden>To AG Bank</a></p>
  </section>
  <p class="visually-hidden" id="status" role="status"></p>
  <noscript><p class="trouble">This page needs JavaScript.</p></noscript>
</main>
</body>
</html>`);
}
