import { useRef, useState } from 'preact/hooks';
import type { Session } from '../wire';
import { Face } from './icons';

export type Place = { people: { name: string; email: string }[]; password: string };

const faults: Record<string, string> = {
  wrong: 'E-mail and password don’t belong together. Please look at both again.',
  wait: 'Too many tries. Please wait a minute.',
};

export function SignIn({
  place,
  why,
  done,
}: {
  place: Place;
  why: string | undefined;
  done: (session: Session) => void;
}) {
  const [fault, setFault] = useState(why);
  const [busy, setBusy] = useState(false);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    try {
      const answer = await fetch('/sign-in', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: email.current?.value ?? '', password: password.current?.value ?? '' }),
      });
      const body = (await answer.json()) as Session & { error?: string };
      if (answer.ok) return done(body);
      setFault(faults[body.error ?? ''] ?? 'That didn’t work. Please try again.');
    } catch {
      setFault('The desk can’t be reached. Please try again.');
    }
    setBusy(false);
    password.current?.focus();
  };
  const fill = (person: { email: string }) => {
    if (email.current) email.current.value = person.email;
    if (password.current) password.current.value = place.password;
    password.current?.form?.requestSubmit();
  };

  return (
    <main class="sign-in">
      <div class="sign-in-box">
        <img src="/assets/mark.svg" alt="" width="44" height="44" />
        <h1>AG Bank Desk</h1>
        <p class="quiet">For those of us who answer in the chat.</p>
        <form onSubmit={submit}>
          {fault && (
            <p class="fault" role="alert" id="fault">
              {fault}
            </p>
          )}
          <label>
            E-mail
            <input ref={email} type="email" name="email" autocomplete="username" required />
          </label>
          <label>
            Password
            <input ref={password} type="password" name="password" autocomplete="current-password" required />
          </label>
          <button type="submit" class="button primary" disabled={busy}>
            Sign in
          </button>
        </form>
        <section aria-labelledby="people">
          <h2 id="people">In this demonstration</h2>
          <ul>
            {place.people.map((person) => (
              <li key={person.email}>
                <button type="button" class="person" onClick={() => fill(person)}>
                  <Face name={person.name} kind="agent" />
                  <span>
                    <strong>
                      <span class="unseen">Sign in as </span>
                      {person.name}
                    </strong>
                    <span class="meta">{person.email}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
          <p class="meta">
            The password of both is <code>{place.password}</code>
          </p>
        </section>
      </div>
    </main>
  );
}
