import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { type Line, linesOf } from '../lines';
import type { Entry } from '../outbox';
import { answerTo, messagesIn, type Talk } from '../talk';
import { clockTime, dayName } from '../times';
import type { LogEvent, Message } from '../wire';
import { chosen, summaryOf } from '../words';
import { useDesk } from './context';
import { Icon } from './icons';
import { Parts } from './Parts';

/** A conversation from top to bottom; it stays at its end while one is there. */
export function Thread({ talk }: { talk: Talk }) {
  const desk = useDesk();
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const top = useRef<{ seq: number; height: number } | undefined>(undefined);
  const waiting = desk.outbox.entries.value.filter((entry) => entry.conversationId === talk.id);
  const lines = useMemo(() => linesOf(talk.log, waiting), [talk.log, desk.outbox.entries.value, talk.id]);
  const first = talk.log[0]?.seq ?? 0;
  const typing = desk.typing.value.has(talk.id);

  useLayoutEffect(() => {
    const { current: at } = box;
    if (!at) return;
    const { current: was } = top;
    // What is older goes above what one reads, and moves nothing.
    if (was && first < was.seq && !atEnd.current) at.scrollTop += at.scrollHeight - was.height;
    else if (atEnd.current) at.scrollTop = at.scrollHeight;
    top.current = { seq: first, height: at.scrollHeight };
  }, [lines, first, typing]);
  // Pictures come later than their messages.
  useLayoutEffect(() => {
    const { current: at } = box;
    if (!at?.firstElementChild) return;
    const watch = new ResizeObserver(() => {
      if (atEnd.current) at.scrollTop = at.scrollHeight;
    });
    watch.observe(at.firstElementChild);
    watch.observe(at);
    return () => watch.disconnect();
  }, []);

  return (
    <div
      class="thread"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
      tabIndex={0}
      role="log"
      aria-label="Conversation"
      onScroll={({ currentTarget: at }) => {
        atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 60;
      }}
    >
      <div class="lines">
        {first > 1 && (
          <button
            type="button"
            class="button older"
            disabled={desk.reading.value === 'reading'}
            onClick={() => {
              atEnd.current = false;
              void desk.readOlder(talk);
            }}
          >
            Show what was before
          </button>
        )}
        {talk.log.length === 0 && desk.reading.value === 'reading' && <p class="quiet center">Reading …</p>}
        {desk.reading.value === 'failed' && (
          <p class="center" role="alert">
            This conversation could not be read.{' '}
            <button type="button" class="link" onClick={() => void desk.readAgain(talk)}>
              Try again
            </button>
          </p>
        )}
        {lines.map((line) => (
          <OneLine key={line.key} line={line} talk={talk} />
        ))}
        {typing && (
          <p class="bubble-row them">
            <span class="bubble typing">
              <span class="unseen">{desk.people.customerName(talk.userId)} is typing</span>
              <i />
              <i />
              <i />
            </span>
          </p>
        )}
      </div>
    </div>
  );
}

function OneLine({ line, talk }: { line: Line; talk: Talk }) {
  const desk = useDesk();
  switch (line.kind) {
    case 'day':
      return (
        <p class="day">
          <span>{dayName(line.time, desk.now.value)}</span>
        </p>
      );
    case 'message':
      return <Bubble line={line} talk={talk} />;
    case 'happening':
      return <Happening event={line.event} time={line.time} talk={talk} />;
    case 'waiting':
      return <Waiting entry={line.entry} />;
  }
}

function Bubble({ line, talk }: { line: Extract<Line, { kind: 'message' }>; talk: Talk }) {
  const desk = useDesk();
  const { message, first, last } = line;
  const isCustomer = message.actor_type === 'user';
  const isNote = message.message_type === 'private';
  const answer = answerTo(talk, message.id);
  const seen = { by: message.actor_type, chosen: chosen(answer?.in_reply_to?.part) };
  const name = isCustomer
    ? desk.people.customerName(talk.userId)
    : message.actor_id === desk.agent.id
      ? 'You'
      : (message.actor_name ?? (message.actor_type === 'system' ? 'System' : 'Bot'));
  const time = Date.parse(message.created_time);
  return (
    <div
      class={`bubble-row ${isCustomer ? 'them' : 'us'}`}
      data-first={first || undefined}
      data-by={isNote ? 'note' : message.actor_type}
    >
      {first && (
        <p class="author">
          {isNote && <Icon name="note" />}
          <bdi>{name}</bdi>
          {isNote && <span>· private note</span>}
          {message.actor_type === 'bot' && <span class="tag">Bot</span>}
        </p>
      )}
      {!first && <span class="unseen">{name}: </span>}
      <div class="bubble">
        {message.in_reply_to && <Quoted message={message} talk={talk} />}
        <Parts parts={message.message_parts} seen={seen} />
        {message.reply_parts.length > 0 && (
          <div class="answers">
            <Parts parts={message.reply_parts} seen={seen} />
          </div>
        )}
      </div>
      {last && (
        <p class="state">
          <time dateTime={message.created_time}>{clockTime(time)}</time>
          {!isCustomer && !isNote && message.actor_type !== 'system' && (
            <span class="read" title={talk.customerRead >= message.seq ? 'Read' : 'Sent'}>
              <Icon name={talk.customerRead >= message.seq ? 'checks' : 'check'} />
              <span class="unseen">{talk.customerRead >= message.seq ? 'Read' : 'Sent'}</span>
            </span>
          )}
        </p>
      )}
    </div>
  );
}

/** What an answer by a press answers. */
function Quoted({ message, talk }: { message: Message; talk: Talk }) {
  const asked = messagesIn(talk.log).find(({ id }) => id === message.in_reply_to?.message_id);
  return (
    <p class="quoted" dir="auto">
      <Icon name="reply" />
      {asked ? summaryOf(asked) : 'an earlier question'}
    </p>
  );
}

function Waiting({ entry }: { entry: Entry }) {
  const desk = useDesk();
  const isNote = entry.post.message_type === 'private';
  return (
    <div class="bubble-row us" data-first data-by={isNote ? 'note' : 'agent'} data-state={entry.state}>
      <div class="bubble">
        <Parts parts={entry.post.message_parts} seen={{ by: 'user', chosen: undefined }} />
        {entry.post.reply_parts.length > 0 && (
          <div class="answers">
            <Parts parts={entry.post.reply_parts} seen={{ by: 'user', chosen: undefined }} />
          </div>
        )}
      </div>
      {entry.state === 'failed' ? (
        <p class="state failed" role="alert">
          <Icon name="alert" /> Not sent{entry.reason ? `: ${entry.reason}` : ''}.{' '}
          <button type="button" class="link" onClick={() => desk.outbox.retry(entry.clientId)}>
            Try again
          </button>
          <button type="button" class="link" onClick={() => desk.outbox.drop(entry.clientId)}>
            Discard
          </button>
        </p>
      ) : (
        <p class="state">
          <Icon name={entry.state === 'sent' ? 'check' : 'clock'} />
          {entry.state === 'sent' ? 'Sent' : 'Sending …'}
        </p>
      )}
    </div>
  );
}

const ends: Record<string, string> = {
  customer: 'closed by the customer',
  page: 'closed by the page',
  business: 'closed by the bank',
  expired: 'its time was up',
  resolved: 'closed with the conversation',
  replaced: 'another page was opened',
  blocked: 'it could not be shown',
};

function Happening({ event, time, talk }: { event: LogEvent; time: number; talk: Talk }) {
  const desk = useDesk();
  const { data } = event;
  const name = (id: string | undefined) =>
    id === desk.agent.id ? 'You' : id ? desk.people.agentName(id) : desk.people.customerName(talk.userId);
  const by = event.actor.actor_type === 'user' ? desk.people.customerName(talk.userId) : name(event.actor.actor_id);
  const page = data.web_view ? data.web_view.title || hostOf(data.web_view.origin) : '';
  const said = ((): [string, (string | undefined)?] => {
    switch (event.type) {
      case 'conversation_create':
        return ['The conversation began'];
      case 'conversation_assignment':
        if (!data.to_agent_id && !data.from_agent_id)
          return [data.to_group_id ? 'The customer waits for a person' : 'The customer waits for nobody any more'];
        if (!data.to_agent_id) return [`${event.actor.actor_type === 'system' ? 'It was' : `${by}`} handed back`];
        if (data.to_agent_id === event.actor.actor_id) return [`${name(data.to_agent_id)} took over`];
        return [`Given to ${data.to_agent_id === desk.agent.id ? 'you' : name(data.to_agent_id)}`];
      case 'conversation_resolution':
        return [event.actor.actor_type === 'system' ? 'Resolved' : `${by} resolved it`];
      case 'conversation_reopen':
        return [event.actor.actor_type === 'system' ? 'Opened again' : `${by} opened it again`];
      case 'web_view_open':
        return [`The customer ${data.resumed ? 'went on with' : 'opened'} “${page}”`];
      case 'web_view_submit':
        return [
          data.source === 'business' ? `“${page}” was handed in, the bank confirms` : `“${page}” was handed in`,
          data.summary,
        ];
      default:
        return [`“${page}”: ${ends[data.reason ?? ''] ?? 'closed'}`];
    }
  })();
  return (
    <p class="happening">
      <bdi>{said[0]}</bdi>
      {said[1] && <bdi class="summary">{said[1]}</bdi>}
      <time dateTime={event.time}>{clockTime(time)}</time>
    </p>
  );
}

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : 'a page');
