// What each card pays in a week. Who is signed in at the bank is known here by the bank's own cookie.
const $ = (id) => document.getElementById(id);
const euro = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
const apart = {
  outside: [
    'This page belongs in the chat',
    'It opens inside a conversation with AG Bank. Please start at our site: open the chat there and ask for your card limits.',
  ],
  not_signed_in: [
    'Please sign in first',
    'Your browser tells us of no sign-in at AG Bank here. Sign in on our own page, then tap the button in the chat again.',
  ],
  somebody_else: [
    'That’s somebody else’s conversation',
    'Another customer is signed in at AG Bank in this browser. Please open the chat anew on our own page.',
  ],
  gone: [
    'This page can’t go on',
    'It was open for too long, or was opened twice. Please close it and tap the button in the chat again.',
  ],
  busy: ['The bank is busy just now', 'Please close this page and tap the button in the chat again in a moment.'],
};

let view;
let session;
let cards = [];

if (window.parent === window) stay('outside');
else begin();

async function begin() {
  try {
    view = await window.GuichetWebView.view;
  } catch {
    return stay('gone');
  }
  follow();
  view.on('contextChanged', follow);
  const { status, body } = await post('/limits/session', { code: view.code });
  if (status !== 201) stay(body.error === 'code_invalid' ? 'gone' : (body.error ?? 'busy'));
  else show(body);
  view.ready();
}

function show(body) {
  ({ session, cards } = body);
  $('lead').textContent = 'It holds at once, until you change it.';
  $('cards').append(...cards.map(choice));
  Object.assign($('weekly'), { max: body.most, step: body.step });
  $('form').hidden = false;
  $('form').addEventListener('input', ({ target }) => {
    if (target.name === 'card') $('weekly').value = chosen().weekly;
    shown();
  });
  $('form').addEventListener('submit', (event) => {
    event.preventDefault();
    save();
  });
  $('weekly').value = chosen().weekly;
  shown();
}

function choice({ name, last4 }, index) {
  const label = document.createElement('label');
  const input = Object.assign(document.createElement('input'), {
    type: 'radio',
    name: 'card',
    value: last4,
    checked: index === 0,
  });
  label.append(input, `${name} ··${last4}`);
  return label;
}

const chosen = () => cards.find(({ last4 }) => last4 === new FormData($('form')).get('card')) ?? cards[0];
const isChanged = () => Number($('weekly').value) !== chosen().weekly;

function shown() {
  const text = euro.format($('weekly').value);
  $('weekly-shown').textContent = text;
  $('weekly').setAttribute('aria-valuetext', text);
  $('save').disabled = !isChanged();
  view.setDirty(isChanged());
}

async function save() {
  if ($('form').getAttribute('aria-busy') === 'true') return;
  busy(true);
  const { last4 } = chosen();
  const { status } = await post('/limits', { session, last4, weekly: Number($('weekly').value) });
  busy(false);
  // The bank has told the chat, and the chat takes this page away.
  if (status === 200) return view.setDirty(false);
  if (status === 409 || status === 410) return stay('gone');
  $('trouble').textContent = 'The bank is busy just now. Nothing was changed: please try again in a moment.';
}

function busy(on) {
  $('form').setAttribute('aria-busy', String(on));
  $('trouble').textContent = '';
  $('save').textContent = on ? 'Saving…' : 'Save';
  $('status').textContent = on ? 'Saving your limit' : '';
}

/** There is nothing to do here: says why, and what to do instead. */
function stay(why) {
  const [title, text] = apart[why] ?? apart.busy;
  $('details').hidden = true;
  $('apart').hidden = false;
  $('apart-title').textContent = title;
  $('apart-text').textContent = text;
  $('apart-link').hidden = why !== 'not_signed_in' && why !== 'outside';
  if (why === 'not_signed_in') {
    // A page in the chat may open no tab by itself; the chat asks the customer.
    $('apart-link').addEventListener('click', (event) => {
      event.preventDefault();
      view.openLink($('apart-link').href);
    });
  }
  $('apart').focus();
}

function follow() {
  document.documentElement.dataset.scheme = view.context.color_scheme === 'dark' ? 'dark' : 'light';
}

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: { error: 'busy' } };
  }
}
