import { html } from 'hono/html';
import type { Card, Customer } from '../customers';
import type { Markup, Visit } from '../layout';

export const cards = ({ customer }: Visit): Markup => html`
<section class="wide page">
  <h1>${customer ? 'Your cards' : 'Cards'}</h1>
  <p class="lead">${
    customer
      ? 'Lost one, or not sure? Stop it first, think later: a stopped card can be started again within a day.'
      : 'One card for every day and one for the rest. Both can be stopped in the chat, in a second, at any hour.'
  }</p>
  <ul class="cards">
    ${(customer?.cards ?? sample).map((card) => cardTile(card, customer))}
  </ul>
  <p class="actions">
    <button class="button" type="button" data-chat="open">Block a card in the chat</button>
    ${customer ? '' : html`<a class="button quiet" href="/sign-in?to=/cards">Sign in to see yours</a>`}
  </p>
</section>
<section class="wide band split">
  <div><h2>What a card costs</h2><p class="lead">The same everywhere, written once.</p></div>
  <dl class="facts">
    <div><dt>Debit card</dt><dd>free</dd></div>
    <div><dt>Credit card</dt><dd>€2.50 a month</dd></div>
    <div><dt>Paying in another currency</dt><dd>0.5 %</dd></div>
    <div><dt>Cash at any machine in the country</dt><dd>free</dd></div>
    <div><dt>A new card after a loss</dt><dd>free, three days</dd></div>
  </dl>
</section>`;

const sample: Card[] = [
  { name: 'Debit card', kind: 'debit', last4: '····', expiry: 'MM/YY' },
  { name: 'Credit card', kind: 'credit', last4: '····', expiry: 'MM/YY' },
];

const cardTile = (card: Card, customer: Customer | undefined): Markup => html`
<li>
  <div class="plastic ${card.kind}">
    <p class="plastic-name">AG Bank <span>${card.kind}</span></p>
    <p class="plastic-number"><span class="unseen">Card ending in </span><span aria-hidden="true">•••• •••• •••• </span>${card.last4}</p>
    <p class="plastic-row"><span>${customer ? `${customer.firstName} ${customer.lastName}` : 'Your name'}</span><span>${card.expiry}</span></p>
  </div>
</li>`;
