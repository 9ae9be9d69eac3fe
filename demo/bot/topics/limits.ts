import { type Part, post } from '../messages';
import { comma, nothing, type Person, type Surroundings, say, type Talk, type Turn } from '../talk';
import type { WebhookEvent } from '../webhookEvent';
import { menuBut } from './menu';

const path = '/limits';
/** Whether an event of a web view is about the page that this topic opens. */
export const isLimitsPage = (url: string, { cardsOrigin }: Surroundings): boolean => url === `${cardsOrigin}${path}`;

/** The page knows the customer by the sign-in at the bank, so it is for those who are signed in. */
export function askForLimits(talk: Talk, person: Person, around: Surroundings): Turn {
  if (!person.vouched) {
    const signIn: Part = { url_button: { label: 'Sign in', url: `${around.bankOrigin}/sign-in`, target: '_blank' } };
    return say(
      { ...talk, step: 'open' },
      post(
        ['Your limits are for you alone. Please sign in at the bank, then ask me again.', signIn],
        menuBut('limits', 'offers', 'document'),
      ),
    );
  }
  return say(
    { ...talk, step: 'open' },
    post([
      'You’re signed in at the bank, so there is nothing to type. Choose the card and what it pays in a week at most.',
      {
        url_button: {
          label: 'Change limits',
          url: `${around.cardsOrigin}${path}`,
          target: '_self',
          // In the bank's own page, where the bank's sign-in counts.
          web_view: { size: 'tall', title: 'Card limits', mount: 'host' },
        },
      },
    ]),
  );
}

/** The page's backend has the word, as with a confirmed card: what came through the browser changes nothing. */
export function afterLimitSubmit(
  event: WebhookEvent & { action: 'web_view_submit' },
  talk: Talk,
  person: Person,
  around: Surroundings,
): Turn {
  const { outcome, card, last4, weekly } = event.result;
  const genuine =
    event.source === 'business' &&
    event.origin === around.cardsOrigin &&
    outcome === 'limit_changed' &&
    typeof card === 'string' &&
    typeof last4 === 'string' &&
    typeof weekly === 'number';
  const words = genuine
    ? `Done${comma(person)}. Your ${card.toLowerCase()} ending in ${last4} pays up to <b>${euro.format(weekly)}</b> a week from now on. (This is a demonstration: no real card was touched.)`
    : 'I’m sorry, the bank has no word of a new limit. Everything is as it was.';
  return say({ ...talk, step: 'open' }, post([words], menuBut('limits')));
}

const closings: Record<string, string> = {
  customer: 'All right, your limits stay as they are.',
  page: 'All right, your limits stay as they are.',
  expired: 'The page was open for so long that it closed by itself. Your limits stay as they are.',
  business: 'The bank has closed the page. Your limits stay as they are.',
  blocked:
    'The page couldn’t be shown in your browser. Your limits stay as they are; a person can change them for you.',
};

export function afterLimitClose(reason: string, submitted: boolean, talk: Talk): Turn {
  const words = closings[reason];
  if (submitted || !words) return nothing(talk);
  return say({ ...talk, step: 'open' }, post([words], menuBut()));
}

const euro = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
