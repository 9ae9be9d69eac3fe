import { html } from 'hono/html';
import type { Account, Customer } from '../customers';
import type { Markup, Visit } from '../layout';
import { balanceBefore, type Entry, entriesOf, type Month, monthOf, shift, sum } from '../ledger';
import { change, dayName, euro, monthName } from '../money';

export const accounts = ({ customer }: Visit, today: Date): Markup => (customer ? books(customer, today) : invitation);

const invitation = html`
<section class="wide narrow page">
  <h1>Your accounts</h1>
  <p class="lead">Sign in to see your balances and what came and went.</p>
  <p class="actions"><a class="button" href="/sign-in?to=/accounts">Sign in</a> <a class="button quiet" href="/help">I need help</a></p>
</section>`;

function books(customer: Customer, today: Date): Markup {
  const month = monthOf(today);
  const { current, savings } = customer;
  const soFar = entriesOf(current.iban, month).filter((entry) => entry.day <= today.getUTCDate());
  const balance = balanceBefore(current.iban, current.opening, month) + sum(soFar);
  const saved = savings.opening + savedUntil(current, month, today);
  return html`
<section class="wide page">
  <p class="over">${customer.firstName} ${customer.lastName}</p>
  <h1>Your accounts</h1>
  <ul class="balances">
    ${balanceTile(current, balance)}
    ${balanceTile(savings, saved)}
  </ul>
  ${monthTable(month, soFar)}
  ${monthTable(shift(month, -1), entriesOf(current.iban, shift(month, -1)))}
  <p class="actions"><button class="button quiet" type="button" data-chat="open">Ask for a statement in the chat</button></p>
</section>`;
}

/** What the standing orders on the current account moved over. */
function savedUntil(current: Account, until: Month, today: Date): number {
  let saved = 0;
  for (let month: Month = '2026-01'; month <= until; month = shift(month, 1)) {
    for (const entry of entriesOf(current.iban, month)) {
      if (entry.text === 'Sunny saver' && (month < until || entry.day <= today.getUTCDate())) saved -= entry.cents;
    }
  }
  return saved;
}

const balanceTile = (account: Account, cents: number): Markup => html`
<li class="tile balance">
  <h2>${account.name}</h2>
  <p class="iban">${account.iban}</p>
  <p class="figure">${euro(cents)}</p>
</li>`;

const monthTable = (month: Month, entries: readonly Entry[]): Markup => html`
<table class="entries">
  <caption>${monthName(month)}</caption>
  <thead><tr><th scope="col">Date</th><th scope="col">What</th><th scope="col" class="amount">Amount</th></tr></thead>
  <tbody>
    ${[...entries].reverse().map(
      (entry) => html`<tr>
      <td class="day">${dayName(month, entry.day)}</td>
      <td><strong>${entry.text}</strong> <span>${entry.detail}</span></td>
      <td class="amount${entry.cents > 0 ? ' in' : ''}">${change(entry.cents)}</td>
    </tr>`,
    )}
    ${entries.length === 0 ? html`<tr><td colspan="3">Nothing yet this month.</td></tr>` : ''}
  </tbody>
</table>`;
