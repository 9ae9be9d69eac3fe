import { html } from 'hono/html';
import type { Markup } from '../layout';

const parts: [string, string][] = [
  [
    'Blocking is one word',
    'Write “block a card” in the chat, at any hour. It is stopped before we ask anything; what happened can be told afterwards, or never.',
  ],
  [
    'Starting it again takes a person',
    'Whoever holds your telephone could ask for it. So a colleague calls you back on the number that we know, within a day.',
  ],
  [
    'Your number is for us alone',
    'When we have to see a card, a page of ours opens inside the chat, with our address and a lock above it. The chat can’t read it, and neither can Freddy.',
  ],
  [
    'We never ask for it in words',
    'Nobody of ours wants a card number, a code or a password in a message. If somebody does, it isn’t us: block the card and tell us.',
  ],
  [
    'What you don’t know of, you don’t pay',
    'Payments after the block are ours. Those before it we look at with you; most are back within a week.',
  ],
];

export const cardProtection = (): Markup => html`
<article class="wide narrow page">
  <p class="over">Help</p>
  <h1>How we protect your card</h1>
  <p class="lead">Five rules that we keep, so that a lost card is a nuisance and nothing worse.</p>
  <ol class="steps article">
    ${parts.map(([title, text]) => html`<li><h2>${title}</h2><p>${text}</p></li>`)}
  </ol>
  <p class="actions"><button class="button" type="button" data-chat="open">Block a card in the chat</button> <a class="button quiet" href="/help">More help</a></p>
</article>`;
