import { expect, type FrameLocator, type Locator } from '@playwright/test';

/** A number that no bank has given out: Visa's prefix, sixteen digits, a right check digit, ending in the sample's 0003. */
export const testCard = withCheckDigit('400000250000000');
/** The same with one digit wrong. */
export const wrongCard = `${testCard.slice(0, -1)}${(Number(testCard.slice(-1)) + 1) % 10}`;

/** The bank's own page in a sheet of the chat. */
export class CardPage {
  readonly number: Locator;
  readonly expiry: Locator;
  readonly cvc: Locator;
  readonly confirm: Locator;
  readonly cancel: Locator;

  constructor(readonly frame: FrameLocator) {
    this.number = frame.getByLabel('Card number');
    this.expiry = frame.getByLabel('Expiry');
    this.cvc = frame.getByLabel('CVC');
    this.confirm = frame.getByRole('button', { name: 'Confirm' });
    this.cancel = frame.getByRole('button', { name: 'Cancel and go back to the chat' });
  }

  fault = (name: 'number' | 'expiry' | 'cvc') => this.frame.locator(`#${name}-fault`);

  /** The chat has welcomed it: then it has the chat's colour scheme. */
  async ready() {
    await expect(this.frame.locator('html[data-guichet-scheme]')).toBeAttached();
    await expect(this.number).toBeVisible();
  }

  async fill({ number = testCard, expiry = expiryAhead(), cvc = '123' } = {}) {
    // Typed as a person does, for the page groups the digits while they come.
    await this.number.fill('');
    await this.number.pressSequentially(number);
    await this.expiry.fill('');
    await this.expiry.pressSequentially(expiry);
    await this.cvc.fill(cvc);
  }
}

export function expiryAhead(): string {
  return `08${String((new Date().getFullYear() + 3) % 100).padStart(2, '0')}`;
}

function withCheckDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const counted = place % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (counted > 9 ? counted - 9 : counted);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
