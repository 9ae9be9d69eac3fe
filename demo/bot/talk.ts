import type { Post } from './messages';
import type { SentFile, WebhookEvent } from './webhookEvent';

export type CardKind = 'debit' | 'credit';
export type OfferName = 'sunny-saver' | 'first-home' | 'far-and-wide';

/** What Freddy remembers of a conversation. */
export type Talk = {
  greeted: boolean;
  step:
    | 'open'
    | 'confirming'
    | 'going_on'
    | 'choosing_card'
    | 'telling_reason'
    | 'choosing_offer'
    | 'deciding'
    | 'sending'
    | 'with_person';
  /** What the card page's backend got from the bank; the bank knows whose it is and how long it is good for. */
  statementRef?: string;
  /** The month that is to come once the card is confirmed; without it, the last one. */
  month?: string;
  /** Cards blocked in this conversation, with their reference numbers. */
  blocked?: { [kind in CardKind]?: string };
  /** The card of which we asked what happened. */
  card?: CardKind;
  /** What the customer may open with a yes. */
  offer?: OfferName;
  /** A person has the conversation: Freddy says nothing until it is handed back. */
  taken?: boolean;
};
export const newTalk: Talk = { greeted: false, step: 'open' };

/** The customer as `/v2/users/{id}` tells: `vouched` when the bank itself said who it is. */
export type Person = { vouched: boolean; firstName?: string | undefined };
export type Surroundings = {
  bankOrigin: string;
  cardsOrigin: string;
  /** Freddy's own id among the agents. */
  ownId: string;
  now: Date;
};

export type Action =
  | { do: 'say'; post: Post }
  | { do: 'fetch_statement'; ref: string; month?: string }
  /** Looks whether what was sent is there. With `alone`, Freddy goes on with his menu afterwards. */
  | { do: 'look_at_files'; files: SentFile[]; alone: boolean }
  /** Into the advisers' queue, or out of it. */
  | { do: 'queue'; on: boolean };
export type Turn = { talk: Talk; actions: Action[] };
export type MessageEvent = WebhookEvent & { action: 'message_create' };

export const say = (talk: Talk, ...posts: Post[]): Turn => ({
  talk,
  actions: posts.map((each) => ({ do: 'say', post: each })),
});
export const nothing = (talk: Talk): Turn => ({ talk, actions: [] });

/** A name is used only for somebody whom the bank vouched for: anybody can claim one. */
const nameOf = (person: Person): string => (person.vouched && person.firstName ? person.firstName : '');
export const comma = (person: Person): string => (nameOf(person) ? `, ${nameOf(person)}` : '');
export const space = (person: Person): string => (nameOf(person) ? ` ${nameOf(person)}` : '');
