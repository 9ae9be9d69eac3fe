import { html } from 'hono/html';
import type { Markup } from '../layout';
import type { Offer } from '../offers';

export const offerPage = ({ kind, title, figure, picture, lead, facts, steps }: Offer): Markup => html`
<section class="wide page">
  <div class="split map-row">
    <div>
      <p class="over">${kind}</p>
      <h1>${title}</h1>
      <p class="lead">${lead}</p>
      <p class="figure">${figure[0]} <span>${figure[1]}</span></p>
      <p class="actions"><button class="button" type="button" data-chat="open">Choose it in the chat</button> <a class="button quiet" href="/branches">Come by</a></p>
    </div>
    <img class="map" src="/assets/${picture}" width="640" height="320" alt="">
  </div>
</section>
<section class="wide band split top-aligned">
  <div><h2>In figures</h2>
    <dl class="facts">${facts.map(([what, how]) => html`<div><dt>${what}</dt><dd>${how}</dd></div>`)}</dl>
  </div>
  <ol class="steps">
    ${steps.map(([what, how]) => html`<li><strong>${what}</strong><span>${how}</span></li>`)}
  </ol>
</section>`;
