import { describe, expect, it } from 'vitest';
import { answer } from './dialogue';
import { assigned, chosenCard, closed, option, reopened, said, sent, submitted } from './sampleWebhooks';
import { newTalk, type Person, type Surroundings, type Talk, type Turn } from './talk';
import { thankForFiles } from './topics/documents';
import { handOverStatement } from './topics/statement';
import { readEvent, type WebhookEvent } from './webhookEvent';

const around: Surroundings = {
  bankOrigin: 'http://bank.localhost:4181',
  cardsOrigin: 'http://cards.bank.localhost:4182',
  ownId: 'freddy',
  now: new Date('2026-11-22T12:00:00Z'),
};
const ana: Person = { vouched: true, firstName: 'Ana' };
const stranger: Person = { vouched: false };
const known: Talk = { ...newTalk, greeted: true };
const ref = `st_${'a'.repeat(32)}`;
const result = { outcome: 'confirmed', last4: '3155', statement_ref: ref };
const menu = [
  'Account statement',
  'Block a card',
  'Card limits',
  'Offers',
  'Find a branch',
  'Send a document',
  'Talk to a person',
];

const event = (body: object): WebhookEvent => {
  const read = readEvent(body);
  if (!read) throw new Error('not an event for Freddy');
  return read;
};
const turn = (body: object, talk = known, person = ana): Turn => answer(event(body), talk, person, around);
const posts = ({ actions }: Turn) => actions.flatMap((action) => (action.do === 'say' ? [action.post] : []));
const words = (result: Turn) =>
  posts(result).flatMap((post) => post.message_parts.flatMap((part) => ('text' in part ? [part.text.content] : [])));
type Reply = { label: string; payload: string };
type Section = { name: string; parts: { quick_reply_button: Reply; template_content: { sections: Section[] } }[] };
type Replies = {
  collection?: { sub_parts: { quick_reply_button: Reply }[] };
  template_content?: { type: string; sections: Section[] };
}[];
const replies = (result: Turn) => posts(result).flatMap((post) => post.reply_parts) as Replies;
const chips = (result: Turn) =>
  replies(result).flatMap((part) => part.collection?.sub_parts.map((sub) => sub.quick_reply_button.label) ?? []);
/** The options of a dropdown. */
const options = (result: Turn) =>
  replies(result).flatMap(({ template_content: template }) =>
    template?.type === 'quick_reply_dropdown'
      ? template.sections.flatMap(({ parts }) => parts.map((part) => part.quick_reply_button))
      : [],
  );
const does = (result: Turn) => result.actions.map((action) => action.do);
const buttons = (result: Turn) =>
  posts(result).flatMap((post) => post.message_parts.filter((part) => 'url_button' in part));

describe('greeting', () => {
  it('greets a vouched customer by name, once, and offers what Freddy can do', () => {
    const first = turn(said('Hello'), newTalk);
    const second = turn(said('Hello'), first.talk);

    expect(words(first)[0]).toBe('Hello Ana! I’m Freddy, AG Bank’s assistant.');
    expect(chips(first)).toEqual(menu);
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
    const given = handOverStatement({ kind: 'file', file }, known, ana, around);

    expect(posts(given)[0]?.message_parts).toEqual([{ text: { content: 'Thank you, Ana. Here it is:' } }, { file }]);
    expect(chips(given)).toEqual(['Another month', 'Block a card', 'That’s all']);
    expect(words(handOverStatement({ kind: 'file', file }, known, stranger, around))).toEqual([
      'Thank you. Here it is:',
    ]);
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
    const again = handOverStatement(
      { kind: 'expired' },
      { ...known, statementRef: ref, month: '2026-09' },
      ana,
      around,
    );

    expect(again.talk).toMatchObject({ month: '2026-09', step: 'confirming' });
    expect(again.talk.statementRef).toBeUndefined();
    expect(buttons(again)).toHaveLength(1);
  });

  it('says so when the bank doesn’t answer', () => {
    const failed = handOverStatement({ kind: 'failed' }, { ...known, statementRef: ref }, ana, around);

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

describe('blocking a card', () => {
  const lostCredit = () => turn(option('Credit card', 'card:credit'), turn(said('I lost my card')).talk);

  it('asks which card, blocks it at once, and then asks what happened, with ten answers', () => {
    const asked = turn(said('I lost my card'));
    const stopped = lostCredit();

    expect(chips(asked)).toEqual(['Debit card', 'Credit card', 'Never mind']);
    expect(words(stopped)).toEqual([
      'I’m sorry to hear that. Your credit card is blocked from now on.',
      'What happened?',
    ]);
    expect(options(stopped)).toHaveLength(10);
    expect(options(stopped)[0]).toEqual({ label: 'Lost on the way', payload: 'reason:credit:lost_out' });
  });

  it.each([
    ['the debit one', 'debit'],
    ['Credit', 'credit'],
  ])('takes “%s” for an answer', (text, kind) => {
    expect(words(turn(said(text), { ...known, step: 'choosing_card' }))[0]).toContain(`Your ${kind} card is blocked`);
  });

  it('asks nothing that was said already: “block my debit card”', () => {
    expect(words(turn(said('Please block my debit card')))[0]).toContain('Your debit card is blocked');
  });

  it('blocks nothing on “never mind”', () => {
    const left = turn(said('never mind'), turn(said('I lost my card')).talk);

    expect(left.talk).toEqual({ greeted: true, step: 'open' });
    expect(words(left)[0]).toContain('Nothing was changed');
  });

  it('ends with a reference, the e-mail and something to read', () => {
    const stopped = lostCredit();
    const end = turn(option('Lost at home', 'reason:credit:lost_home'), stopped.talk);
    const reference = stopped.talk.blocked?.credit ?? '';
    const [message] = posts(end);

    expect(reference).toMatch(/^AGB-[BCDFGHJKMNPQRSTVWXYZ]{6}$/);
    expect(words(end)[0]).toBe(`Thank you, I’ve written that down. Your reference is <b>${reference}</b>.`);
    expect(message?.message_parts).toContainEqual({
      email: {
        subject: 'Your credit card is blocked',
        content: `<p>Good day Ana,</p><p>your <b>credit card</b> is blocked since 22 November 2026 at 12:00 UTC.</p><ul><li>Reference: <b>${reference}</b></li><li>What happened: Lost at home</li></ul><p>A new card will be with you in three days.</p><p>AG Bank</p>`,
      },
    });
    expect(message?.message_parts).toContainEqual({
      reference: {
        label: 'How we protect your card',
        reference_id: 'card-protection',
        url: 'http://bank.localhost:4181/help/card-protection',
      },
    });
    expect(chips(end)).toEqual(['Account statement', 'Talk to a person', 'That’s all']);
  });

  it.each([
    ['Lost at home', 'Lost at home'],
    ['lost at HOME', 'Lost at home'],
    ["A payment that wasn't mine", 'A payment that wasn’t mine'],
    ['I left it in the bus', 'Lost on the way'],
    ['somebody stole it', 'Stolen, not reported yet'],
    ['the police know', 'Stolen, I have the police log'],
    ['the cash machine kept it', 'A machine kept it'],
    ['I lost it', 'Lost on the way'],
    ['the dog has it <img src=x onerror=alert(1)>', 'as you told us in the chat'],
  ])('understands “%s” as what happened', (text, reason) => {
    const end = turn(said(text), lostCredit().talk);

    expect(JSON.stringify(posts(end))).toContain(`What happened: ${reason}<`);
    expect(JSON.stringify(posts(end))).not.toContain('onerror');
    expect(end.talk.step).toBe('open');
  });

  it('needs no reason: the card stays blocked', () => {
    const end = turn(said('not now'), lostCredit().talk);

    expect(words(end)[0]).toMatch(/^All right, the card stays blocked\. Your reference is <b>AGB-/);
  });

  it.each([
    ['Account statement', 'confirming'],
    ['Where is the next cash machine?', 'open'],
    ['I want to talk to a person', 'with_person'],
  ])('lets “%s” lead elsewhere, and takes the reason later', (text, step) => {
    const stopped = lostCredit();
    const elsewhere = turn(said(text), stopped.talk);
    const end = turn(option('It’s damaged', 'reason:credit:damaged'), elsewhere.talk);

    expect(elsewhere.talk.step).toBe(step);
    expect(words(end)[0]).toContain(stopped.talk.blocked?.credit);
  });

  it('says so when the card is blocked already, and keeps its reference', () => {
    const stopped = lostCredit();
    const again = turn(option('Credit card', 'card:credit'), stopped.talk);
    const other = turn(option('Debit card', 'card:debit'), again.talk);

    expect(words(again)[0]).toContain(`blocked already, under the reference <b>${stopped.talk.blocked?.credit}</b>`);
    expect(words(other)[0]).toContain('Your debit card is blocked from now on.');
    expect(Object.keys(other.talk.blocked ?? {})).toEqual(['credit', 'debit']);
  });

  it('gives the same event the same reference', () => {
    const body = option('Credit card', 'card:credit');

    expect(turn(body)).toEqual(turn(body));
    expect(turn(body).talk.blocked).not.toEqual(turn(option('Credit card', 'card:credit')).talk.blocked);
  });

  it('sends no new card for one that isn’t needed, and uses no name that nobody vouched for', () => {
    const end = turn(option('I don’t need it any more', 'reason:credit:not_needed'), lostCredit().talk, {
      vouched: false,
      firstName: 'Mallory',
    });

    expect(JSON.stringify(posts(end))).toContain('No new card will be sent.');
    expect(JSON.stringify(posts(end))).not.toContain('Mallory');
  });

  it('leaves starting it again to a person', () => {
    const asked = turn(said('Please unblock my card'));

    expect(asked.talk.blocked).toBeUndefined();
    expect(chips(asked)).toEqual(['Talk to a person', 'Later']);
  });

  it.each(['card:gold', 'reason:credit:lost_home', 'reason:debit:nonsense', 'reason', 'offer:', 'take:all'])(
    'does nothing for the stray payload %s',
    (payload) => {
      const stray = turn(option('?', payload));

      expect(stray.talk.blocked).toBeUndefined();
      expect(words(stray)[0]).toContain('don’t understand');
    },
  );
});

describe('offers', () => {
  it('shows three cards with pictures, one of them a GIF; details open in a tab, or in the chat on the origin that may', () => {
    const shown = turn(option('Offers', 'offers'));
    const [carousel] = replies(shown);
    const cards = carousel?.template_content?.sections[0]?.parts.map((part) => part.template_content.sections) ?? [];
    const json = JSON.stringify(cards);

    expect(words(shown)).toEqual(['Three offers fit your account:']);
    expect(words(turn(said('offers'), known, stranger))).toEqual(['These three are asked for most:']);
    expect(cards.map((sections) => sections.map(({ name }) => name))).toEqual(
      Array(3).fill(['hero_image', 'title', 'description', 'callback', 'view']),
    );
    expect(json.match(/"url":"[^"]+"/g)).toEqual([
      '"url":"http://bank.localhost:4181/assets/sunny-saver.gif"',
      '"url":"http://bank.localhost:4181/offers/sunny-saver"',
      '"url":"http://bank.localhost:4181/assets/first-home.jpg"',
      '"url":"http://cards.bank.localhost:4182/offers/first-home"',
      '"url":"http://bank.localhost:4181/assets/far-and-wide.jpg"',
      '"url":"http://bank.localhost:4181/offers/far-and-wide"',
    ]);
    expect(json.match(/"target":"[^"]+"/g)).toEqual(['"target":"_blank"', '"target":"_self"', '"target":"_blank"']);
    expect(json.match(/"alt_text":"."/g)).toBeNull();
  });

  it.each([
    ['a tap on the card', chosenCard('Sunny saver', 'offer:sunny-saver'), known],
    ['its name', said('the sunny one'), { ...known, step: 'choosing_offer' } as Talk],
  ])('goes on with %s', (_how, body, talk) => {
    const chosen = turn(body, talk);

    expect(words(chosen)[0]).toContain('<b>Sunny saver</b>, with pleasure, Ana.');
    expect(chips(chosen)).toEqual(['Yes, please', 'Other offers', 'Later']);
  });

  it.each([
    ['a tap', option('Yes, please', 'take:first-home')],
    ['a yes', said('yes please')],
  ])('opens it by %s', (_how, body) => {
    const chosen = turn(chosenCard('First home', 'offer:first-home'));

    expect(words(turn(body, chosen.talk))[0]).toContain('Done: <b>First home</b> is on its way.');
  });

  it('opens nothing on a no, nor a second time by a yes', () => {
    const chosen = turn(chosenCard('First home', 'offer:first-home'));
    const taken = turn(said('yes'), chosen.talk);

    expect(words(turn(said('no'), chosen.talk))[0]).toContain('Nothing was changed');
    expect(words(turn(said('yes'), taken.talk))[0]).toContain('don’t understand');
  });

  it.each([
    ['chosen', chosenCard('Far and wide', 'offer:far-and-wide')],
    ['taken', option('Yes, please', 'take:far-and-wide')],
  ])('asks whom nobody knows to sign in first (%s)', (_how, body) => {
    const chosen = turn(body, known, stranger);

    expect(buttons(chosen)).toEqual([
      { url_button: { label: 'Sign in', url: 'http://bank.localhost:4181/sign-in', target: '_blank' } },
    ]);
    expect(JSON.stringify(chosen)).not.toContain('Done');
  });

  it('says nothing when a page to read is closed, whatever it claims', () => {
    const page = 'http://cards.bank.localhost:4182/offers/first-home';

    expect(turn(closed('customer', false, page)).actions).toEqual([]);
    expect(turn(closed('submitted', true, page)).actions).toEqual([]);
  });
});

describe('a document', () => {
  const picture = { image: { url: 'http://files.localhost:4184/f/1', width: 4, height: 3 } };
  const pdf = { file: { name: 'Proof.pdf', url: 'http://files.localhost:4184/f/2', file_size_in_bytes: 9 } };
  const files = (body: object) => {
    const read = event(body);
    return read.action === 'message_create' ? read.files : [];
  };

  it('is asked for, and can wait', () => {
    const asked = turn(option('Send a document', 'document'));

    expect(words(asked)[0]).toContain('paper clip');
    expect(chips(asked)).toEqual(['Later']);
    expect(words(turn(said('later'), asked.talk))[0]).toContain('Nothing was changed');
    expect(words(turn(said('what?'), asked.talk))[0]).toContain('still waiting');
    expect(turn(said('Account statement'), asked.talk).talk.step).toBe('confirming');
  });

  it.each([
    ['asked for', { ...known, step: 'sending' } as Talk],
    ['unasked', known],
  ])('is looked at (%s)', (_how, talk) => {
    const taken = turn(sent(pdf), talk);

    expect(taken.actions).toEqual([
      {
        do: 'look_at_files',
        files: [{ kind: 'file', url: 'http://files.localhost:4184/f/2', name: 'Proof.pdf' }],
        alone: true,
      },
    ]);
    expect(taken.talk.step).toBe('open');
  });

  it('is thanked for with name and size', () => {
    const thanks = thankForFiles(files(sent(pdf)), [{ kind: 'there', bytes: 84_210 }], true, known, ana);

    expect(words(thanks)).toEqual([
      'Thank you, Ana. I have “Proof.pdf” (84.2 kB). A colleague looks at it on the next working day.',
    ]);
    expect(chips(thanks)).toEqual(menu.filter((label) => label !== 'Send a document'));
  });

  it('may be a picture without a name', () => {
    const thanks = thankForFiles(files(sent(picture)), [{ kind: 'there', bytes: 2_300_000 }], true, known, stranger);

    expect(words(thanks)[0]).toContain('I have your picture (2.3 MB).');
  });

  it('is asked for again when it isn’t there, and not opened when it is somewhere else', () => {
    const missing = thankForFiles(files(sent(pdf)), [{ kind: 'missing' }], true, known, ana);
    const foreign = thankForFiles(files(sent(pdf)), [{ kind: 'foreign' }], true, known, ana);

    expect(words(missing)[0]).toBe('I can’t get at “Proof.pdf”. Please send it once more.');
    expect(words(foreign)[0]).toContain('I open only what was sent in this chat itself.');
    expect(chips(missing)).toEqual(['Send a document', 'Talk to a person']);
  });

  it('comes beside a wish: both are answered', () => {
    const both = turn(sent(picture, 'I lost this card'), known);
    const thanks = thankForFiles(files(sent(picture)), [{ kind: 'there', bytes: 1 }], false, both.talk, ana);

    expect(does(both)).toEqual(['look_at_files', 'say']);
    expect(both.talk.step).toBe('choosing_card');
    expect(thanks.talk).toBe(both.talk);
    expect(chips(thanks)).toEqual([]);
  });

  it('is greeted when it is the first thing said', () => {
    expect(does(turn(sent(picture), newTalk))).toEqual(['say', 'look_at_files']);
  });
});

describe('a person', () => {
  const waiting = () => turn(said('Can I talk to a person?'));
  const withPerson = () => turn(assigned('maria'), waiting().talk).talk;

  it('is fetched from the advisers’ queue, without pretending', () => {
    expect(waiting().actions[0]).toEqual({ do: 'queue', on: true });
    expect(words(waiting())[0]).toContain('A colleague will answer here');
    expect(words(turn(said('My door is blue'), waiting().talk))[0]).toContain('left that for my colleague');
    expect(turn(assigned('', 'advisers'), waiting().talk)).toEqual({ talk: waiting().talk, actions: [] });
  });

  it.each([
    ['words', said('Account statement')],
    ['taps', option('Block a card', 'block')],
    ['files', sent({ image: { url: 'http://files.localhost/1' } })],
    ['closed pages', closed('customer')],
    ['forged results', submitted(result, 'page')],
  ])('has the word while he or she has the conversation: Freddy leaves %s alone', (_what, body) => {
    expect(turn(body, withPerson())).toEqual({ talk: withPerson(), actions: [] });
  });

  it('may take over without being asked for', () => {
    expect(turn(said('Account statement'), turn(assigned('maria')).talk).actions).toEqual([]);
  });

  it('doesn’t make Freddy forget what the bank confirmed meanwhile', () => {
    const confirmed = turn(submitted(result, 'business'), withPerson());

    expect(confirmed.actions).toEqual([]);
    expect(confirmed.talk).toEqual({ ...withPerson(), statementRef: ref });
  });

  it.each(['freddy', ''])('hands back to “%s”: one line, and out of the queue', (to) => {
    const back = turn(assigned(to), withPerson());

    expect(back.actions[0]).toEqual({ do: 'queue', on: false });
    expect(words(back)).toEqual(['I’m back: my colleague has handed you over to me. What else can I do for you, Ana?']);
    expect(turn(assigned(''), back.talk).actions).toEqual([]);
    expect(turn(said('Account statement'), back.talk).talk.step).toBe('confirming');
  });

  it('hands over to another one: Freddy stays silent', () => {
    const other = turn(assigned('paul'), withPerson());

    expect(other.actions).toEqual([]);
    expect(turn(said('Hello?'), other.talk).actions).toEqual([]);
  });

  it('has closed the conversation: opened again by the customer, it is Freddy’s', () => {
    const again = turn(reopened(), withPerson());

    expect(words(again)).toEqual(['Welcome back, Ana. Good to hear from you again.']);
    expect(turn(said('Account statement'), again.talk).talk.step).toBe('confirming');
  });
});

describe('card limits', () => {
  const page = `${around.cardsOrigin}/limits`;
  const changed = { outcome: 'limit_changed', card: 'Debit card', last4: '3155', weekly: 1_200 };

  it('are changed on a page that stands in the bank’s own, for whom the bank knows', () => {
    const asked = turn(option('Card limits', 'limits'));

    expect(buttons(asked)).toEqual([
      {
        url_button: {
          label: 'Change limits',
          url: page,
          target: '_self',
          web_view: { size: 'tall', title: 'Card limits', mount: 'host' },
        },
      },
    ]);
  });

  it('are nothing for a stranger, who is shown where to sign in', () => {
    const asked = turn(option('Card limits', 'limits'), known, stranger);

    expect(buttons(asked)).toEqual([
      { url_button: { label: 'Sign in', url: `${around.bankOrigin}/sign-in`, target: '_blank' } },
    ]);
  });

  it.each(['What are my card limits?', 'raise my limit', 'Kartenlimit ändern', 'limites do cartão'])(
    'are meant by “%s”',
    (text) => {
      expect(buttons(turn(said(text)))).toHaveLength(1);
    },
  );

  it('are told as the bank’s backend reports them', () => {
    const done = turn(submitted(changed, 'business', page));

    expect(words(done)[0]).toContain('Done, Ana. Your debit card ending in 3155 pays up to <b>€1,200</b> a week');
    expect(chips(done)).toEqual(menu.filter((label) => label !== 'Card limits'));
  });

  it.each([
    ['through the browser', submitted(changed, 'page', page)],
    ['with a card’s confirmation', submitted(result, 'business', page)],
    ['with words for a number', submitted({ ...changed, weekly: '<b>all</b>' }, 'business', page)],
  ])('stay as they were when the word comes %s', (_, body) => {
    const refused = turn(body);

    expect(words(refused)[0]).toContain('no word of a new limit');
    expect(does(refused)).toEqual(['say']);
  });

  it('stay as they are when the page is closed before', () => {
    expect(words(turn(closed('customer', false, page)))).toEqual(['All right, your limits stay as they are.']);
    expect(posts(turn(closed('submitted', true, page)))).toHaveLength(0);
    expect(posts(turn(closed('replaced', false, page)))).toHaveLength(0);
  });
});

describe('the rest', () => {
  it('shows the branches on a map, in a list, and on a page of the bank’s', () => {
    const found = turn(option('Find a branch', 'branch'));
    const parts = posts(found)[0]?.message_parts ?? [];

    expect(parts.map((part) => Object.keys(part)[0])).toEqual(['text', 'image', 'text', 'url_button']);
    expect(parts[1]).toMatchObject({
      image: { width: 720, height: 432, alt_text: expect.stringContaining('Harbour') },
    });
    expect(words(found)[1]?.match(/<li><b>/g)).toHaveLength(3);
    expect(chips(found)).toEqual(menu.filter((label) => label !== 'Find a branch'));
  });

  it.each([
    ['I’d like to send you a document', 'sending'],
    ['can I upload a photo', 'sending'],
    ['any offers?', 'choosing_offer'],
    ['your interest rates', 'choosing_offer'],
    ['filiale', 'open'],
    ['Ich möchte mit einem Menschen sprechen', 'with_person'],
    ['Karte sperren', 'choosing_card'],
  ])('understands “%s” at any point', (text, step) => {
    const points = [
      'open',
      'confirming',
      'going_on',
      'choosing_card',
      'choosing_offer',
      'deciding',
      'sending',
    ] as const;

    expect(points.map((point) => turn(said(text), { ...known, step: point }).talk.step)).toEqual(
      points.map(() => step),
    );
  });

  it('takes the tap for what is meant, not the words that come with it', () => {
    expect(turn(option('Block a card', 'branch')).talk.step).toBe('open');
    expect(turn(option('Find a branch', 'unheard-of')).talk.step).toBe('open');
  });

  it('says plainly what it can do when it doesn’t understand', () => {
    const lost = turn(said('My door is blue'));

    expect(words(lost)[0]).toContain('don’t understand');
    expect(chips(lost)).toEqual(menu);
  });

  it('answers empty and huge messages too', () => {
    expect(posts(turn(said('')))).toHaveLength(1);
    expect(posts(turn(said('a'.repeat(10_000))))).toHaveLength(1);
  });
});
