import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { familyOf, isShown, kinds } from './kinds';

test('docs/files.md lists every kind that is taken, and no other', () => {
  const page = readFileSync(new URL('../../../docs/files.md', import.meta.url), 'utf8');
  const wanted = Object.values(kinds).map(
    ({ means, type, family }) => `| ${means} | \`${type}\` | ${family === 'file' ? 'as a download' : 'in the chat'} |`,
  );

  const table = page.slice(page.indexOf('| kind |'), page.indexOf('\nAll else is refused')).trim().split('\n').slice(2);

  expect(table).toEqual(wanted);
});

test('nothing that could hold a script is shown in place', () => {
  for (const { type } of Object.values(kinds)) {
    expect(type).not.toMatch(/html|xml$|svg|javascript/);
    expect(isShown(type)).toBe(/^(?:image|video|audio)\/(?!heic)/.test(type));
  }
  for (const type of ['text/html', 'image/svg+xml', 'application/pdf', 'text/plain; charset=utf-8', '']) {
    expect(isShown(type)).toBe(false);
    expect(familyOf(type)).toBe('file');
  }
});
