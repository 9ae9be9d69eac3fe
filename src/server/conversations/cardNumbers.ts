import { GuichetError } from '../../protocol/errors';

/**
 * A guard against a careless page, not a promise: refuses a value in which a whole run of digits (spaces and dashes
 * taken out) has a card's length, a known issuer's prefix and a right check digit. Says where, never what.
 *
 * @throws GuichetError INVALID_VALUE
 */
export function refuseCardNumbers(value: unknown, path: string): void {
  const found = pathOfCardNumber(value, path);
  if (found) {
    throw new GuichetError(
      'INVALID_VALUE',
      `${found} looks like a card number. What Guichet keeps must never hold one: send a reference or the last four digits.`,
      [{ path: found, expected: 'no card number', received: 'a run of digits that passes as one' }],
    );
  }
}

function pathOfCardNumber(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return holdsCardNumber(value) ? path : undefined;
  if (typeof value === 'number') return holdsCardNumber(String(value)) ? path : undefined;
  if (Array.isArray(value)) {
    for (const [at, each] of value.entries()) {
      const found = pathOfCardNumber(each, `${path}[${at}]`);
      if (found) return found;
    }
    return undefined;
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      if (holdsCardNumber(key)) return path;
      const found = pathOfCardNumber(each, `${path}.${key}`);
      if (found) return found;
    }
  }
  return undefined;
}

/** A run of digits with single spaces or dashes between them. */
const runs = /\d(?:[ \u00a0-]?\d)*/g;
/** Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro. */
const issuers =
  /^(?:4|5[1-5]|2(?:2[2-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[68])|6(?:011|4[4-9]|5)|35|62|50|5[6-8]|6[37])/;

export function holdsCardNumber(text: string): boolean {
  for (const [run] of text.matchAll(runs)) {
    const digits = run.replace(/\D/g, '');
    if (digits.length >= 13 && digits.length <= 19 && issuers.test(digits) && passesLuhn(digits)) return true;
  }
  return false;
}

export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    let digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    if (at % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}
