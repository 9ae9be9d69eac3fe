import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Customer } from './customers';

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What every page knows of the request that it answers. */
export type Visit = {
  path: string;
  nonce: string;
  customer?: Customer | undefined;
  /** The JWT that vouches for the customer, made for this page. */
  identity?: string | undefined;
  /** True on the one page after signing out: the chat has to forget the customer too. */
  signedOut: boolean;
};

export type SiteAddresses = { chat: string; site: string; reload?: string | undefined };

const sections = [
  { path: '/accounts', name: 'Accounts' },
  { path: '/cards', name: 'Cards' },
  { path: '/help', name: 'Help' },
];

export function layout(visit: Visit, site: SiteAddresses, page: { title: string; main: Markup }): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · AG Bank</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/bank.css">
<script type="module" src="/assets/bank.js"></script>
${chat(visit, site)}
${site.reload ? reloading(visit, site) : ''}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
  <div class="wide top-row">
    <a class="mark" href="/" ${visit.path === '/' ? html`aria-current="page"` : ''}><img src="/assets/mark.svg" alt="" width="36" height="36"><span>AG Bank</span></a>
    <nav aria-label="Bank">
      ${sections.map(({ path, name }) => html`<a href="${path}" ${visit.path === path ? html`aria-current="page"` : ''}>${name}</a>`)}
    </nav>
    <div class="who">${visit.customer ? signedIn(visit.customer) : html`<a class="button small" href="/sign-in" ${visit.path === '/sign-in' ? html`aria-current="page"` : ''}>Sign in</a>`}</div>
  </div>
</header>
<main id="main" tabindex="-1">${page.main}</main>
<footer class="bottom">
  <div class="wide bottom-row">
    <p><strong>AG Bank</strong><br>1 Counter Square, 1000 Avenmouth</p>
    <p>This bank is a demonstration of Guichet. It keeps no money, and nobody in it is real: please type no real card number.</p>
    <p><a href="/help">Help and contact</a><br><a href="/branches">Branches</a></p>
  </div>
</footer>
</body>
</html>`;
}

/** All that a site does to have Guichet. */
function chat(visit: Visit, site: SiteAddresses): Markup {
  return html`${
    visit.signedOut
      ? html`<script nonce="${visit.nonce}">window.guichet = window.guichet || function () { (guichet.q = guichet.q || []).push(arguments); }; guichet('logout');</script>\n`
      : ''
  }<script async src="${site.chat}/guichet.js" data-site="${site.site}" data-brand-color="#0f6b5c"${visit.identity ? html` data-identity="${visit.identity}"` : ''}></script>`;
}

function signedIn(customer: Customer): Markup {
  return html`<span class="name">${customer.firstName} ${customer.lastName}</span>
    <form method="post" action="/sign-out"><button class="button small quiet">Sign out</button></form>`;
}

/** In development: the loader may be kept by the browser for minutes, so it is fetched anew before the page is. */
const reloading = (visit: Visit, site: SiteAddresses): Markup =>
  html`<script nonce="${visit.nonce}" data-reload="${site.reload}" data-loader="${site.chat}/guichet.js">
const { reload, loader } = document.currentScript.dataset;
new EventSource(reload).onmessage = async () => {
  await fetch(loader, { cache: 'reload', mode: 'no-cors' }).catch(() => {});
  location.reload();
};
</script>`;
