import { describe, expect, it } from 'vitest';
import { checkCard, expiryFault, passesLuhn } from './cardCheck';

const now = new Date('2026-11-22T12:00:00Z');
const good = { number: '4000 0025 0000 3155', expiry: '08 / 29', cvc: '123' };
const faultsOf = (fields: Partial<typeof good>) => {
  const checked = checkCard({ ...good, ...fields }, now);
  return 'faults' in checked ? checked.faults : {};
};

describe('checkCard', () => {
  it('takes a good card, however it is grouped, and keeps the last four digits only', () => {
    for (const number of ['4000002500003155', '4000 0025 0000 3155', '4000-0025-0000-3155']) {
      expect(checkCard({ ...good, number }, now)).toEqual({ card: { last4: '3155', brand: 'Visa' } });
    }
  });

  it.each([
    ['4242424242424242', 'Visa'],
    ['5555555555554444', 'Mastercard'],
    ['2223003122003222', 'Mastercard'],
    ['6759649826438453', 'Maestro'],
  ])('knows %s for a %s', (number, brand) => {
    expect(checkCard({ ...good, number }, now)).toMatchObject({ card: { brand } });
  });

  it('asks for four digits of code on an American Express card, and for three elsewhere', () => {
    expect(faultsOf({ number: '378282246310005', cvc: '123' })).toEqual({ cvc: 'The code has 4 digits.' });
    expect(faultsOf({ number: '378282246310005', cvc: '1234' })).toEqual({});
    expect(faultsOf({ cvc: '1234' })).toEqual({ cvc: 'The code has 3 digits.' });
  });

  it('names every wrong field at once', () => {
    expect(Object.keys(faultsOf({ number: '', expiry: '', cvc: '' }))).toEqual(['number', 'expiry', 'cvc']);
  });

  it.each([
    ['4000 0025 0000 3156', 'digit wrong'],
    ['4000 0025 0000 315', 'missing'],
    ['4000 0025 0000 3155 0000', 'too many'],
    ['9999 9999 9999 9995', 'card that we know'],
    ['4000 0025 0000 315x', 'digits only'],
    ['٤٠٠٠٠٠٢٥٠٠٠٠٣١٥٥', 'digits only'],
  ])('refuses %s and says why without repeating it', (number, why) => {
    const { number: fault = '' } = faultsOf({ number });

    expect(fault).toContain(why);
    expect(fault).not.toMatch(/\d{4}/);
  });
});

describe('passesLuhn', () => {
  it('finds every single wrong digit', () => {
    const digits = '4000002500003155';
    for (let place = 0; place < digits.length; place++) {
      for (let digit = 0; digit < 10; digit++) {
        const changed = digits.slice(0, place) + digit + digits.slice(place + 1);
        expect(passesLuhn(changed)).toBe(changed === digits);
      }
    }
  });

  it('refuses what is empty or holds anything but digits', () => {
    expect(passesLuhn('')).toBe(false);
    expect(passesLuhn('4000 0025')).toBe(false);
  });
});

describe('expiryFault', () => {
  it.each(['08 / 29', '8/29', '08/2029', '0829', '11/26'])('takes %s', (text) => {
    expect(expiryFault(text, now)).toBeUndefined();
  });

  it('lets a card be good through the last moment of its month', () => {
    expect(expiryFault('11/26', new Date('2026-11-30T23:59:59.999Z'))).toBeUndefined();
    expect(expiryFault('11/26', new Date('2026-12-01T00:00:00Z'))).toBe('This card has expired.');
    expect(expiryFault('12/26', new Date('2027-01-01T00:00:00Z'))).toBe('This card has expired.');
  });

  it.each([
    ['', 'type'],
    ['13/29', 'such as'],
    ['00/29', 'such as'],
    ['soon', 'such as'],
    ['08', 'such as'],
    ['08/99', 'that long'],
  ])('refuses "%s"', (text, why) => {
    expect(expiryFault(text, now)).toContain(why);
  });
});
