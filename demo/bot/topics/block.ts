import { createHash } from 'node:crypto';
import { type Chip, dropdown, post } from '../messages';
import { type CardKind, type MessageEvent, type Person, type Surroundings, say, type Talk, type Turn } from '../talk';
import { saysNo } from '../wishes';

/** What may have happened to a card, and by which words of their own people say so. */
const reasons: { name: string; label: string; words: RegExp }[] = [
  { name: 'lost_out', label: 'Lost on the way', words: /\b(way|street|bus|train|taxi|shop|travel|out)\b|unterwegs/i },
  { name: 'lost_home', label: 'Lost at home', words: /\bhome\b|\bhouse\b|zu hause/i },
  { name: 'stolen_reported', label: 'Stolen, I have the police log', words: /\bpolice\b|polizei/i },
  { name: 'stolen', label: 'Stolen, not reported yet', words: /stolen|\bstole\b|thief|robbed|gestohlen|roubad/i },
  { name: 'foreign_payment', label: 'A payment that wasn’t mine', words: /payment|charge|not mine|wasn.?t mine/i },
  { name: 'phishing', label: 'I typed it into a strange page', words: /typed|strange|phish|\bscam|fake|e-?mail/i },
  { name: 'kept', label: 'A machine kept it', words: /machine|\batm\b|swallowed|\bkept\b/i },
  { name: 'damaged', label: 'It’s damaged', words: /damage|broken?\b|crack|doesn.?t work|kaputt/i },
  { name: 'not_needed', label: 'I don’t need it any more', words: /need it|any ?more/i },
  { name: 'other', label: 'Something else', words: /something else|\bother\b/i },
];
/** "Where is a cash machine?" asks for something else than "The cash machine kept it" tells. */
const isQuestion = (text: string): boolean => /[?？؟]\s*$/.test(text);
const lost = /\blost\b|verloren|perd(i|u)\b/i;

const afterBlocking: Chip[] = [
  { label: 'Account statement', payload: 'statement' },
  { label: 'Talk to a person', payload: 'person' },
  { label: 'That’s all', payload: 'done' },
];

const cardNamed = (text: string): CardKind | undefined =>
  /\bdebit\b/i.test(text) ? 'debit' : /\bcredit\b/i.test(text) ? 'credit' : undefined;

/** "Block my credit card" says all that is needed; without a name there is a question. */
export function askWhichCard(event: MessageEvent, talk: Talk): Turn {
  const named = event.payload ? undefined : cardNamed(event.text);
  if (named) return block(named, event, talk);
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
}

/** First the card is stopped, then there is time for questions. */
export function block(kind: CardKind, event: MessageEvent, talk: Talk): Turn {
  const known = talk.blocked?.[kind];
  if (known) {
    const words = `Your ${kind} card is blocked already, under the reference <b>${known}</b>. Is there anything else?`;
    return say({ ...talk, step: 'open' }, post([words], afterBlocking));
  }
  const blocked = { ...talk.blocked, [kind]: referenceOf(event, kind) };
  return say(
    { ...talk, step: 'telling_reason', card: kind, blocked },
    dropdown(
      [`I’m sorry to hear that. Your ${kind} card is blocked from now on.`, 'What happened?'],
      reasons.map(({ name, label }) => ({ label, payload: `reason:${kind}:${name}` })),
    ),
  );
}

/** An answer in words to "Which card is it?". `undefined`: it was something else. */
export function cardInWords(event: MessageEvent, talk: Talk): Turn | undefined {
  const named = cardNamed(event.text);
  return named && block(named, event, talk);
}

/** An answer by tap: of the card that was asked about, which may be some time ago. */
export function reasonTapped(
  kind: string,
  name: string,
  talk: Talk,
  person: Person,
  around: Surroundings,
): Turn | undefined {
  const card = kind === 'debit' || kind === 'credit' ? kind : undefined;
  const reason = reasons.find((each) => each.name === name);
  const reference = card && talk.blocked?.[card];
  if (!card || !reason || !reference) return undefined;
  return receipt(card, reference, reason, talk, person, around);
}

/** An answer in words to "What happened?". */
export function reasonInWords(
  event: MessageEvent,
  talk: Talk,
  person: Person,
  around: Surroundings,
  isWish: boolean,
): Turn | undefined {
  const { card } = talk;
  const reference = card && talk.blocked?.[card];
  if (!card || !reference) return undefined;
  const said = event.text.trim();
  const named =
    reasons.find(({ label }) => label.toLowerCase() === said.toLowerCase().replaceAll("'", '’')) ??
    (isQuestion(said) ? undefined : reasons.find(({ words }) => words.test(said))) ??
    (lost.test(said) ? reasons[0] : undefined);
  if (named) return receipt(card, reference, named, talk, person, around);
  if (isWish) return undefined;
  return receipt(card, reference, saysNo(said) ? undefined : 'own words', talk, person, around);
}

/** The end of the story: reference, receipt and something to read. Words of the customer's own are not repeated. */
function receipt(
  card: CardKind,
  reference: string,
  reason: (typeof reasons)[number] | 'own words' | undefined,
  talk: Talk,
  person: Person,
  around: Surroundings,
): Turn {
  const { card: _asked, ...rest } = talk;
  const what = reason === undefined ? 'not told' : reason === 'own words' ? 'as you told us in the chat' : reason.label;
  const isRenewed = typeof reason !== 'object' || reason.name !== 'not_needed';
  const next = isRenewed ? 'A new card will be with you in three days.' : 'No new card will be sent.';
  return say(
    { ...rest, step: 'open' },
    post(
      [
        `${reason === undefined ? 'All right, the card stays blocked.' : 'Thank you, I’ve written that down.'} Your reference is <b>${reference}</b>.`,
        'This is the e-mail that we’ve sent you. (In this demonstration it stays here, and no real card was touched.)',
        {
          email: {
            subject: `Your ${card} card is blocked`,
            content: `<p>Good day${person.vouched && person.firstName ? ` ${escaped(person.firstName)}` : ''},</p><p>your <b>${card} card</b> is blocked since ${when(around.now)}.</p><ul><li>Reference: <b>${reference}</b></li><li>What happened: ${escaped(what)}</li></ul><p>${next}</p><p>AG Bank</p>`,
          },
        },
        {
          reference: {
            label: 'How we protect your card',
            reference_id: 'card-protection',
            url: `${around.bankOrigin}/help/card-protection`,
          },
        },
      ],
      afterBlocking,
    ),
  );
}

/** Blocking is done by a program, starting again by a person. */
export const askToUnblock = (talk: Talk): Turn =>
  say(
    { ...talk, step: 'open' },
    post(
      ['A blocked card is started again by a person, within a day, and only by one. Shall I fetch somebody?'],
      [
        { label: 'Talk to a person', payload: 'person' },
        { label: 'Later', payload: 'later' },
      ],
    ),
  );

/** The same for the same event, however often it comes. No vowels, nothing that looks like something else. */
function referenceOf(event: MessageEvent, kind: CardKind): string {
  const letters = 'BCDFGHJKMNPQRSTVWXYZ';
  const digest = createHash('sha256').update(`${event.conversationId} ${event.eventId} ${kind}`).digest();
  return `AGB-${[...digest.subarray(0, 6)].map((byte) => letters[byte % letters.length]).join('')}`;
}

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
const when = (now: Date): string => `${clock.format(now)} UTC`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').slice(0, 400);
