import { type Filter, filters, type Talk, waitingSince } from '../talk';
import { shortTime, span } from '../times';
import { summaryOf } from '../words';
import { useDesk } from './context';
import { Face, Icon } from './icons';

const names: Record<Filter, string> = { mine: 'Mine', unassigned: 'Unassigned', all: 'All', resolved: 'Resolved' };
const nothing: Record<Filter, [string, string]> = {
  mine: ['Nothing is yours', 'Take over a conversation, and it stands here.'],
  unassigned: ['Nobody waits', 'All open conversations have somebody.'],
  all: ['All quiet', 'Conversations appear here as they begin.'],
  resolved: ['Nothing resolved yet', 'Resolved conversations are kept here.'],
};

export function List({ choose }: { choose: (id: string) => void }) {
  const desk = useDesk();
  const { value: filter } = desk.filter;
  const rows = desk.shown.value;
  const counts = desk.counts.value;

  /** Arrows go from row to row; what is focused is opened by Enter, as every button. */
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const ends = { Home: 0, End: -1 }[event.key];
    if ((step === undefined && ends === undefined) || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('.row')];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = step === undefined ? all.at(ends ?? 0) : all[at + step];
    event.preventDefault();
    next?.focus();
  };

  return (
    <section class="list" aria-label="Conversations">
      <fieldset class="filters" aria-label="Show">
        {filters.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === filter}
            onClick={() => {
              desk.filter.value = one;
            }}
          >
            {names[one]}
            {one !== 'resolved' && counts[one] > 0 && <span class="count">{counts[one]}</span>}
          </button>
        ))}
      </fieldset>
      {desk.listState.value === 'failed' && (
        <div class="empty" role="alert">
          <Icon name="offline" />
          <h2>The chat can’t be reached</h2>
          <button type="button" class="button" onClick={desk.reload}>
            Try again
          </button>
        </div>
      )}
      {desk.listState.value === 'loading' && <Skeleton />}
      {desk.listState.value === 'there' && rows.length === 0 && (
        <div class="empty">
          <Icon name="inbox" />
          <h2>{nothing[filter][0]}</h2>
          <p>{nothing[filter][1]}</p>
        </div>
      )}
      <ul class="rows" onKeyDown={move}>
        {rows.map((talk) => (
          <Row key={talk.id} talk={talk} choose={choose} />
        ))}
      </ul>
      {desk.more.value > 0 && desk.listState.value === 'there' && (
        <button type="button" class="button more" onClick={() => void desk.loadMore()}>
          Show older
        </button>
      )}
    </section>
  );
}

function Row({ talk, choose }: { talk: Talk; choose: (id: string) => void }) {
  const desk = useDesk();
  const name = desk.people.customerName(talk.userId);
  const now = Math.max(desk.now.value, talk.updated);
  const waits = waitingSince(talk);
  const typing = desk.typing.value.has(talk.id);
  const isOpen = desk.chosen.value === talk.id;
  return (
    <li>
      <button
        type="button"
        class="row"
        id={`row-${talk.id}`}
        aria-current={isOpen ? 'true' : undefined}
        data-unread={talk.unread > 0 || undefined}
        onClick={() => choose(talk.id)}
      >
        <Face name={name} kind="customer" />
        <span class="row-words">
          <span class="row-top">
            <bdi class="row-name">{name}</bdi>
            {desk.people.users.value.get(talk.userId)?.vouched && (
              <span class="vouched" title="Signed in at the bank">
                <Icon name="shield" />
                <span class="unseen">, signed in at the bank</span>
              </span>
            )}
            <span class="unseen">, </span>
            <time class="meta">{shortTime(talk.updated, now)}</time>
          </span>
          <span class="row-last" dir="auto">
            {typing ? <em class="is-typing">is typing …</em> : <LastWords talk={talk} />}
          </span>
          <span class="row-bottom">
            <Holder talk={talk} />
            {waits !== undefined && (
              <span class="waits" data-long={now - waits > 5 * 60_000 || undefined}>
                <Icon name="clock" />
                waits {span(now - waits)}
              </span>
            )}
            {talk.unread > 0 && (
              <span class="badge">
                {talk.unread > 99 ? '99+' : talk.unread}
                <span class="unseen"> unread</span>
              </span>
            )}
          </span>
        </span>
      </button>
    </li>
  );
}

function LastWords({ talk }: { talk: Talk }) {
  const desk = useDesk();
  const { last } = talk;
  if (!last) return <span class="quiet">No words yet</span>;
  const by =
    last.message_type === 'private'
      ? 'Note: '
      : last.actor_type === 'user'
        ? ''
        : last.actor_id === desk.agent.id
          ? 'You: '
          : `${last.actor_name ?? 'Bot'}: `;
  return (
    <>
      {by && <span class="quiet">{by}</span>}
      {summaryOf(last)}
    </>
  );
}

/** Who has it. */
export function Holder({ talk }: { talk: Talk }) {
  const desk = useDesk();
  const { agentId } = talk;
  const resolved = talk.status === 'resolved';
  const isQueued = talk.queued !== undefined;
  const nobody = isQueued ? 'Asks for a person' : 'Unassigned';
  const name = agentId === desk.agent.id ? 'You' : agentId ? desk.people.agentName(agentId) : nobody;
  const held = agentId === desk.agent.id ? 'me' : agentId ? 'other' : isQueued ? 'queued' : 'none';
  const kind = resolved ? 'resolved' : held;
  return (
    <span class="holder" data-kind={kind}>
      {resolved ? 'Resolved' : name}
    </span>
  );
}

const Skeleton = () => (
  <ul class="rows skeleton" aria-hidden="true">
    {[0, 1, 2, 3].map((each) => (
      <li key={each} class="row">
        <span class="face" />
        <span class="row-words">
          <span class="bar" />
          <span class="bar long" />
        </span>
      </li>
    ))}
  </ul>
);
