import { type Chip, type Part, type Post, post } from './messages';
import type { WebhookEvent } from './webhookEvent';
import { saysNo, saysYes, type Wish, wishOfPayload, wishOfText } from './wishes';

/** What Freddy remembers of a conversation. */
export type Talk = {
  greeted: boolean;
  step: 'open' | 'confirming' | 'going_on' | 'choosing_card' | 'with_person';
  /** What the card page's backend got from the bank; the bank knows whose it is and how long it is good for. */
  statementRef?: string;
  /** The month that is to come once the card is confirmed; without it, the last one. */
  month?: string;
};
export const newTalk: Talk = { greeted: false, step: 'open' };

/** The customer as `/v2/users/{id}` tells: `vouched` when the bank itself said who it is. */
export type Person = { vouched: boolean; firstName?: string | undefined };
export type Surroundings = { cardsOrigin: string; now: Date };

export type Action = { do: 'say'; post: Post } | { do: 'fetch_statement'; ref: string; month?: string };
export type Turn = { talk: Talk; actions: Action[] };

export type Fetched =
  | { kind: 'file'; file: { name: string; url: string; file_size_in_bytes: number; content_type: string } }
  | { kind: 'expired' }
  | { kind: 'failed' };

const menu: Chip[] = [
  { label: 'Account statement', payload: 'statement' },
  { label: 'Block a card', payload: 'block' },
  { label: 'Find a branch', payload: 'branch' },
  { label: 'Talk to a person', payload: 'person' },
];
const afterStatement: Chip[] = [
  { label: 'Another month', payload: 'another_month' },
  { label: 'Block a card', payload: 'block' },
  { label: 'That’s all', payload: 'done' },
];
const goOnOrLater: Chip[] = [
  { label: 'Go on now', payload: 'go_on' },
  { label: 'Later', payload: 'later' },
];

/** One turn of the conversation: what came and what was, gives what is done and what is. Nothing else happens here. */
export function answer(event: WebhookEvent, talk: Talk, person: Person, around: Surroundings): Turn {
  switch (event.action) {
    case 'conversation_reopen':
      return say(
        { ...talk, greeted: true, step: 'open' },
        post([`Welcome back${comma(person)}. Good to hear from you again.`]),
      );
    case 'web_view_submit':
      return afterSubmit(event, talk, around);
    case 'web_view_close':
      return afterClose(event.reason, event.submitted, talk);
    case 'message_create':
      return event.fromWebView ? nothing(talk) : afterMessage(event, talk, person, around);
  }
}

/** The second half of a turn with `fetch_statement`: what the bank answered. */
export function handOver(fetched: Fetched, talk: Talk, person: Person, around: Surroundings): Turn {
  switch (fetched.kind) {
    case 'file':
      return say(
        { ...talk, step: 'open' },
        post([`Thank you${comma(person)}. Here it is:`, { file: fetched.file }], afterStatement),
      );
    case 'expired': {
      const { statementRef: _tooOld, ...rest } = talk;
      const why = 'It’s been a while since you confirmed your card, so I have to ask again.';
      return say({ ...rest, step: 'confirming' }, post([why, ...cardPage(around)]));
    }
    case 'failed':
      return say(
        { ...talk, step: 'open' },
        post(
          ['Your card is confirmed, but I can’t get at your statement just now. Please try again in a few minutes.'],
          [
            { label: 'Try again', payload: `month:${talk.month ?? ''}` },
            { label: 'Later', payload: 'later' },
          ],
        ),
      );
  }
}

function afterMessage(
  event: WebhookEvent & { action: 'message_create' },
  talk: Talk,
  person: Person,
  around: Surroundings,
): Turn {
  const [kind, value = ''] = event.payload?.split(':') ?? [];
  const turn = turnFor(event, kind, value, talk, person, around);
  if (talk.greeted) return turn;
  // The first words are a greeting, whatever the customer came with.
  const hello = `Hello${space(person)}! I’m Freddy, AG Bank’s assistant.`;
  return { talk: { ...turn.talk, greeted: true }, actions: [{ do: 'say', post: post([hello]) }, ...turn.actions] };
}

function turnFor(
  event: { text: string; payload: string | undefined },
  kind: string | undefined,
  value: string,
  talk: Talk,
  person: Person,
  around: Surroundings,
): Turn {
  if (kind === 'month') return anotherMonth(value, talk, around);
  if (kind === 'card') return blocked(value, talk);
  if (talk.step === 'choosing_card' && !event.payload) {
    const named = /debit/i.test(event.text) ? 'debit' : /credit/i.test(event.text) ? 'credit' : undefined;
    if (named) return blocked(named, talk);
    if (saysNo(event.text)) return wish('later', talk, person, around);
  }
  if (talk.step === 'going_on' && !event.payload) {
    if (saysYes(event.text)) return wish('go_on', talk, person, around);
    if (saysNo(event.text)) return wish('later', talk, person, around);
  }
  return wish(wishOfPayload(event.payload) ?? wishOfText(event.text), talk, person, around);
}

function wish(wanted: Wish | undefined, talk: Talk, person: Person, around: Surroundings): Turn {
  switch (wanted) {
    case 'statement': {
      const { month: _lastOne, ...rest } = talk;
      return askForCard(rest, around);
    }
    case 'another_month':
      return say({ ...talk, step: 'open' }, post(['Which month would you like?'], monthsBefore(around.now)));
    case 'go_on':
      return say({ ...talk, step: 'confirming' }, post(['Here’s the page again.', cardButton(around)]));
    case 'later':
      return say(
        { ...talk, step: 'open' },
        post(['All right. Nothing was changed; write to me whenever you like.'], menu),
      );
    case 'block':
      return say(
        { ...talk, step: 'choosing_card' },
        post(
          ['I can do that right away. Which card is it?'],
          [
            { label: 'Debit card', payload: 'card:debit' },
            { label: 'Credit card', payload: 'card:credit' },
            { label: 'Never mind', payload: 'later' },
          ],
        ),
      );
    case 'branch':
      return say(
        { ...talk, step: 'open' },
        post(
          [
            'We have three branches in Avenmouth:',
            'Counter Square: 1 Counter Square, the head office. Monday to Friday, 9 to 17.',
            'Harbour: 22 Quay Street, beside the ferry. Monday to Saturday, 10 to 18.',
            'North Gate: 5 Orchard Row, with a cash machine day and night. Monday to Friday, 9 to 13.',
          ],
          menu.filter((chip) => chip.payload !== 'branch'),
        ),
      );
    case 'person':
      return say(
        { ...talk, step: 'with_person' },
        post(
          [
            'A colleague will answer here. People are at work Monday to Friday, 8 to 18; what you write stays in this chat for them.',
          ],
          menu.filter((chip) => chip.payload !== 'person'),
        ),
      );
    case 'done':
      return say({ ...talk, step: 'open' }, post([`You’re welcome${comma(person)}. Have a good day!`]));
    case 'hello':
      return say(
        { ...talk, step: 'open' },
        post([talk.greeted ? `Hello${space(person)}! What can I do for you?` : 'What can I do for you?'], menu),
      );
    case undefined:
      if (talk.step === 'with_person') {
        return say(
          talk,
          post(['I’ve left that for my colleague. I’m only a program: with these I can help at once.'], menu),
        );
      }
      return say(
        talk,
        post(
          ['I’m a program, and I don’t understand that one. This is what I can do; a person can do the rest.'],
          menu,
        ),
      );
  }
}

/** A new wish is a new confirmation; for `another_month` the last one still counts, as long as the bank says so. */
function anotherMonth(month: string, talk: Talk, around: Surroundings): Turn {
  const { month: _before, ...rest } = talk;
  const wanted = month ? { month } : {};
  const { statementRef: ref } = talk;
  if (!ref) return askForCard({ ...rest, ...wanted }, around);
  return { talk: { ...rest, ...wanted }, actions: [{ do: 'fetch_statement', ref, ...wanted }] };
}

function askForCard(talk: Talk, around: Surroundings): Turn {
  return say(
    { ...talk, step: 'confirming' },
    post(['Happy to. First I have to know that it’s you.', ...cardPage(around)]),
  );
}

/**
 * A result is worth something only when the card page's backend reported it and the bank knows the reference. What
 * came through the browser (`source: "page"`) anybody can type into developer tools: our page never sends its result so.
 */
function afterSubmit(event: WebhookEvent & { action: 'web_view_submit' }, talk: Talk, around: Surroundings): Turn {
  const { statement_ref: ref, outcome } = event.result;
  const genuine =
    event.source === 'business' &&
    event.origin === around.cardsOrigin &&
    outcome === 'confirmed' &&
    typeof ref === 'string' &&
    /^st_[a-z]{32}$/.test(ref);
  if (genuine) {
    return {
      talk: { ...talk, step: 'open', statementRef: ref },
      actions: [{ do: 'fetch_statement', ref, ...(talk.month ? { month: talk.month } : {}) }],
    };
  }
  return say(
    { ...talk, step: 'going_on' },
    post(
      ['I’m sorry, your card couldn’t be confirmed: the bank has no word of it. Would you like to try again?'],
      [
        { label: 'Try again', payload: 'go_on' },
        { label: 'Later', payload: 'later' },
      ],
    ),
  );
}

const closings: Record<string, string> = {
  customer: 'You’ve closed the page before it was finished. Shall we go on?',
  page: 'You’ve closed the page before it was finished. Shall we go on?',
  expired: 'The page was open for so long that it closed by itself. Shall we go on?',
  business: 'The bank has closed the page before it was finished. Shall we go on?',
  blocked: 'The page couldn’t be shown in your browser. Shall we try once more?',
};

function afterClose(reason: string, submitted: boolean, talk: Talk): Turn {
  const question = closings[reason];
  // After a submit there is an answer already; a view that another one replaced, or a resolved talk, needs none.
  if (submitted || !question) return nothing(talk);
  return say({ ...talk, step: 'going_on' }, post([question], goOnOrLater));
}

function blocked(card: string, talk: Talk): Turn {
  const name = card === 'credit' ? 'credit card' : 'debit card';
  return say(
    { ...talk, step: 'open' },
    post(
      [
        `Your ${name} is blocked from now on. This is a demonstration: no real card was touched.`,
        'A new one would be with you in three days. Is there anything else?',
      ],
      [
        { label: 'Account statement', payload: 'statement' },
        { label: 'Talk to a person', payload: 'person' },
        { label: 'That’s all', payload: 'done' },
      ],
    ),
  );
}

const cardPage = (around: Surroundings): (Part | string)[] => [
  'Please confirm your card on the bank’s own page. Nobody in this chat can see what you type there.',
  cardButton(around),
];
const cardButton = ({ cardsOrigin }: Surroundings): Part => ({
  url_button: {
    label: 'Confirm card',
    url: `${cardsOrigin}/confirm`,
    target: '_self',
    web_view: { size: 'tall', title: 'Confirm card', data: { flow: 'statement' } },
  },
});

const monthNames = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** The three months before the last one that is over, newest first. */
function monthsBefore(now: Date): Chip[] {
  return [2, 3, 4].map((back) => {
    const date = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
    return { label: monthNames.format(date), payload: `month:${date.toISOString().slice(0, 7)}` };
  });
}

const say = (talk: Talk, message: Post): Turn => ({ talk, actions: [{ do: 'say', post: message }] });
const nothing = (talk: Talk): Turn => ({ talk, actions: [] });
/** A name is used only for somebody whom the bank vouched for: anybody can claim one. */
const nameOf = (person: Person): string => (person.vouched && person.firstName ? person.firstName : '');
const comma = (person: Person): string => (nameOf(person) ? `, ${nameOf(person)}` : '');
const space = (person: Person): string => (nameOf(person) ? ` ${nameOf(person)}` : '');
