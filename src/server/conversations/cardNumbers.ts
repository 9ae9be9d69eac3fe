import { GuichetError } from '../../protocol/errors';

/**
 * A guard against a careless page, not a promise: refuses a value in which whole groups of digits that stand together
 * (spaces, dashes, dots taken out) have a known issuer's prefix and length and a right check digit. Says where, never what.
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

/** Without recursion: what came may be nested deeper than the stack. */
function pathOfCardNumber(value: unknown, path: string): string | undefined {
  const left: [unknown, string][] = [[value, path]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [each, at] = next;
    if ((typeof each === 'string' || typeof each === 'number') && holdsCardNumber(String(each))) return at;
    if (typeof each !== 'object' || each === null) continue;
    for (const [key, inner] of Object.entries(each)) {
      if (holdsCardNumber(key)) return at;
      left.push([inner, Array.isArray(each) ? `${at}[${key}]` : `${at}.${key}`]);
    }
  }
  return undefined;
}

/** Groups of digits with at most two spaces, dashes, dots or invisible characters between them. */
const runs = /\d+(?:[\s\p{Pd}\p{Cf}\u2212.]{1,2}\d+)*/gu;
/** Prefix and lengths of each issuer's numbers. */
const issuers: [RegExp, number, number][] = [
  [/^4/, 13, 13],
  [/^4/, 16, 16], // Visa
  [/^4/, 19, 19],
  [/^(?:5[1-5]|2(?:2[2-9]|[3-6]|7[01]|720))/, 16, 16], // Mastercard
  [/^3[47]/, 15, 15], // American Express
  [/^3(?:0[0-5]|[689])/, 14, 19], // Diners
  [/^6(?:011|4[4-9]|5)/, 16, 19], // Discover
  [/^35/, 16, 19], // JCB
  [/^62/, 16, 19], // UnionPay
  [/^(?:50|5[6-8]|6[037])/, 13, 19], // Maestro
];

/** One in a thousand would have a run of digits that passes as a card's. */
const uuids = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi;

export function holdsCardNumber(text: string): boolean {
  for (const [run] of asciiDigits(text).replace(uuids, 'x').matchAll(runs)) {
    const groups = run.split(/\D+/);
    for (let from = 0; from < groups.length; from += 1) {
      let digits = '';
      for (let to = from; to < groups.length && digits.length < 19; to += 1) {
        digits += groups[to];
        if (isCardNumber(digits)) return true;
      }
    }
  }
  return false;
}

const isCardNumber = (digits: string) =>
  issuers.some(([prefix, least, most]) => digits.length >= least && digits.length <= most && prefix.test(digits)) &&
  passesLuhn(digits);

/** Digits of other scripts as ASCII ones: each script has its ten in a row. */
function asciiDigits(text: string): string {
  return text.normalize('NFKC').replace(/[^\P{Nd}0-9]/gu, (digit) => {
    const code = digit.codePointAt(0) as number;
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
    return String(value);
  });
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
