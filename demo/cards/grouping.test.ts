import { describe, expect, it } from 'vitest';
import { caretBeforeDeletion, digitsOnly, groupExpiry, groupNumber } from './public/grouping.js';

/** `|` stands for the caret. */
const typed = (marked: string) => ({ text: marked.replace('|', ''), caret: marked.indexOf('|') });
const marked = ({ text, caret }: { text: string; caret: number }) => `${text.slice(0, caret)}|${text.slice(caret)}`;

/** Types one character after the other, as a person does. */
function typing(keys: string, format: typeof groupNumber): string {
  let field = { text: '', caret: 0 };
  for (const key of keys) {
    const text = field.text.slice(0, field.caret) + key + field.text.slice(field.caret);
    field = format({ text, caret: field.caret + 1 });
  }
  return marked(field);
}

describe('the card number while it is typed', () => {
  it('stands in fours', () => {
    expect(typing('4000002500003155', groupNumber)).toBe('4000 0025 0000 3155|');
  });

  it('keeps the caret behind the digit typed in the middle', () => {
    expect(marked(groupNumber(typed('40009| 0025 0000 315')))).toBe('4000 9|002 5000 0315');
    expect(marked(groupNumber(typed('9|4000 0025')))).toBe('9|400 0002 5');
  });

  it('keeps the caret where a digit was taken out', () => {
    expect(marked(groupNumber(typed('400|0025 0000')))).toBe('400|0 0250 000');
  });

  it('takes what is pasted with dashes, spaces and words', () => {
    expect(marked(groupNumber(typed('card: 4000-0025-0000-3155|')))).toBe('4000 0025 0000 3155|');
  });

  it('never holds more than 19 digits', () => {
    expect(groupNumber(typed(`${'4'.repeat(40)}|`)).text.replace(/ /g, '')).toHaveLength(19);
  });

  it('groups American Express as it stands on the card', () => {
    expect(typing('378282246310005', groupNumber)).toBe('3782 822463 10005|');
  });

  it('lets Backspace behind a space take the digit before it', () => {
    expect(caretBeforeDeletion(typed('4000 |0025'))).toBe(4);
    expect(caretBeforeDeletion(typed('40|00 0025'))).toBe(2);
    expect(caretBeforeDeletion(typed('08 / |29'))).toBe(2);
  });
});

describe('the expiry while it is typed', () => {
  it.each([
    ['0829', '08 / 29|'],
    ['829', '08 / 29|'],
    ['08/29', '08 / 29|'],
    ['1229', '12 / 29|'],
    ['1/29', '01 / 29|'],
    ['0120', '01 / 20|'],
    ['12/2029', '12 / 29|'],
    ['08295', '08 / 29|'],
  ])('%s becomes %s', (keys, shown) => {
    expect(typing(keys, groupExpiry)).toBe(shown);
  });

  it.each([
    ['08/2029|', '08 / 29'],
    ['082029|', '08 / 29'],
    ['8/2029|', '08 / 29'],
    ['08 / 29|', '08 / 29'],
  ])('a password manager’s %s becomes %s', (filled, shown) => {
    expect(groupExpiry(typed(filled)).text).toBe(shown);
  });
});

it('the code takes digits only, at most four', () => {
  expect(marked(digitsOnly(typed('1a2|b345')))).toBe('12|34');
});
