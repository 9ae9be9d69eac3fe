import { html } from 'hono/html';
import type { Markup, Visit } from '../layout';

export const home = ({ customer }: Visit): Markup => html`
<section class="hero">
  <div class="wide hero-row">
    <div>
      <p class="over">Since 1894, one counter at a time</p>
      <h1>${customer ? html`Welcome back, ${customer.firstName}.` : 'A bank that takes its time for you.'}</h1>
      <p class="lead">Accounts without small print, cards that you can stop in a second, and people who know your name. And when the counter is closed, the small window is still open.</p>
      <p class="actions">
        ${customer ? html`<a class="button" href="/accounts">See your accounts</a>` : html`<a class="button" href="/sign-in">Sign in</a>`}
        <button class="button quiet" type="button" data-chat="open">Talk to us</button>
      </p>
    </div>
    <img class="hero-picture" src="/assets/counter.svg" alt="" width="520" height="420">
  </div>
</section>

<section class="wide band" aria-labelledby="offers">
  <h2 id="offers">What people open with us</h2>
  <ul class="three">
    <li class="tile">
      <p class="over">Everyday</p><h3>Current account</h3>
      <p>Free if your salary comes in. Every payment shows the moment it happens.</p>
      <p class="figure">€0.00 <span>a month</span></p>
    </li>
    <li class="tile accent">
      <p class="over">Saving</p><h3><a href="/offers/sunny-saver">Sunny saver</a></h3>
      <p>Interest on every cent from the first day, and no date by which you must decide.</p>
      <p class="figure">3.1 % <span>a year</span></p>
    </li>
    <li class="tile">
      <p class="over">Living</p><h3><a href="/offers/first-home">First home</a></h3>
      <p>Fixed for ten years within a day, with a person beside you from offer to key.</p>
      <p class="figure">2.9 % <span>fixed</span></p>
    </li>
  </ul>
</section>

<section class="wide band split">
  <div>
    <h2>Your card number is for us alone</h2>
    <p class="lead">When Freddy, our assistant in the chat, has to know that it is you, he opens a page of ours inside the chat. You type your card there. The chat can’t read it, and neither can he.</p>
  </div>
  <ol class="steps">
    <li><strong>Ask for your statement</strong><span>in the chat, lower corner of any page</span></li>
    <li><strong>Confirm your card</strong><span>on the bank’s own page, with our address above it</span></li>
    <li><strong>Get the document</strong><span>in the same conversation, ready to keep</span></li>
  </ol>
</section>`;
