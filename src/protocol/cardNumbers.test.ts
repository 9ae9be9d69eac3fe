import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsCardNumber, passesLuhn, pathOfCardNumber } from './cardNumbers';

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
const inFours = (digits: string, between: string, four = /\d{1,4}/g) => digits.match(four)?.join(between) ?? '';
const digitsFrom = (zero: number, digits: string) =>
  [...digits].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');

describe('a card number is seen', () => {
  test.each(Object.entries(cards))('of %s', (_, digits) => {
    expect(holdsCardNumber(digits)).toBe(true);
  });

  test.each([
    ...[' ', '-', '\u00a0', '\u2009', '\u202f', '\u3000', '\u2010', '\u2013', '\u2014', '\u2212', '\u200b', '\u00ad'],
    ...[' - ', '   ', '\t', '\n', '\r\n'],
  ])('in fours with %j between them', (between) => {
    for (const digits of Object.values(cards)) expect(holdsCardNumber(inFours(digits, between))).toBe(true);
  });

  test('in fours with dots between them, which stand in fractions too', () => {
    for (const digits of Object.values(cards).filter(({ length }) => length === 16))
      expect(holdsCardNumber(inFours(digits, '.'))).toBe(true);
    expect(holdsCardNumber('3782.822463.10005')).toBe(true);
  });

  test.each([
    ['American Express', '3782 822463 10005'],
    ['Diners', '3056 930902 5904'],
  ])('in the groups of %s, with other digits around it', (_, printed) => {
    expect(holdsCardNumber(printed)).toBe(true);
    expect(holdsCardNumber(`12 ${printed} 0829 123`)).toBe(true);
  });

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
      [[[[[cards.visa]]]], 'result[0][0][0][0]'],
      [{ [cards.visa]: true }, 'result'],
      [{ deep: { [inFours(cards.visa, ' ')]: { a: 1 } } }, 'result.deep'],
    ] as const)
      expect(pathOfCardNumber(value, 'result')).toBe(path);
  });
});

describe('no card number is seen', () => {
  test.each([
    ['the last four digits', '1111'],
    ['a masked number', '4111 11** **** 1111'],
    ['a wrong check digit', '4111111111111112'],
    ['an order number', 'Order 1000000000000000'],
    ['a longer run of digits that holds one', `9${cards.visa}9`],
    ['an ISO time', '2026-11-22T20:34:11.123Z'],
    ['an IBAN', 'DE89370400440532013000'],
    ['a phone number', '+49 30 901820-1234'],
    ['a fraction', '0.4111111111111111'],
    ['a pair of coordinates', '52.520008 13.404954'],
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

  test('behind a word that merely looks like an IBAN’s beginning: there it is seen', () => {
    expect(holdsCardNumber(`AB12 ${cards.visa}`)).toBe(true);
    expect(holdsCardNumber(`DE89 3704 0044 0532 0130 00 ${inFours(cards.visa, ' ')}`)).toBe(true);
  });
});

/** How often something honest is refused; docs/web-view-sdk.md has these figures. Fixed samples: the same in each run. */
describe('of a thousand honest values of a kind, so many are taken for a card number', () => {
  const number = (digits: number) => fc.stringMatching(new RegExp(`^\\d{${digits}}$`));
  const like = (pattern: string) => fc.stringMatching(new RegExp(`^${pattern}$`));
  const iban = (country: string, digits: number) =>
    number(digits).map((account) => {
      const letters = [...country].map((letter) => Number.parseInt(letter, 36)).join('');
      return `${country}${String(98n - (BigInt(`${account}${letters}00`) % 97n)).padStart(2, '0')}${account}`;
    });
  const taken = (values: fc.Arbitrary<string>) =>
    fc.sample(values, { seed: 4, numRuns: 1_000 }).filter(holdsCardNumber).length;

  test.each<[string, fc.Arbitrary<string>]>([
    [
      'phone numbers with a plus',
      like('\\+(49 1[567]\\d \\d{4} \\d{4}|44 7\\d{3} \\d{6}|33 6( \\d\\d){4}|1 \\d{3}-\\d{3}-\\d{4}|43\\d{11})'),
    ],
    ['phone numbers without', like('(00)?(491[567]\\d{9}|447\\d{9}|336\\d{8}|1\\d{10}|4366\\d{9})')],
    ['IBANs', iban('DE', 18)],
    [
      'IBANs in fours',
      fc.oneof(iban('DE', 18), iban('FR', 23), iban('PL', 24)).map((one) => inFours(one, ' ', /.{1,4}/g)),
    ],
    ['times in milliseconds', fc.integer({ min: 1.5e12, max: 2.5e12 }).map(String)],
    ['times in microseconds', fc.integer({ min: 1.5e15, max: 2.2e15 }).map(String)],
    ['times as fourteen digits', like('20[0-4]\\d(0[1-9]|1[0-2])(0[1-9]|[12]\\d)([01]\\d|2[0-3])[0-5]\\d[0-5]\\d')],
    ['order numbers of up to twelve digits', like('(ORD-|#)?\\d{6,12}')],
    ['fractions', fc.double({ min: 0, max: 1, noNaN: true }).map(String)],
    ['UUIDs', fc.uuid()],
    ['numbers of twenty digits', number(20)],
  ])('%s: none', (_, values) => {
    expect(taken(values)).toBe(0);
  });

  test.each<[string, fc.Arbitrary<string>, number]>([
    ['order numbers of thirteen digits', number(13), 25],
    ['of fourteen or fifteen', fc.oneof(number(14), number(15)), 25],
    ['of sixteen', number(16), 50],
    ['of sixteen in fours', number(16).map((one) => inFours(one, ' ')), 50],
    ['of seventeen to nineteen', fc.oneof(number(17), number(18), number(19)), 40],
  ])('%s: at most %3$i', (_, values, most) => {
    expect(taken(values)).toBeGreaterThan(0);
    expect(taken(values)).toBeLessThanOrEqual(most);
  });
});

test('any value is looked through without a crash, however deep or long', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(['undefined', 'string']).toContain(typeof pathOfCardNumber(value, 'result'));
    }),
  );
  for (const unit of ['4 ', '4-', '4', '4.', 'AB12 ', '1234.'])
    expect(holdsCardNumber(unit.repeat(8_192 / unit.length))).toBe(false);
  expect(pathOfCardNumber(JSON.parse(`${'['.repeat(4_000)}1${']'.repeat(4_000)}`), 'result')).toBeUndefined();
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
