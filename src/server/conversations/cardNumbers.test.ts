import { expect, test } from 'vitest';
import type { GuichetError } from '../../protocol/errors';
import { refuseCardNumbers } from './cardNumbers';

test('a card number is refused by its place, and nothing of it is repeated', () => {
  let fault: unknown;
  try {
    refuseCardNumbers({ list: [{ number: '4111 1111 1111 1111' }] }, 'result');
  } catch (error) {
    fault = error;
  }

  expect(fault).toMatchObject({ code: 'INVALID_VALUE', details: [{ path: 'result.list[0].number' }] });
  expect(JSON.stringify((fault as GuichetError).toBody())).not.toMatch(/4111/);
  expect(() => refuseCardNumbers({ last4: '1111' }, 'result')).not.toThrow();
});
