import { html } from 'hono/html';
import { customers, demoPassword } from '../customers';
import type { Markup } from '../layout';

export type Attempt = { to: string; email?: string; failed?: boolean };

export const signIn = ({ to, email, failed }: Attempt): Markup => html`
<section class="wide page split top-aligned">
  <div class="form-column">
    <h1>Sign in</h1>
    <form class="form" method="post" action="/sign-in" id="sign-in">
      <input type="hidden" name="to" value="${to}">
      ${failed ? html`<p class="fault" role="alert" id="fault">E-mail and password don’t belong together. Please look at both again.</p>` : ''}
      <label for="email">E-mail</label>
      <input id="email" name="email" type="email" autocomplete="username" required value="${email ?? ''}" ${fault(failed)}>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required ${fault(failed)}>
      <button class="button">Sign in</button>
    </form>
  </div>
  <aside class="tile demo" aria-labelledby="demo-customers">
    <p class="over">In this demonstration</p>
    <h2 id="demo-customers">Two customers to be</h2>
    <ul class="people">
      ${customers.map(
        (person) => html`<li>
        <span class="initials" aria-hidden="true">${person.firstName[0]}${person.lastName[0]}</span>
        <span><strong>${person.firstName} ${person.lastName}</strong><br>${person.email}</span>
        <button class="button small quiet" type="button" data-fill-email="${person.email}" data-fill-password="${demoPassword}">Fill in<span class="unseen"> as ${person.firstName} ${person.lastName}</span></button>
      </li>`,
      )}
    </ul>
    <p>The password of both is <code>${demoPassword}</code></p>
  </aside>
</section>`;

const fault = (failed: boolean | undefined): Markup | '' =>
  failed ? html`aria-invalid="true" aria-describedby="fault"` : '';
