import { html } from 'hono/html';
import { branches } from '../branches';
import type { Markup } from '../layout';

export const branchesPage = (): Markup => html`
<section class="wide page">
  <div class="split map-row">
    <div>
      <h1>Our branches</h1>
      <p class="lead">Three counters in Avenmouth. At each of them somebody has time for you; for most things the chat is quicker.</p>
      <p class="actions"><button class="button" type="button" data-chat="open">Talk to us</button></p>
    </div>
    <img class="map" src="/assets/branches.png" width="720" height="432" alt="Map of Avenmouth: Counter Square in the middle, Harbour by the ferry, North Gate in the north">
  </div>
  <ol class="three branches">
    ${branches.map(
      (branch, index) => html`<li class="tile">
      <p class="over">${branch.what}</p>
      <h2><span class="number" aria-hidden="true">${index + 1}</span>${branch.name}</h2>
      <address>${branch.address[0]}<br>${branch.address[1]}</address>
      <dl class="facts">${branch.hours.map(([days, hours]) => html`<div><dt>${days}</dt><dd>${hours}</dd></div>`)}</dl>
      <p class="way">${branch.way}</p>
    </li>`,
    )}
  </ol>
</section>`;
