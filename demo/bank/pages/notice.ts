import { html } from 'hono/html';
import type { Markup } from '../layout';

/** A page that says one thing and offers the way on. */
export const notice = (title: string, text: string): Markup => html`
<section class="wide narrow page">
  <h1>${title}</h1>
  <p class="lead">${text}</p>
  <p class="actions"><a class="button" href="/">To the front page</a> <button class="button quiet" type="button" data-chat="open">Talk to us</button></p>
</section>`;
