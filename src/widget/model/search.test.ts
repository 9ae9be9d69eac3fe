import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchIn } from './search';

const reasons = [
  'Stolen, I have the police log',
  'Lost on the way',
  'Lost at home',
  'Crédit refusé',
  'تمَّ حظر البطاقة',
  'Straße',
];
/** `**Lo**st at home` */
const shown = (query: string, labels: readonly string[] = reasons) =>
  searchIn(labels)(query).map(({ pieces }) => pieces.map(({ text, isHit }) => (isHit ? `*${text}*` : text)).join(''));

describe('searching among options', () => {
  test('those that start so come first, then those with a word that does', () => {
    expect(shown('lo')).toEqual(['*Lo*st on the way', '*Lo*st at home', 'Stolen, I have the police *lo*g']);
  });

  test('every word counts, in any order', () => {
    expect(shown('home lost')).toEqual(['*Lost* at *home*']);
    expect(shown('home way')).toEqual([]);
  });

  test('accents, case and vowel marks don’t count, and are marked with their letter', () => {
    expect(shown('CREDIT')).toEqual(['*Crédit* refusé']);
    expect(shown('refuse')).toEqual(['Crédit *refusé*']);
    expect(shown('refusé')).toEqual(['Crédit *refusé*']);
    expect(shown('re\u0301', ['Re\u0301sume\u0301'])).toEqual(['*Re\u0301*sume\u0301']);
    expect(shown('تم')).toEqual(['*تمَّ* حظر البطاقة']);
    expect(shown('احمد', ['أحمد'])).toEqual(['*أحمد*']);
  });

  test('nothing typed, or only blanks, finds everything in its order', () => {
    expect(shown('').length).toBe(reasons.length);
    expect(shown('  ')[0]).toBe(reasons[0]);
  });

  test('no letter of a label is ever lost, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.string({ unit: 'binary', maxLength: 4 }),
        (labels, query) => {
          for (const { index, pieces } of searchIn(labels)(query))
            expect(pieces.map(({ text }) => text).join('')).toBe(labels[index]);
        },
      ),
    );
  });

  test('a part of a label is always found, and three hundred are searched in no time', () => {
    const labels = Array.from({ length: 300 }, (_, at) => `Branch ${at} in the Østerbro quarter, ${'x'.repeat(150)}`);
    const search = searchIn(labels);
    const from = performance.now();

    for (const query of ['b', 'br', 'branch 2', 'branch 29', 'ø']) expect(search(query).length).toBeGreaterThan(0);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});
