/** The statement story at the demo's bank, as a customer lives it, up to where a spec wants it. */
import { expect, type Frame, type FrameLocator, type Page } from '@playwright/test';
import { commandLine } from '../support/commandLine';
import type { Stack } from '../support/stack';

/** What `guichet …` answers about the demo's installation. */
export const guichet = <T>(stack: Stack, ...args: string[]): Promise<T> => commandLine<T>(stack.serverData, args);

/** A Visa number with a right check digit that belongs to nobody: random, so that nothing can hold it by chance. */
export function cardNumber(): string {
  const digits = `4929${Math.floor(Math.random() * 1e11)
    .toString()
    .padStart(11, '0')}`;
  const sum = [...digits].reduce((total, digit, at) => {
    const counted = at % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (counted > 9 ? counted - 9 : counted);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

export interface BankChat {
  readonly at: FrameLocator;
  readonly widget: Frame;
}

/** As card numbers are printed, and as the bank's page writes them. */
export const grouped = (number: string): string => number.replace(/(.{4})(?=.)/g, '$1 ');

/** Opens the chat on the bank's page and asks for a statement. */
export async function askForStatement(page: Page, stack: Stack): Promise<BankChat> {
  await page.goto(stack.addresses.bank);
  await page.locator('guichet-chat button[aria-haspopup="dialog"]').click();
  const at = page.frameLocator('guichet-chat > iframe');
  await at.getByRole('textbox', { name: 'Write a message' }).click();
  await page.keyboard.type('I need an account statement');
  await page.keyboard.press('Enter');
  const handle = await page.locator('guichet-chat > iframe').elementHandle();
  const widget = await handle?.contentFrame();
  if (!widget) throw new Error('the chat has no frame');
  return { at, widget };
}

/** Opens the card page by its button, and gives its frame once its backend knows whose it is. */
export async function openCardPage(page: Page, { at }: BankChat): Promise<Frame> {
  const [session] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/session') && response.url().includes('//cards.')),
    at
      .getByRole('button', { name: /Confirm card/ })
      .last()
      .click(),
  ]);
  expect(session.status()).toBe(201);
  return session.frame();
}

/** Types into the field by the keyboard, after a click on it. */
export async function typeInto(page: Page, frame: Frame, label: string, text: string): Promise<void> {
  await frame.getByLabel(label).click();
  await page.keyboard.type(text);
}
