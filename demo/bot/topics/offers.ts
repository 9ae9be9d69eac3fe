import { type Card, carousel, type Part, post } from '../messages';
import { comma, type OfferName, type Person, type Surroundings, say, type Talk, type Turn } from '../talk';
import { menuBut } from './menu';

type Offer = {
  name: OfferName;
  title: string;
  description: string;
  picture: { file: string; alt_text: string; content_type: string };
  /** By which words people mean it. */
  words: RegExp;
  next: string;
};
const offers: Offer[] = [
  {
    name: 'sunny-saver',
    title: 'Sunny saver',
    description: '3.1 % on what you leave for a year. No fees.',
    picture: {
      file: 'sunny-saver.gif',
      alt_text: 'A sun whose rays turn slowly, on green',
      content_type: 'image/gif',
    },
    words: /sunny|saver|saving/i,
    next: 'It opens at once, beside your current account, with nothing in it yet.',
  },
  {
    name: 'first-home',
    title: 'First home',
    description: 'Fixed for ten years within a day, from 2.9 %.',
    picture: { file: 'first-home.jpg', alt_text: 'The outline of a house, on purple', content_type: 'image/jpeg' },
    words: /first|home|mortgage|house|loan|hypothek/i,
    next: 'An adviser calls you within a day; nothing is signed before that.',
  },
  {
    name: 'far-and-wide',
    title: 'Far and wide',
    description: 'A card with no fee abroad, and a cover for what you carry.',
    picture: {
      file: 'far-and-wide.jpg',
      alt_text: 'A globe above a dotted route, on amber',
      content_type: 'image/jpeg',
    },
    words: /far|wide|abroad|travel|card/i,
    next: 'The card is with you in three days; until then nothing is owed.',
  },
];

export const offerNamed = (name: string): OfferName | undefined => offers.find((each) => each.name === name)?.name;
export const offerInWords = (text: string): OfferName | undefined => offers.find(({ words }) => words.test(text))?.name;

export const showOffers = (talk: Talk, person: Person, around: Surroundings): Turn =>
  say(
    { ...talk, step: 'choosing_offer' },
    carousel(
      [person.vouched ? 'Three offers fit your account:' : 'These three are asked for most:'],
      offers.map((offer) => cardOf(offer, around)),
    ),
  );

const cardOf = ({ name, title, description, picture }: Offer, around: Surroundings): Card => {
  const { file, alt_text, content_type } = picture;
  return {
    image: { url: `${around.bankOrigin}/assets/${file}`, alt_text, content_type, width: 640, height: 320 },
    title,
    description,
    choose: { label: 'Choose', payload: `offer:${name}` },
    // One opens in the chat, on the bank's page that may do so; the others in a tab of their own.
    view:
      name === 'first-home'
        ? {
            label: 'Details',
            url: `${around.cardsOrigin}/offers/${name}`,
            target: '_self',
            web_view: { size: 'full', title },
          }
        : { label: 'Details', url: `${around.bankOrigin}/offers/${name}`, target: '_blank' },
  };
};

/** Whoever is known can open it with a tap; anybody else is asked to sign in at the bank first. */
export function choose(name: OfferName, talk: Talk, person: Person, around: Surroundings): Turn {
  const offer = offers.find((each) => each.name === name);
  if (!offer) return showOffers(talk, person, around);
  if (!person.vouched) {
    const signIn: Part = {
      url_button: { label: 'Sign in', url: `${around.bankOrigin}/sign-in`, target: '_blank' },
    };
    return say(
      { ...talk, step: 'open' },
      post(
        [
          `<b>${offer.title}</b>, with pleasure. I can open it for you once I know who you are: please sign in at the bank and choose it again.`,
          signIn,
        ],
        [
          { label: 'Other offers', payload: 'offers' },
          { label: 'Talk to a person', payload: 'person' },
          { label: 'Later', payload: 'later' },
        ],
      ),
    );
  }
  return say(
    { ...talk, step: 'deciding', offer: name },
    post(
      [`<b>${offer.title}</b>, with pleasure${comma(person)}. ${offer.next} Shall I go ahead?`],
      [
        { label: 'Yes, please', payload: `take:${name}` },
        { label: 'Other offers', payload: 'offers' },
        { label: 'Later', payload: 'later' },
      ],
    ),
  );
}

export function take(name: OfferName, talk: Talk, person: Person, around: Surroundings): Turn {
  const offer = offers.find((each) => each.name === name);
  if (!offer || !person.vouched) return choose(name, talk, person, around);
  const { offer: _decided, ...rest } = talk;
  return say(
    { ...rest, step: 'open' },
    post(
      [`Done: <b>${offer.title}</b> is on its way. (This is a demonstration: nothing was opened and nothing is owed.)`],
      menuBut('offers'),
    ),
  );
}
