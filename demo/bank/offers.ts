/** What the bank offers, for its own pages. Freddy tells of the same in fewer words. */
export type Offer = {
  name: string;
  kind: string;
  title: string;
  figure: [value: string, unit: string];
  picture: string;
  lead: string;
  facts: [string, string][];
  steps: [string, string][];
};

export const offers: readonly Offer[] = [
  {
    name: 'sunny-saver',
    kind: 'Saving',
    title: 'Sunny saver',
    figure: ['3.1 %', 'a year'],
    // The still one: what moves by itself has to be stopped by whoever wants, as the chat lets them.
    picture: 'sunny-saver.jpg',
    lead: 'Interest on every cent from the first day, and no date by which you must decide.',
    facts: [
      ['Interest', '3.1 % on what stays a year, 2.4 % before'],
      ['Fees', 'none'],
      ['At least', '€1.00'],
      ['Money back', 'the same day'],
    ],
    steps: [
      ['Choose it in the chat', 'Freddy shows it among the offers'],
      ['Say yes', 'it stands beside your current account at once'],
      ['Move money over', 'once, or each month by itself'],
    ],
  },
  {
    name: 'first-home',
    kind: 'Living',
    title: 'First home',
    figure: ['2.9 %', 'fixed'],
    picture: 'first-home.jpg',
    lead: 'Fixed for ten years within a day, with a person beside you from offer to key.',
    facts: [
      ['Interest', 'from 2.9 %, fixed for ten years'],
      ['Your own money', 'a tenth of the price or more'],
      ['Paying back early', '5 % a year, free'],
      ['Promise', 'within one working day'],
    ],
    steps: [
      ['Choose it in the chat', 'an adviser calls you within a day'],
      ['Bring three papers', 'or send them in the chat: income, price, plan'],
      ['Sign at the counter', 'nothing is signed before that'],
    ],
  },
  {
    name: 'far-and-wide',
    kind: 'Travelling',
    title: 'Far and wide',
    figure: ['€4.00', 'a month'],
    picture: 'far-and-wide.jpg',
    lead: 'A credit card with no fee abroad and a cover for what you carry.',
    facts: [
      ['Paying in another currency', 'free'],
      ['Cash at any machine in the world', 'free'],
      ['Cover for luggage', 'up to €2,000.00'],
      ['Leaving again', 'at any month’s end'],
    ],
    steps: [
      ['Choose it in the chat', 'signed in, it is one tap'],
      ['Get the card', 'it is with you in three days'],
      ['Lost it?', 'Freddy blocks it at any hour, wherever you are'],
    ],
  },
];
