import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KindName, kinds } from './kinds';
import { cleanName } from './names';

test.each<[given: string, kind: KindName, name: string]>([
  ['cat.png', 'png', 'cat.png'],
  ['CAT.JPEG', 'jpeg', 'CAT.JPEG'],
  ['', 'png', 'image.png'],
  ['   ', 'pdf', 'file.pdf'],
  ['.png', 'png', 'png.png'],
  ['.htaccess', 'text', 'htaccess.txt'],
  ['cat.exe', 'png', 'cat.exe.png'],
  ['run.bat', 'text', 'run.bat.txt'],
  ['page.html', 'text', 'page.html.txt'],
  ['letter.docm', 'docx', 'letter.docm.docx'],
  ['../../etc/passwd', 'text', 'passwd.txt'],
  ['..\\..\\windows\\system.ini', 'text', 'system.ini.txt'],
  ['/', 'text', 'file.txt'],
  ['..', 'text', 'file.txt'],
  ['a/b/..', 'text', 'file.txt'],
  ['a\0b.png', 'png', 'ab.png'],
  ['a\r\nSet-Cookie: x.png', 'png', 'aSet-Cookie_ x.png'],
  ['invoice\u202egnp.exe', 'pdf', 'invoicegnp.exe.pdf'],
  ['\u2066a\u2069\u200e\u200b\ufeff.png', 'png', 'a.png'],
  ['<img src=x>"|?*.png', 'png', '_img src=x_____.png'],
  ['CON', 'text', '_CON.txt'],
  ['nul.png', 'png', '_nul.png'],
  ['com1.tar.txt', 'text', '_com1.tar.txt'],
  ['contract.txt', 'text', 'contract.txt'],
  ['a.png. . .', 'png', 'a.png'],
  ['👩‍👩‍👧‍👦 familie.png', 'png', '👩‍👩‍👧‍👦 familie.png'],
  ['كشف حساب.pdf', 'pdf', 'كشف حساب.pdf'],
  ['می‌خواهم.pdf', 'pdf', 'می‌خواهم.pdf'],
  ['e\u0301.png', 'png', 'é.png'],
  ['a\ud800b.png', 'png', 'a\ufffdb.png'],
])('%j of a %s is called %j', (given, kind, name) => {
  expect(cleanName(given, kind)).toBe(name);
});

test('a name of 5,000 characters is cut between what is seen as characters, and keeps its ending', () => {
  const family = '👩‍👩‍👧‍👦';

  expect(cleanName(`${'a'.repeat(5_000)}.png`, 'png')).toBe(`${'a'.repeat(100)}.png`);
  expect(cleanName(`${'x'.repeat(100_000)}.png`, 'png')).toHaveLength(104);
  expect(cleanName(`${family.repeat(400)}.pdf`, 'pdf').replaceAll(family, '')).toBe('.pdf');
});

test('whatever it is called, its name can be shown, kept by any system and put into a URL and a header', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(...(Object.keys(kinds) as KindName[])),
      (given, kind) => {
        const name = cleanName(given, kind);
        expect(name).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069/\\<>:"|?*]/u);
        expect(name).not.toMatch(/^[. ]|[. ]$/);
        expect(name.length).toBeLessThanOrEqual(200);
        expect(
          (kinds[kind].extensions as readonly string[]).some((each) => name.toLowerCase().endsWith(`.${each}`)),
        ).toBe(true);
        expect(encodeURIComponent(name).length).toBeLessThan(1_900);
        expect(cleanName(name, kind)).toBe(name);
      },
    ),
    { numRuns: 2_000 },
  );
});
