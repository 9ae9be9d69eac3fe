import { describe, expect, it } from 'vitest';
import { answer, handOver, newTalk, type Person, type Surroundings, type Talk, type Turn } from './dialogue';
import { closed, option, reopened, said, submitted } from './sampleWebhooks';
import { readEvent, type WebhookEvent } from './webhookEvent';

const around: Surroundings = { cardsOrigin: 'http://cards.bank.localhost:4182', now: new Date('2026-11-22T12:00:00Z') };
const ana: Person = { vouched: true, firstName: 'Ana' };
const stranger: Person = { vouched: false };
const known: Talk = { ...newTalk, greeted: true };
const ref = `st_${'a'.repeat(32)}`;
const result = { outcome: 'confirmed', last4: '3155', statement_ref: ref };

const event = (body: object): WebhookEvent => {
  const read = readEvent(body);
  if (!read) throw new Error('not an event for Freddy');
  return read;
};
const turn = (body: object, talk = known, person = ana): Turn => answer(event(body), talk, person, around);
const posts = ({ actions }: Turn) => actions.flatMap((action) => (action.do === 'say' ? [action.post] : []));
const words = (result: Turn) =>
  posts(result).flatMap((post) => post.message_parts.flatMap((part) => ('text' in part ? [part.text.content] : [])));
const chips = (result: Turn) => {
  const all = posts(result).flatMap((post) => post.reply_parts) as {
    collection: { sub_parts: { quick_reply_button: { label: string; payload: string } }[] };
  }[];
  return all.flatMap((part) => part.collection.sub_parts.map((sub) => sub.quick_reply_button.label));
};
const buttons = (result: Turn) =>
  posts(result).flatMap((post) => post.message_parts.filter((part) => 'url_button' in part));

describe('greeting', () => {
  it('greets a vouched customer by name, once, and offers what Freddy can do', () => {
    const first = turn(said('Hello'), newTalk);
    const second = turn(said('Hello'), first.talk);

    expect(words(first)[0]).toBe('Hello Ana! I’m Freddy, AG Bank’s assistant.');
    expect(chips(first)).toEqual(['Account statement', 'Block a card', 'Find a branch', 'Talk to a person']);
    expect(words(second)).not.toContain('Hello Ana! I’m Freddy, AG Bank’s assistant.');
  });

  it('uses no name that nobody vouched for', () => {
    expect(words(turn(said('Hello'), newTalk, { vouched: false, firstName: 'Mallory' }))[0]).toBe(
      'Hello! I’m Freddy, AG Bank’s assistant.',
    );
  });

  it('welcomes back when the customer opens a closed conversation again', () => {
    expect(words(turn(reopened()))).toEqual(['Welcome back, Ana. Good to hear from you again.']);
    expect(readEvent(reopened('agent'))).toBeUndefined();
  });
});

describe('the statement', () => {
  it.each([
    'Account statement',
    'my statement please',
    'Kontoauszug',
    'Ich brauche einen Kontoauszug',
    'un relevé de compte',
    'extrato',
  ])('“%s” asks for the card on the bank’s own page', (text) => {
    const asked = turn(said(text));

    expect(words(asked)).toEqual([
      'Happy to. First I have to know that it’s you.',
      'Please confirm your card on the bank’s own page. Nobody in this chat can see what you type there.',
    ]);
    expect(buttons(asked)).toEqual([
      {
        url_button: {
          label: 'Confirm card',
          url: 'http://cards.bank.localhost:4182/confirm',
          target: '_self',
          web_view: { size: 'tall', title: 'Confirm card', data: { flow: 'statement' } },
        },
      },
    ]);
  });

  it('fetches it when the card page’s backend reports a confirmed card', () => {
    expect(turn(submitted(result, 'business')).actions).toEqual([{ do: 'fetch_statement', ref }]);
  });

  it('hands it over with a name, a file and what one may want next', () => {
    const file = {
      name: 'Statement-2026-10.pdf',
      url: 'http://bank.localhost:4181/s.pdf',
      file_size_in_bytes: 9,
      content_type: 'application/pdf',
    };
    const given = handOver({ kind: 'file', file }, known, ana, around);

    expect(posts(given)[0]?.message_parts).toEqual([{ text: { content: 'Thank you, Ana. Here it is:' } }, { file }]);
    expect(chips(given)).toEqual(['Another month', 'Block a card', 'That’s all']);
    expect(words(handOver({ kind: 'file', file }, known, stranger, around))).toEqual(['Thank you. Here it is:']);
  });

  it.each([
    ['through the browser', submitted(result, 'page')],
    ['without a reference', submitted({ outcome: 'confirmed' }, 'business')],
    ['with a reference of another shape', submitted({ ...result, statement_ref: '../internal' }, 'business')],
    ['with another outcome', submitted({ ...result, outcome: 'declined' }, 'business')],
    [
      'from another page',
      {
        ...submitted(result, 'business'),
        data: { ...submitted(result, 'business').data, web_view: { origin: 'http://evil.localhost' } },
      },
    ],
  ])('gives nothing for a result %s, and offers to try again', (_how, body) => {
    const given = turn(body);

    expect(given.actions.some((action) => action.do === 'fetch_statement')).toBe(false);
    expect(given.talk.statementRef).toBeUndefined();
    expect(words(given)[0]).toContain('couldn’t be confirmed');
    expect(chips(given)).toEqual(['Try again', 'Later']);
  });

  it('leaves the message that tells of the result alone: the event has said it', () => {
    expect(turn(said('Card ending in 3155 confirmed', { in_reply_to: { message_id: 'm1' } }), newTalk).actions).toEqual(
      [],
    );
  });

  it('offers three earlier months, and fetches one without asking for the card again', () => {
    const asked = turn(option('Another month', 'another_month'), { ...known, statementRef: ref });
    const chosen = turn(option('September 2026', 'month:2026-09'), { ...known, statementRef: ref });

    expect(chips(asked)).toEqual(['September 2026', 'August 2026', 'July 2026']);
    expect(chosen.actions).toEqual([{ do: 'fetch_statement', ref, month: '2026-09' }]);
  });

  it('asks for the card anew when a statement is wished for anew', () => {
    expect(buttons(turn(said('statement'), { ...known, statementRef: ref }))).toHaveLength(1);
  });

  it('asks for the card again when the bank no longer knows the reference, and keeps the month', () => {
    const again = handOver({ kind: 'expired' }, { ...known, statementRef: ref, month: '2026-09' }, ana, around);

    expect(again.talk).toMatchObject({ month: '2026-09', step: 'confirming' });
    expect(again.talk.statementRef).toBeUndefined();
    expect(buttons(again)).toHaveLength(1);
  });

  it('says so when the bank doesn’t answer', () => {
    const failed = handOver({ kind: 'failed' }, { ...known, statementRef: ref }, ana, around);

    expect(words(failed)[0]).toContain('try again in a few minutes');
    expect(chips(failed)).toEqual(['Try again', 'Later']);
    expect(turn(option('Try again', 'month:'), failed.talk).actions).toEqual([{ do: 'fetch_statement', ref }]);
  });
});

describe('a page closed before its end', () => {
  it.each(['customer', 'page', 'expired', 'business', 'blocked'])('asks whether to go on (%s)', (reason) => {
    expect(chips(turn(closed(reason)))).toEqual(['Go on now', 'Later']);
  });

  it.each(['submitted', 'replaced', 'resolved'])('says nothing (%s)', (reason) => {
    expect(turn(closed(reason, reason === 'submitted')).actions).toEqual([]);
  });

  it('posts the button again for “Go on now” and for a yes in words', () => {
    const waiting: Talk = { ...known, step: 'going_on' };

    expect(buttons(turn(option('Go on now', 'go_on'), waiting))).toHaveLength(1);
    expect(buttons(turn(said('yes please'), waiting))).toHaveLength(1);
    expect(buttons(turn(option('Later', 'later'), waiting))).toHaveLength(0);
    expect(buttons(turn(said('not now'), waiting))).toHaveLength(0);
  });
});

describe('the rest', () => {
  it('asks which card and blocks it, and says that this is a demonstration', () => {
    const asked = turn(said('I lost my card'));
    const done = turn(option('Credit card', 'card:credit'), asked.talk);

    expect(chips(asked)).toEqual(['Debit card', 'Credit card', 'Never mind']);
    expect(words(done)[0]).toBe(
      'Your credit card is blocked from now on. This is a demonstration: no real card was touched.',
    );
    expect(words(turn(said('the debit one'), asked.talk))[0]).toContain('debit card is blocked');
  });

  it('names three branches', () => {
    expect(words(turn(option('Find a branch', 'branch')))).toHaveLength(4);
  });

  it('leaves the customer to a person without pretending', () => {
    const person = turn(said('Can I talk to a person?'));

    expect(words(person)[0]).toContain('A colleague will answer here');
    expect(words(turn(said('My door is blue'), person.talk))[0]).toContain('left that for my colleague');
  });

  it('says plainly what it can do when it doesn’t understand', () => {
    const lost = turn(said('My door is blue'));

    expect(words(lost)[0]).toContain('don’t understand');
    expect(chips(lost)).toHaveLength(4);
  });

  it('answers empty and huge messages too', () => {
    expect(posts(turn(said('')))).toHaveLength(1);
    expect(posts(turn(said('a'.repeat(10_000))))).toHaveLength(1);
  });
});
