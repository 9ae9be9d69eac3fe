import { afterEach, describe, expect, test } from 'vitest';
import { ar } from './ar';
import { de } from './de';
import { en } from './en';
import { chooseLocale, dayName, fill, locale, setLocale, sizeOf, t } from './locale';

afterEach(() => setLocale('en'));

const values = (text: string | object) =>
  [...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const unique = (names: (string | undefined)[]) => [...new Set(names)];

describe('texts', () => {
  test.each([
    ['ar', ar],
    ['de', de],
  ])('%s has every text, with the same gaps to fill', (_, texts) => {
    expect(Object.keys(texts)).toEqual(Object.keys(en));
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, unique(values(texts[key]))]).toEqual([key, unique(values(en[key]))]);
  });

  test.each([
    ['ar', ar],
    ['de', de],
    ['en', en],
  ])('%s has every plural form that its language needs', (tag, texts) => {
    const needed = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
    const plurals = Object.values(texts).filter((text): text is { other: string } => typeof text === 'object');

    for (const plural of plurals) {
      const has = Object.keys(plural);
      expect(has).toContain('other');
      // Zero falls back to "other" where nothing is ever counted to zero.
      for (const category of needed) if (category !== 'zero') expect(has).toContain(category);
    }
  });

  test('plurals follow the language’s rules', async () => {
    expect([1, 2].map((count) => t('newMessages', { count }))).toEqual(['1 new message', '2 new messages']);
    await setLocale('ar');

    expect([1, 2, 3, 11, 100].map((count) => t('newMessages', { count }).replace(/[\d٠-٩]+ /, ''))).toEqual([
      'رسالة جديدة واحدة',
      'رسالتان جديدتان',
      'رسائل جديدة',
      'رسالة جديدة',
      'رسالة جديدة',
    ]);
  });

  test('what is filled in is never read as a gap', () => {
    expect(fill(locale.value, 'typing', { name: '{name} $& {count}' })).toBe('{name} $& {count} is typing');
  });

  test('the first wish that there are texts for wins, with its region', () => {
    expect(chooseLocale([undefined, 'xx', 'de-AT', 'ar'])).toBe('de-AT');
    expect(chooseLocale(['AR-eg'])).toBe('ar-EG');
    expect(chooseLocale(['fr', 'zz'])).toBe('en');
    expect(chooseLocale(['de-@@', '__proto__', 'constructor'])).toBe('de');
  });

  test('the direction is the language’s', async () => {
    await setLocale('ar-EG');
    expect(locale.value).toMatchObject({ tag: 'ar-EG', direction: 'rtl' });
    await setLocale('de');

    expect(locale.value).toMatchObject({ tag: 'de', direction: 'ltr' });
  });
});

describe('days and sizes', () => {
  const now = new Date(2026, 9, 25, 0, 30);

  test('today and yesterday go by the calendar, not by hours', () => {
    expect(dayName(new Date(2026, 9, 25, 0, 1).toISOString(), now)).toBe('Today');
    expect(dayName(new Date(2026, 9, 24, 23, 59).toISOString(), now)).toBe('Yesterday');
    expect(dayName(new Date(2026, 9, 21, 12).toISOString(), now)).toBe('Wednesday, October 21');
    expect(dayName(new Date(2025, 11, 31, 12).toISOString(), now)).toBe('Wednesday, December 31, 2025');
  });

  test('sizes are short', () => {
    expect([0, 1, 999, 84_213, 1_234_567, 12_345_678].map(sizeOf)).toEqual([
      '0 bytes',
      '1 byte',
      '999 bytes',
      '84 kB',
      '1.2 MB',
      '12 MB',
    ]);
  });
});
