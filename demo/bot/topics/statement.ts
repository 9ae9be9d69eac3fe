import { type Chip, type Part, post, type StatementFile } from '../messages';
import { comma, nothing, type Person, type Surroundings, say, type Talk, type Turn } from '../talk';
import type { WebhookEvent } from '../webhookEvent';

/** What the bank answered to a reference. */
export type Fetched = { kind: 'file'; file: StatementFile } | { kind: 'expired' } | { kind: 'failed' };

const afterStatement: Chip[] = [
  { label: 'Another month', payload: 'another_month' },
  { label: 'Block a card', payload: 'block' },
  { label: 'That’s all', payload: 'done' },
];
const goOnOrLater: Chip[] = [
  { label: 'Go on now', payload: 'go_on' },
  { label: 'Later', payload: 'later' },
];

/** A new wish is a new confirmation, and of the last month that is over. */
export function askForStatement(talk: Talk, around: Surroundings): Turn {
  const { month: _lastOne, ...rest } = talk;
  return askForCard(rest, around);
}

export const askForMonth = (talk: Talk, around: Surroundings): Turn =>
  say({ ...talk, step: 'open' }, post(['Which month would you like?'], monthsBefore(around.now)));

/** For another month the last confirmation still counts, as long as the bank says so. */
export function anotherMonth(month: string, talk: Talk, around: Surroundings): Turn {
  const { month: _before, ...rest } = talk;
  const wanted = month ? { month } : {};
  const { statementRef: ref } = talk;
  if (!ref) return askForCard({ ...rest, ...wanted }, around);
  return { talk: { ...rest, ...wanted }, actions: [{ do: 'fetch_statement', ref, ...wanted }] };
}

export const pageAgain = (talk: Talk, around: Surroundings): Turn =>
  say({ ...talk, step: 'confirming' }, post(['Here’s the page again.', cardButton(around)]));

export function handOverStatement(fetched: Fetched, talk: Talk, person: Person, around: Surroundings): Turn {
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

/**
 * A result is worth something only when the card page's backend reported it and the bank knows the reference. What
 * came through the browser (`source: "page"`) anybody can type into developer tools: our page never sends its result so.
 */
export function afterSubmit(
  event: WebhookEvent & { action: 'web_view_submit' },
  talk: Talk,
  around: Surroundings,
): Turn {
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

export function afterClose(reason: string, submitted: boolean, talk: Talk): Turn {
  const question = closings[reason];
  // After a submit there is an answer already; a view that another one replaced, or a resolved talk, needs none.
  if (submitted || !question) return nothing(talk);
  return say({ ...talk, step: 'going_on' }, post([question], goOnOrLater));
}

function askForCard(talk: Talk, around: Surroundings): Turn {
  return say(
    { ...talk, step: 'confirming' },
    post(['Happy to. First I have to know that it’s you.', ...cardPage(around)]),
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
