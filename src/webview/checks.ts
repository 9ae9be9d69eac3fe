import { pathOfCardNumber } from '../protocol/cardNumbers';
import { failure, wrong } from './failure';

/** The protocol's, which a test compares: its whole table would be downloaded with them. In characters, and bytes of JSON. */
export const bounds = { title: 80, summary: 300, json: 8_192, depth: 64 };

/** Of a title, a summary, an announcement. @throws Error `invalid`, `card_number` */
export function checkText(what: string, value: unknown, most: number): void {
  if (typeof value !== 'string') throw wrong(what, 'a text', value);
  if (value.length > most) throw wrong(what, `at most ${most} characters`, value.length);
  refuseCardNumber(what, value);
}

/** Of a state or a result. @throws Error `invalid`, `card_number` */
export function checkJson(what: string, value: unknown): void {
  checkPlain(value, what, { left: bounds.json });
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  if (bytes > bounds.json) throw wrong(what, `at most ${bounds.json} bytes of JSON`, bytes);
  refuseCardNumber(what, value);
}

/** What JSON would change without a word, or leave out, is refused by its place. `count.left` ends it early on what is endless. */
function checkPlain(value: unknown, at: string, count: { left: number }, depth = 0): void {
  if (--count.left < 0) throw wrong(at, `at most ${bounds.json} bytes of JSON`, 'more');
  if (depth > bounds.depth) throw wrong(at.slice(0, 60), `data nested at most ${bounds.depth} deep`, 'deeper');
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkPlain(value[i], `${at}[${i}]`, count, depth + 1);
  } else if (typeof value === 'object' && isPlain(value as object)) {
    for (const [key, inner] of Object.entries(value as object))
      if (inner !== undefined) checkPlain(inner, `${at}.${key}`, count, depth + 1);
  } else throw wrong(at, 'plain data: objects, arrays, texts, finite numbers, booleans, null', value);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** So a careless page's card number never leaves the page. Told in its console, by place and never by value. */
function refuseCardNumber(what: string, value: unknown): void {
  const at = pathOfCardNumber(value, what);
  if (!at) return;
  const message = `${at} looks like a card number, which the chat must never hold. It was not sent: send a reference or the last four digits.`;
  console.error(`guichet: ${message}`);
  throw Object.assign(failure('card_number', message), { path: at });
}
