import { post } from './messages';
import {
  comma,
  type MessageEvent,
  nothing,
  type Person,
  type Surroundings,
  say,
  space,
  type Talk,
  type Turn,
} from './talk';
import { askToUnblock, askWhichCard, block, cardInWords, reasonInWords, reasonTapped } from './topics/block';
import { findBranch } from './topics/branch';
import { askForDocument, remindOfDocument, takeFiles } from './topics/documents';
import { afterLimitClose, afterLimitSubmit, askForLimits, isLimitsPage } from './topics/limits';
import { done, hello, later, lost } from './topics/menu';
import { choose, offerInWords, offerNamed, showOffers, take } from './topics/offers';
import { afterAssignment, fetchPerson } from './topics/person';
import { afterClose, afterSubmit, anotherMonth, askForMonth, askForStatement, pageAgain } from './topics/statement';
import type { WebhookEvent } from './webhookEvent';
import { saysNo, saysYes, type Wish, wishOfPayload, wishOfText } from './wishes';

/** One turn of the conversation: what came and what was, gives what is done and what is. Nothing else happens here. */
export function answer(event: WebhookEvent, talk: Talk, person: Person, around: Surroundings): Turn {
  if (event.action === 'conversation_assignment') return afterAssignment(event, talk, person, around);
  if (event.action === 'conversation_reopen') return welcomeBack(talk, person);
  const turn = afterEvent(event, talk, person, around);
  // What the bank confirmed is remembered all the same, for when the person has gone.
  return talk.taken ? nothing(turn.talk.statementRef === talk.statementRef ? talk : withStatement(talk, turn)) : turn;
}

const withStatement = (talk: Talk, { talk: { statementRef } }: Turn): Talk =>
  statementRef ? { ...talk, statementRef } : talk;

function afterEvent(
  event: Exclude<WebhookEvent, { action: 'conversation_assignment' | 'conversation_reopen' }>,
  talk: Talk,
  person: Person,
  around: Surroundings,
): Turn {
  // A page to read, such as an offer's: it has no result, and may be closed at any time.
  if (event.action !== 'message_create' && event.url.startsWith(`${around.cardsOrigin}/offers/`)) return nothing(talk);
  switch (event.action) {
    case 'web_view_submit':
      return isLimitsPage(event.url, around)
        ? afterLimitSubmit(event, talk, person, around)
        : afterSubmit(event, talk, around);
    case 'web_view_close':
      return isLimitsPage(event.url, around)
        ? afterLimitClose(event.reason, event.submitted, talk)
        : afterClose(event.reason, event.submitted, talk);
    case 'message_create':
      return event.fromWebView ? nothing(talk) : afterMessage(event, talk, person, around);
  }
}

/** Opened again by the customer: whoever had the conversation had closed it. */
function welcomeBack(talk: Talk, person: Person): Turn {
  const { taken: _noMore, ...rest } = talk;
  return say(
    { ...rest, greeted: true, step: 'open' },
    post([`Welcome back${comma(person)}. Good to hear from you again.`]),
  );
}

function afterMessage(event: MessageEvent, talk: Talk, person: Person, around: Surroundings): Turn {
  const turn = event.files.length > 0 ? withFiles(event, talk, person, around) : turnFor(event, talk, person, around);
  if (talk.greeted) return turn;
  // The first words are a greeting, whatever the customer came with.
  const words = `Hello${space(person)}! I’m Freddy, AG Bank’s assistant.`;
  return { talk: { ...turn.talk, greeted: true }, actions: [{ do: 'say', post: post([words]) }, ...turn.actions] };
}

/** Files, and perhaps a wish beside them. */
function withFiles(event: MessageEvent, talk: Talk, person: Person, around: Surroundings): Turn {
  const wanted = wishOfText(event.text);
  const isAlone = wanted === undefined || wanted === 'document' || wanted === 'done' || wanted === 'hello';
  const files = takeFiles(event, talk, isAlone);
  if (isAlone) return files;
  const more = wish(wanted, event, files.talk, person, around);
  return { talk: more.talk, actions: [...files.actions, ...more.actions] };
}

/** A tap says exactly what is meant; words mean what they mean at this point of the talk, else anywhere. */
function turnFor(event: MessageEvent, talk: Talk, person: Person, around: Surroundings): Turn {
  if (event.payload) {
    return (
      tapped(event.payload, event, talk, person, around) ??
      wish(wishOfPayload(event.payload) ?? wishOfText(event.text), event, talk, person, around)
    );
  }
  return inWords(event, talk, person, around) ?? wish(wishOfText(event.text), event, talk, person, around);
}

function tapped(
  payload: string,
  event: MessageEvent,
  talk: Talk,
  person: Person,
  around: Surroundings,
): Turn | undefined {
  const [kind, value = '', more = ''] = payload.split(':');
  switch (kind) {
    case 'month':
      return anotherMonth(value, talk, around);
    case 'card':
      return value === 'debit' || value === 'credit' ? block(value, event, talk) : undefined;
    case 'reason':
      return reasonTapped(value, more, talk, person, around);
    case 'offer': {
      const offer = offerNamed(value);
      return offer && choose(offer, talk, person, around);
    }
    case 'take': {
      const offer = offerNamed(value);
      return offer && take(offer, talk, person, around);
    }
    default:
      return undefined;
  }
}

/** Words that answer the question before them. `undefined`: they didn't. */
function inWords(event: MessageEvent, talk: Talk, person: Person, around: Surroundings): Turn | undefined {
  const { text } = event;
  switch (talk.step) {
    case 'choosing_card':
      return cardInWords(event, talk) ?? (saysNo(text) ? later(talk) : undefined);
    case 'telling_reason':
      return reasonInWords(event, talk, person, around, wishOfText(text) !== undefined);
    case 'choosing_offer': {
      const offer = offerInWords(text);
      const wanted = wishOfText(text);
      if (offer && (wanted === undefined || wanted === 'offers')) return choose(offer, talk, person, around);
      return saysNo(text) ? later(talk) : undefined;
    }
    case 'deciding':
      if (talk.offer && saysYes(text)) return take(talk.offer, talk, person, around);
      return saysNo(text) ? later(talk) : undefined;
    case 'sending':
      if (saysNo(text)) return later(talk);
      return wishOfText(text) === undefined ? remindOfDocument(talk) : undefined;
    case 'going_on':
      if (saysYes(text)) return pageAgain(talk, around);
      return saysNo(text) ? later(talk) : undefined;
    case 'open':
    case 'confirming':
    case 'with_person':
      return undefined;
  }
}

function wish(wanted: Wish | undefined, event: MessageEvent, talk: Talk, person: Person, around: Surroundings): Turn {
  switch (wanted) {
    case 'statement':
      return askForStatement(talk, around);
    case 'another_month':
      return askForMonth(talk, around);
    case 'go_on':
      return pageAgain(talk, around);
    case 'block':
      return askWhichCard(event, talk);
    case 'limits':
      return askForLimits(talk, person, around);
    case 'unblock':
      return askToUnblock(talk);
    case 'offers':
      return showOffers(talk, person, around);
    case 'branch':
      return findBranch(talk, around);
    case 'document':
      return askForDocument(talk);
    case 'person':
      return fetchPerson(talk);
    case 'later':
      return later(talk);
    case 'done':
      return done(talk, person);
    case 'hello':
      return hello(talk, person);
    case undefined:
      return lost(talk);
  }
}
