import { useEffect, useRef, useState } from 'preact/hooks';
import type { Talk } from '../talk';
import { waitingSince } from '../talk';
import { span } from '../times';
import { Composer } from './Composer';
import { Customer } from './Customer';
import { useDesk } from './context';
import { Face, Icon } from './icons';
import { List } from './List';
import { Shortcuts } from './Shortcuts';
import { Thread } from './Thread';

export function DeskView({ signOut }: { signOut: () => void }) {
  const desk = useDesk();
  const [card, setCard] = useState(false);
  const [keys, setKeys] = useState(false);
  const talk = desk.open.value;

  // The address names the conversation, so that Back leads to the list.
  useEffect(() => {
    const follow = () => desk.choose(decodeURIComponent(location.hash.slice(1)) || undefined);
    addEventListener('hashchange', follow);
    follow();
    return () => removeEventListener('hashchange', follow);
  }, [desk]);
  const choose = (id: string | undefined) => {
    setCard(false);
    if (id) location.hash = encodeURIComponent(id);
    else if (location.hash) history.pushState(null, '', location.pathname);
    desk.choose(id);
  };
  const step = (by: number) => {
    const rows = desk.shown.value;
    const at = rows.findIndex(({ id }) => id === desk.chosen.value);
    const next = rows[at < 0 ? 0 : at + by];
    if (next) choose(next.id);
  };
  const toList = () => {
    const { value: id } = desk.chosen;
    choose(undefined);
    requestAnimationFrame(() =>
      (document.getElementById(`row-${id}`) ?? document.querySelector<HTMLElement>('.row, .filters button'))?.focus(),
    );
  };

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && desk.chosen.value && !document.querySelector('dialog[open]')) return toList();
      if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return;
      const open = desk.open.value;
      const run: Record<string, (() => void) | undefined> = {
        ArrowDown: () => step(1),
        ArrowUp: () => step(-1),
        KeyK: () => setKeys(true),
        KeyT: () => open && act(open, 'hold'),
        KeyR: () => open && act(open, 'status'),
        KeyP: () => press('KeyP'),
        KeyQ: () => press('KeyQ'),
      };
      const does = run[event.code];
      if (!does) return;
      event.preventDefault();
      does();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [desk]);
  const act = (open: Talk, what: 'hold' | 'status') => {
    if (what === 'status') void (open.status === 'resolved' ? desk.reopen(open.id) : desk.resolve(open.id));
    else void (open.agentId === desk.agent.id ? desk.handBack(open.id) : desk.takeOver(open.id));
  };

  const unread = [...desk.talks.value.values()].reduce(
    (sum, each) => sum + (each.status === 'resolved' ? 0 : each.unread),
    0,
  );
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}AG Bank · Desk`;
  }, [unread]);

  return (
    <div class="desk" data-open={talk ? '' : undefined}>
      <header class="bar">
        <img src="/assets/mark.svg" alt="" width="28" height="28" />
        <h1>AG Bank Desk</h1>
        <Link />
        <span class="space" />
        <button type="button" class="bare keys" onClick={() => setKeys(true)} aria-keyshortcuts="Alt+Shift+K">
          <Icon name="keys" />
          <span>Shortcuts</span>
        </button>
        <span class="me">
          <Face name={desk.agent.name} kind="agent" />
          <span>{desk.agent.name}</span>
        </span>
        <button type="button" class="button small" onClick={signOut}>
          Sign out
        </button>
      </header>
      {desk.link.value === 'off' && (
        <p class="banner" role="status">
          <Icon name="offline" /> Offline. What you send goes out as soon as the chat is back.
        </p>
      )}
      <main class="columns">
        <List choose={choose} />
        {talk ? (
          <section class="open" aria-label="Open conversation">
            <Head talk={talk} back={toList} act={(what) => act(talk, what)} card={() => setCard(!card)} isCard={card} />
            <Thread key={talk.id} talk={talk} />
            <Held talk={talk} act={(what) => act(talk, what)} />
            <Composer key={`c-${talk.id}`} talk={talk} />
          </section>
        ) : (
          <section class="open none" aria-label="Open conversation">
            <div class="empty">
              <Icon name="inbox" />
              <h2>Choose a conversation</h2>
              <p>Up and down arrows go through the list, Enter opens one.</p>
            </div>
          </section>
        )}
        {talk && (
          <div class="side" data-shown={card || undefined}>
            <Customer talk={talk} close={() => setCard(false)} />
          </div>
        )}
      </main>
      <Notice />
      {keys && <Shortcuts close={() => setKeys(false)} />}
    </div>
  );
}

/** Presses the button of the answer box that has this key, when it can be pressed. */
const press = (key: string) => document.querySelector<HTMLButtonElement>(`.composer [data-key="${key}"]`)?.click();

function Head({
  talk,
  back,
  act,
  card,
  isCard,
}: {
  talk: Talk;
  back: () => void;
  act: (what: 'hold' | 'status') => void;
  card: () => void;
  isCard: boolean;
}) {
  const desk = useDesk();
  const name = desk.people.customerName(talk.userId);
  const waits = waitingSince(talk);
  const isMine = talk.agentId === desk.agent.id;
  const resolved = talk.status === 'resolved';
  return (
    <header class="head">
      <button type="button" class="bare back" onClick={back} aria-label="Back to the list">
        <Icon name="back" />
      </button>
      <button type="button" class="who" onClick={card} aria-expanded={isCard}>
        <Face name={name} kind="customer" />
        <span class="who-words">
          <bdi class="who-name">{name}</bdi>
          <span class="meta">
            {resolved
              ? 'Resolved'
              : waits === undefined
                ? 'Answered'
                : `Waits ${span(Math.max(0, desk.now.value - waits))}`}
          </span>
        </span>
      </button>
      <span class="space" />
      {isMine && !resolved && (
        <button
          type="button"
          class="button"
          disabled={desk.busy.value}
          onClick={() => act('hold')}
          aria-keyshortcuts="Alt+Shift+T"
        >
          Hand back
        </button>
      )}
      <button
        type="button"
        class="button"
        disabled={desk.busy.value}
        onClick={() => act('status')}
        aria-keyshortcuts="Alt+Shift+R"
      >
        {resolved ? 'Reopen' : 'Resolve'}
      </button>
    </header>
  );
}

/** Who answers, where that isn't oneself, and the way to change it. */
function Held({ talk, act }: { talk: Talk; act: (what: 'hold' | 'status') => void }) {
  const desk = useDesk();
  if (talk.status === 'resolved') {
    return (
      <p class="held">
        <span>This conversation is resolved. When the customer writes, it opens again.</span>
      </p>
    );
  }
  if (talk.agentId === desk.agent.id) return null;
  const nobody =
    talk.queued === undefined
      ? 'The bot answers here. Take over to answer yourself.'
      : 'The customer asks for a person. The bot stays at hand until somebody takes over.';
  const other = talk.agentId && !desk.people.isBot(talk.agentId) ? desk.people.agentName(talk.agentId) : undefined;
  return (
    <p class="held">
      <span>{other ? `${other} has this conversation.` : nobody}</span>
      <button
        type="button"
        class="button primary"
        disabled={desk.busy.value}
        onClick={() => act('hold')}
        aria-keyshortcuts="Alt+Shift+T"
      >
        Take over
      </button>
    </p>
  );
}

function Link() {
  const desk = useDesk();
  const words = { connecting: 'Connecting …', on: 'Live', off: 'Offline' }[desk.link.value];
  return (
    <span class="link-state" data-state={desk.link.value} role="status">
      {words}
    </span>
  );
}

function Notice() {
  const desk = useDesk();
  const { value: text } = desk.notice;
  const box = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(() => {
      desk.notice.value = undefined;
    }, 8_000);
    return () => clearTimeout(timer);
  }, [text, desk]);
  return (
    <p class="notice" role="alert" ref={box} data-shown={text ? '' : undefined}>
      {text}
      {text && (
        <button
          type="button"
          class="bare"
          aria-label="Close"
          onClick={() => {
            desk.notice.value = undefined;
          }}
        >
          <Icon name="x" />
        </button>
      )}
    </p>
  );
}
