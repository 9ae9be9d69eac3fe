import { expect, test } from 'vitest';
import { kindOf } from './FilePart';
import { plainName, shortName } from './name';

test('a name that turns itself round shows what it really ends in', () => {
  expect(plainName('invoice-\u202efdp.exe')).toBe('invoice-fdp.exe');
  expect(plainName('a\u2067b\u0000c\n.pdf')).toBe('abc.pdf');
  expect(plainName('كشف حساب.pdf')).toBe('كشف حساب.pdf');
});

test('of a name too long its beginning and its end are shown', () => {
  const shown = shortName(`${'a'.repeat(250)}-2026.pdf`);

  expect([...shown]).toHaveLength(71);
  expect(shown).toMatch(/^a{54}….*-2026\.pdf$/);
  expect(shortName('😀'.repeat(100))).not.toContain('\ufffd');
  expect(shortName('short.pdf')).toBe('short.pdf');
});

test('the kind is what the name really ends in', () => {
  expect(kindOf({ name: 'invoice-\u202efdp.exe' })).toBe('EXE');
  expect(kindOf({ name: 'x.exe\u200f' })).toBe('EXE');
  expect(kindOf({ name: 'no ending', content_type: 'application/pdf' })).toBe('PDF');
});
