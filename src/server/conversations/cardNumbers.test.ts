import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GuichetError } from '../../protocol/errors';
import { holdsCardNumber, passesLuhn, refuseCardNumbers } from './cardNumbers';

/** Published test numbers, one of each kind. */
const cards = {
  visa: '4111111111111111',
  'visa of 13 digits': '4222222222222',
  mastercard: '5555555555554444',
  'mastercard of the 2-series': '2223003122003222',
  'american express': '378282246310005',
  diners: '30569309025904',
  discover: '6011111111111117',
  jcb: '3530111333300000',
  unionpay: '6200000000000005',
  maestro: '6759649826438453',
};
const inFours = (digits: string, between: string) => digits.match(/\d{1,4}/g)?.join(between) ?? '';
const digitsFrom = (zero: number, digits: string) =>
  [...digits].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');

describe('a card number is seen', () => {
  test.each(Object.entries(cards))('of %s', (_, digits) => {
    expect(holdsCardNumber(digits)).toBe(true);
  });

  test.each([' ', '-', '.', '\u00a0', '\u2009', '\u2013', '\u2212', '\u200b', ' - ', '\t', '\n'].map((each) => [each]))(
    'in fours with %j between them',
    (between) => {
      if (between.length > 2) return expect(holdsCardNumber(inFours(cards.visa, between))).toBe(false);
      for (const digits of Object.values(cards)) expect(holdsCardNumber(inFours(digits, between))).toBe(true);
    },
  );

  test.each([
    ['full-width', 0xff10],
    ['Arabic-Indic', 0x0660],
    ['Persian', 0x06f0],
    ['Devanagari', 0x0966],
    ['Bengali', 0x09e6],
    ['Thai', 0x0e50],
    ['mathematical bold', 0x1d7ce],
    ['mathematical monospace', 0x1d7f6],
  ])('in %s digits', (_, zero) => {
    for (const digits of Object.values(cards)) expect(holdsCardNumber(digitsFrom(zero, digits))).toBe(true);
  });

  test.each([
    'My card is 4111111111111111, thanks',
    'card=4111111111111111&expiry=12/29',
    '4111 1111 1111 1111 12/29 123',
    '12 4111 1111 1111 1111',
    'x4111111111111111x',
    '"4111-1111-1111-1111"',
  ])('in the middle of %j', (text) => {
    expect(holdsCardNumber(text)).toBe(true);
  });

  test('wherever it stands in a value, which is told by path and never by what stands there', () => {
    for (const [value, path] of [
      ['4111111111111111', 'result'],
      [{ card: { number: cards.visa } }, 'result.card.number'],
      [{ list: ['a', { n: 4_111_111_111_111_111 }] }, 'result.list[1].n'],
      [{ [cards.visa]: true }, 'result'],
    ] as const) {
      let fault: unknown;
      try {
        refuseCardNumbers(value, 'result');
      } catch (error) {
        fault = error;
      }
      expect(fault).toMatchObject({ code: 'INVALID_VALUE', details: [{ path }] });
      expect(JSON.stringify((fault as GuichetError).toBody())).not.toMatch(/4111/);
    }
  });
});

describe('no card number is seen', () => {
  test.each([
    ['the last four digits', '1111'],
    ['a masked number', '4111 11** **** 1111'],
    ['a wrong check digit', '4111111111111112'],
    ['an order number', 'Order 1000000000000000'],
    ['a longer run of digits that holds one', `9${cards.visa}9`],
    ['a time in milliseconds', '1763841234567'],
    ['a time in microseconds', '1763841234567890'],
    ['an ISO time', '2026-11-22T20:34:11.123Z'],
    ['an IBAN', 'DE89370400440532013000'],
    ['a phone number', '+49 30 901820-1234'],
    ['a phone number with an extension', '+1 (415) 555-2671 ext. 890'],
    ['a UUID', '0192a3b4-c5d6-7e8f-9012-3456789abcde'],
    ['an amount', '1,234,567.89'],
    ['an IPv4 address', '192.168.100.100'],
    ['a Visa prefix at a length that no Visa has', '411111111111111117'],
    ['nothing', ''],
    ['zeros', '0000000000000000'],
  ])('in %s', (_, text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });

  test('in any UUID', () => {
    fc.assert(fc.property(fc.uuid(), (id) => !holdsCardNumber(id) && !holdsCardNumber(`reference ${id}, thanks`)));
    expect(holdsCardNumber('00000000-0000-4000-8400-000000000000 4111111111111111')).toBe(true);
  });

  test('in a reference of a bank, nearly always', () => {
    const references = fc.sample(fc.stringMatching(/^REF-\d{10}$/), 1_000);
    expect(references.filter(holdsCardNumber)).toEqual([]);
  });
});

test('every value of any kind is taken or refused, never a crash, and quickly', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      try {
        refuseCardNumbers(value, 'result');
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_VALUE' });
      }
    }),
  );
  const started = performance.now();
  holdsCardNumber('4 '.repeat(4_096));
  holdsCardNumber('4-'.repeat(4_096));
  holdsCardNumber('4'.repeat(8_192));
  refuseCardNumbers(JSON.parse(`${'['.repeat(4_000)}1${']'.repeat(4_000)}`), 'result');
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("Luhn's sum finds every single wrong digit", () => {
  for (const digits of Object.values(cards)) {
    expect(passesLuhn(digits)).toBe(true);
    for (let at = 0; at < digits.length; at += 1) {
      const wrong = digits.slice(0, at) + ((Number(digits[at]) + 1) % 10) + digits.slice(at + 1);
      expect(passesLuhn(wrong)).toBe(false);
    }
  }
});
