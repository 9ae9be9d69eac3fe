/**
 * A guard against a careless page, not a promise: finds what reads as a payment card's number. The web view SDK looks before anything leaves the page,
 * the server before anything is kept.
 *
 * A run is digits of any script with spaces, dashes or invisible characters between them, or dots between groups of four and more. It is a card number when the whole of it, those taken out, has the
 * prefix and the length of an issuer's numbers and a right check digit; or when groups in it do that are set as cards' are (all in one, in fours, 4-6-5, 4-6-4).
 * Not taken for one: UUIDs, IBANs with a right checksum, phone numbers with a plus, decimal fractions.
 */

/** Digits, and at most three spaces, dashes or invisible characters between two groups. */
const runs = /\d+(?:[\s\p{Pd}\p{Cf}\u2212]{1,3}\d+)*/gu;
/** Prefix and lengths of each issuer's numbers. */
const issuers: [RegExp, number, number][] = [
  // Visa of 13 digits isn't issued any more. With 43 and 49 they'd be mobile numbers of Austria and Germany.
  [/^4(?![39])/, 13, 13],
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
/** How cards print their numbers, by the lengths of the groups. */
const printed = /^(?:4,4,4,4(?:,\d)?|4,6,[45]|\d+)$/;

/** One in a thousand would have a run of digits that passes as a card's. */
const uuids = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi;
const ibans = /\b[a-z]{2}\d\d(?: ?[a-z\d]){11,30}\b/gi;
/** Not of decimal fractions, whose digits would pass now and then. */
const dots = /(\d{4})\.(?=\d{4})/g;

export function holdsCardNumber(text: string): boolean {
  const plain = asciiDigits(text).replace(uuids, 'x').replace(ibans, withoutIban).replace(dots, '$1-');
  for (const { 0: run, index } of plain.matchAll(runs)) {
    const groups = run.split(/\D+/);
    if (isElsewise(plain, index, groups)) continue;
    if (isCardNumber(groups.join(''))) return true;
    for (let from = 0; from < groups.length; from += 1) {
      for (let to = from + 1; to <= from + 5 && to <= groups.length; to += 1) {
        const some = groups.slice(from, to);
        if (printed.test(String(some.map(({ length }) => length))) && isCardNumber(some.join(''))) return true;
      }
    }
  }
  return false;
}

/** A phone number's plus, or the point of a decimal fraction, before it. */
function isElsewise(text: string, index: number, groups: string[]): boolean {
  const before = text.slice(Math.max(0, index - 2), index);
  return (before.endsWith('+') && groups.join('').length <= 15) || (/\d\.$/.test(before) && groups.length === 1);
}

/** Where in a value it stands, such as `result.card[0].number`: in texts, whole numbers and the names of members. Values are looked at one by one. */
export function pathOfCardNumber(value: unknown, path: string): string | undefined {
  // Without recursion: what came may be nested deeper than the stack.
  const left: [unknown, string][] = [[value, path]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [each, at] = next;
    if ((typeof each === 'string' || Number.isInteger(each)) && holdsCardNumber(String(each))) return at;
    if (typeof each !== 'object' || each === null) continue;
    for (const [key, inner] of Object.entries(each)) {
      if (holdsCardNumber(key)) return at;
      left.push([inner, Array.isArray(each) ? `${at}[${key}]` : `${at}.${key}`]);
    }
  }
  return undefined;
}

const isCardNumber = (digits: string) =>
  issuers.some(([prefix, least, most]) => digits.length >= least && digits.length <= most && prefix.test(digits)) &&
  passesLuhn(digits);

/** An IBAN's own checksum (ISO 7064, mod 97) tells it from a card number behind two letters. */
function withoutIban(text: string): string {
  // Words behind it, up to a space, may have been taken with it.
  for (let end = text.length; end >= 15; end = text.lastIndexOf(' ', end - 1)) {
    const iban = text.slice(0, end).replace(/ /g, '');
    if (iban.length >= 15 && iban.length <= 34 && remainder(iban.slice(4) + iban.slice(0, 4)) === 1)
      return `x${text.slice(end)}`;
  }
  return text;
}

/** Of the number that digits, and letters as 10 to 35, make; divided by 97. */
const remainder = (signs: string) =>
  [...signs].reduce((rest, sign) => {
    const value = Number.parseInt(sign, 36);
    return (rest * (value > 9 ? 100 : 10) + value) % 97;
  }, 0);

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
