export type CardFields = { number: string; expiry: string; cvc: string };
export type CardFaults = Partial<Record<keyof CardFields, string>>;
export type CheckedCard = { last4: string; brand: Brand };
export type Brand = 'Visa' | 'Mastercard' | 'Maestro' | 'American Express';

/**
 * What can be known of a card without asking anybody: the issuer's prefix, the length, the check digit, the expiry and
 * the code's length. The texts are for the customer; they never repeat what was typed.
 */
export function checkCard(fields: CardFields, now: Date): { card: CheckedCard } | { faults: CardFaults } {
  const faults: CardFaults = {};
  const digits = fields.number.replace(/[\s-]/g, '');
  const brand = brandOf(digits);

  if (digits === '') faults.number = 'Please type the number on the front of your card.';
  else if (/\D/.test(digits)) faults.number = 'A card number has digits only.';
  else if (!brand) faults.number = 'This isn’t a number of a card that we know. Please look at its first digits.';
  else if (!brand.lengths.includes(digits.length)) faults.number = lengthFault(digits.length, brand.lengths);
  else if (!passesLuhn(digits)) faults.number = 'There’s a digit wrong somewhere. Please compare it with your card.';

  const expiry = expiryFault(fields.expiry, now);
  if (expiry) faults.expiry = expiry;

  const cvcLength = brand?.cvc ?? 3;
  const cvc = fields.cvc.trim();
  if (cvc === '') faults.cvc = 'Please type the code.';
  else if (!/^\d+$/.test(cvc) || cvc.length !== cvcLength) faults.cvc = `The code has ${cvcLength} digits.`;

  if (!brand || Object.keys(faults).length > 0) return { faults };
  return { card: { last4: digits.slice(-4), brand: brand.name } };
}

/** The check digit of ISO/IEC 7812: from the right, every second digit counts double. */
export function passesLuhn(digits: string): boolean {
  if (!/^\d+$/.test(digits)) return false;
  let total = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const counted = place % 2 === 1 ? digit * 2 : digit;
    total += counted > 9 ? counted - 9 : counted;
  }
  return total % 10 === 0;
}

/** A card is good through the last day of its month. */
export function expiryFault(text: string, now: Date): string | undefined {
  if (text.trim() === '') return 'Please type the month and year.';
  const [, month = '', year = ''] = /^\s*(\d{1,2})\s*[/\-. ]?\s*(\d{2}|\d{4})\s*$/.exec(text) ?? [];
  const monthNumber = Number(month);
  if (!year || monthNumber < 1 || monthNumber > 12) return 'Month and year, such as 08 / 29.';
  const fullYear = year.length === 2 ? 2000 + Number(year) : Number(year);
  const firstDayAfter = Date.UTC(fullYear, monthNumber, 1);
  if (firstDayAfter <= now.getTime()) return 'This card has expired.';
  if (fullYear > now.getUTCFullYear() + 20) return 'No card is good for that long.';
  return undefined;
}

type BrandRule = { name: Brand; prefix: RegExp; lengths: number[]; cvc: number };

const brands: BrandRule[] = [
  { name: 'Visa', prefix: /^4/, lengths: [13, 16, 19], cvc: 3 },
  { name: 'Mastercard', prefix: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16], cvc: 3 },
  { name: 'American Express', prefix: /^3[47]/, lengths: [15], cvc: 4 },
  { name: 'Maestro', prefix: /^(50|5[6-9]|6)/, lengths: [12, 13, 14, 15, 16, 17, 18, 19], cvc: 3 },
];
const brandOf = (digits: string): BrandRule | undefined => brands.find((brand) => brand.prefix.test(digits));

function lengthFault(length: number, lengths: number[]): string {
  return length < Math.max(...lengths) ? 'Some digits are missing.' : 'These are too many digits.';
}
