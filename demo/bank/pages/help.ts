import { html } from 'hono/html';
import type { Markup } from '../layout';

const questions: [question: string, answer: string][] = [
  [
    'How do I get an account statement?',
    'Open the chat and write “statement”. Freddy asks you to confirm your card on a page of ours, and hands you the document at once.',
  ],
  [
    'Can the chat see what I type on that page?',
    'No. It comes from our own address, which stands above it beside a lock, and your browser keeps it apart from the chat and from this site.',
  ],
  [
    'I’ve lost my card. What now?',
    'Write “block a card” in the chat: it is stopped at once, day or night. A new one is with you in three days.',
  ],
  [
    'Does the chat know who I am?',
    'Only when you’re signed in here: then we vouch for you, and your conversation follows you to your other devices. When you sign out, this browser forgets it.',
  ],
  ['When do people answer?', 'Monday to Friday, 8 to 18. Freddy answers at any hour.'],
];

export const help = (): Markup => html`
<section class="wide page split top-aligned">
  <div>
    <h1>How can we help?</h1>
    <p class="lead">Most things are quicker in the chat than on the telephone.</p>
    <p class="actions"><button class="button" type="button" data-chat="open">Talk to us</button></p>
    <address class="tile contact">
      <p><strong>On the telephone</strong><br>000 555 0142, Monday to Friday, 8 to 18</p>
      <p><strong>At the counter</strong><br>1 Counter Square, Avenmouth<br>Monday to Friday, 9 to 17. <a href="/branches">All branches</a></p>
    </address>
  </div>
  <div class="questions">
    ${questions.map(([question, answer], index) => html`<details ${index === 0 ? html`open` : ''}><summary>${question}</summary><p>${answer}</p></details>`)}
  </div>
</section>`;
