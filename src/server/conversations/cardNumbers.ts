import { pathOfCardNumber } from '../../protocol/cardNumbers';
import { GuichetError } from '../../protocol/errors';

/**
 * Refuses a value in which something reads as a card number. Says where, never what.
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
