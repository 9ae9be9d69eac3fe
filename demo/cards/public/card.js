// The page in the browser. What is typed goes to this page's own origin and nowhere else: not to the chat, not into
// storage, not into the saved state.
import { caretBeforeDeletion, digitsOnly, groupExpiry, groupNumber } from './grouping.js';

const $ = (id) => document.getElementById(id);
const fields = { number: groupNumber, expiry: groupExpiry, cvc: digitsOnly };
const form = $('form');
const texts = {
  no_chat: 'This page can’t reach the chat. Please close it and tap the button in the chat again.',
  busy: 'The bank is busy just now. Nothing is lost: please try again in a moment.',
  offline: 'The bank can’t be reached. Please look at your connection and try again.',
  code_invalid:
    'This page was open for too long or was opened twice. Please close it and tap the button in the chat again.',
  session_unknown: 'This page was open for too long. Please close it and tap the button in the chat again.',
  closed: 'This page was closed in the chat, so nothing was confirmed. Please tap the button in the chat again.',
};

let view;
/** Done when the chat has answered or won't: whoever is quicker with the card than it waits, and needn't try again. */
let connecting;
/** The page's key at its own backend. In memory only: a frame inside another site gets no cookies. */
let session;
let started = false;
let isDirty = false;

if (window.parent === window) {
  only('outside');
} else {
  for (const [name, format] of Object.entries(fields)) wire($(name), format);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    confirm();
  });
  $('cancel').addEventListener('click', () => {
    clear();
    view?.close();
  });
  connecting = connect();
}

async function connect() {
  try {
    view = await window.GuichetWebView.view;
  } catch {
    trouble(texts.no_chat);
    return;
  }
  follow(view.context);
  view.on('contextChanged', () => follow(view.context));
  view.on('closing', () => clear());
  $('again').hidden = view.state?.step !== 'started';
  session = begin();
  session.catch(() => {});
  view.ready();
  if (matchMedia('(pointer: fine)').matches) $('number').focus();
}

/** Hands the one-time code to our backend at once: it is good for a minute. */
async function begin() {
  const answer = await post('/session', { code: view.code });
  if (answer.status === 201) return answer.body.session;
  if (answer.body.error === 'busy' || answer.status === 0) session = undefined;
  throw new Error(answer.body.error);
}

async function confirm() {
  if (form.getAttribute('aria-busy') === 'true') return;
  trouble('');
  busy(true);
  try {
    await connecting;
    if (!view) return trouble(texts.no_chat);
    session ??= begin();
    const typed = Object.fromEntries(Object.keys(fields).map((name) => [name, $(name).value]));
    const { status, body } = await post('/confirm', { session: await session, ...typed });
    if (status === 200) return finish();
    if (status === 422) return showFaults(body.faults);
    fail(body.error);
  } catch (error) {
    fail(error.message);
  } finally {
    busy(false);
  }
}

function finish() {
  clear();
  started = true;
  only('done');
  $('done').focus();
}

function fail(code) {
  trouble(texts[code] ?? texts.busy);
  // What can't succeed any more isn't offered again.
  if (code === 'closed' || code === 'code_invalid' || code === 'session_unknown') $('confirm').disabled = true;
}

function showFaults(faults) {
  for (const name of Object.keys(fields)) {
    const input = $(name);
    const text = faults[name] ?? '';
    $(`${name}-fault`).textContent = text;
    $(`${name}-fault`).hidden = !text;
    if (text) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
  }
  const first = Object.keys(fields).find((name) => faults[name]);
  if (first) $(first).focus();
}

function wire(input, format) {
  input.addEventListener('beforeinput', (event) => {
    const { selectionStart: caret, selectionEnd, value } = input;
    if (event.inputType !== 'deleteContentBackward' || caret !== selectionEnd) return;
    const at = caretBeforeDeletion({ text: value, caret });
    if (at !== caret) input.setSelectionRange(at, at);
  });
  input.addEventListener('input', (event) => {
    // A word that an input method is still composing isn't ours to change.
    if (event.isComposing) return;
    const typed = { text: input.value, caret: input.selectionStart ?? input.value.length };
    const deletes = event.inputType?.startsWith('delete');
    const next =
      deletes && input.id === 'expiry' && !/\d{3}/.test(typed.text.replace(/\D/g, '')) ? shorter(typed) : format(typed);
    if (next.text !== input.value) {
      input.value = next.text;
      input.setSelectionRange(next.caret, next.caret);
    }
    unfault(input);
    dirty();
  });
}

/** Deleting back over " / " must not bring it back. */
function shorter({ text, caret }) {
  const left = text.replace(/\D/g, '').slice(0, 2);
  return { text: left, caret: Math.min(caret, left.length) };
}

function unfault(input) {
  input.removeAttribute('aria-invalid');
  $(`${input.id}-fault`).hidden = true;
}

/** Guichet asks before it closes a page with something typed in it; of the state it keeps only that one had begun. */
function dirty() {
  tellDirty(Object.keys(fields).some((name) => $(name).value !== ''));
  if (started || !view) return;
  started = true;
  Promise.resolve(view.saveState({ step: 'started' })).catch(() => {});
}

function tellDirty(now) {
  if (now === isDirty || !view) return;
  isDirty = now;
  view.setDirty(now);
}

function clear() {
  form.reset();
  tellDirty(false);
}

function busy(on) {
  form.setAttribute('aria-busy', String(on));
  $('confirm').textContent = on ? 'Checking…' : 'Confirm';
  $('status').textContent = on ? 'Checking your card' : '';
}

function trouble(text) {
  $('trouble').textContent = text;
}

function only(id) {
  for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== id;
}

function follow(context) {
  document.documentElement.dataset.scheme = context.color_scheme === 'dark' ? 'dark' : 'light';
}

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: answer.status, body: await answer.json().catch(() => ({ error: 'busy' })) };
  } catch {
    return { status: 0, body: { error: 'offline' } };
  }
}
