import { type Chip, post } from '../messages';
import { comma, type Person, say, space, type Talk, type Turn } from '../talk';

export const menu: Chip[] = [
  { label: 'Account statement', payload: 'statement' },
  { label: 'Block a card', payload: 'block' },
  { label: 'Card limits', payload: 'limits' },
  { label: 'Offers', payload: 'offers' },
  { label: 'Find a branch', payload: 'branch' },
  { label: 'Send a document', payload: 'document' },
  { label: 'Talk to a person', payload: 'person' },
];
/** The menu without what was just done. */
export const menuBut = (...done: string[]): Chip[] => menu.filter(({ payload }) => !done.includes(payload));

export const hello = (talk: Talk, person: Person): Turn =>
  say(
    { ...talk, step: 'open' },
    post([talk.greeted ? `Hello${space(person)}! What can I do for you?` : 'What can I do for you?'], menu),
  );

export const later = (talk: Talk): Turn =>
  say({ ...talk, step: 'open' }, post(['All right. Nothing was changed; write to me whenever you like.'], menu));

export const done = (talk: Talk, person: Person): Turn =>
  say({ ...talk, step: 'open' }, post([`You’re welcome${comma(person)}. Have a good day!`]));

/** Freddy didn't understand. */
export function lost(talk: Talk): Turn {
  const words =
    talk.step === 'with_person'
      ? 'I’ve left that for my colleague. I’m only a program: with these I can help at once.'
      : 'I’m a program, and I don’t understand that one. This is what I can do; a person can do the rest.';
  return say(talk, post([words], menu));
}
