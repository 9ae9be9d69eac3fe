import { render } from 'preact';
import './desk.css';
import { type Desk, openDesk } from './desk';
import { clearOutbox } from './outbox';
import { forgetDrafts } from './view/Composer';
import { DeskContext } from './view/context';
import { DeskView } from './view/Desk';
import { type Place, SignIn } from './view/SignIn';
import type { Session } from './wire';

const root = document.getElementById('desk') as HTMLElement;
const chat = root.dataset.chat ?? '';
const place: Place = { people: JSON.parse(root.dataset.people ?? '[]'), password: root.dataset.password ?? '' };
const key = 'desk:session';
let desk: Desk | undefined;

function kept(): Session | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? 'null') as Session | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** The token is this tab's: it outlives a reload and nothing else. */
function enter(session: Session): void {
  sessionStorage.setItem(key, JSON.stringify(session));
  desk = openDesk(chat, session, () => leave('Your access has ended. Please sign in again.'));
  render(
    <DeskContext.Provider value={desk}>
      <DeskView signOut={() => leave()} />
    </DeskContext.Provider>,
    root,
  );
}

/** Nothing of the customers, and no token, is left in this tab. */
function leave(why?: string): void {
  desk?.close();
  desk = undefined;
  sessionStorage.removeItem(key);
  clearOutbox();
  forgetDrafts();
  history.replaceState(null, '', location.pathname);
  document.title = 'AG Bank · Desk';
  render(<SignIn key={why} place={place} why={why} done={enter} />, root);
}

const session = kept();
if (session) enter(session);
else leave();
