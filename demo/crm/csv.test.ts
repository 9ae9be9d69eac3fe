import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Row, readCsv } from './csv';

async function rows(...chunks: string[]): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of readCsv(chunks)) all.push(row);
  return all;
}

describe('readCsv', () => {
  it.each([
    [
      'commas and line ends in quotes',
      'a,"b, c","d\ne"\r\nf,g,h',
      [
        ['a', 'b, c', 'd\ne'],
        ['f', 'g', 'h'],
      ],
    ],
    ['doubled quotes', '"say ""hi""",""""', [['say "hi"', '"']]],
    [
      'empty fields and empty lines',
      ',\n\n\r\n"",x\n',
      [
        ['', ''],
        ['', 'x'],
      ],
    ],
    [
      'lines that end in CR alone',
      'a,b\rc,d\r',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['no line end after the last row', 'a', [['a']]],
    ['a quoted empty field alone', '""', [['']]],
    ['blanks, which belong to the field', ' a , b ', [[' a ', ' b ']]],
    ['nothing', '', []],
  ])('reads %s', async (_what, text, expected) => {
    expect((await rows(text)).map((row) => 'fields' in row && row.fields)).toEqual(expected);
  });

  it('knows the line where each row begins', async () => {
    const all = await rows('a\r\n\r\n"b\r\nb"\r\nc\rd\n"x"y\nz');

    expect(all.map(({ line }) => line)).toEqual([1, 3, 5, 6, 7, 8]);
    expect(all[4]).toEqual({ line: 7, fault: 'something after the quote that closes a field' });
  });

  it.each([
    ['5" pipe,x', /in the middle of a field/],
    ['"a"b,x', /after the quote that closes/],
    ['"a"b"c,x', /after the quote that closes/],
  ])('names %s as a bad row, and reads on after it', async (text, fault) => {
    const [bad, good] = await rows(`${text}\nc,d`);

    expect(bad && 'fault' in bad && bad.fault).toMatch(fault);
    expect(good).toEqual({ line: 2, fields: ['c', 'd'] });
  });

  it('stops at a quote that is never closed, and says where it was opened', async () => {
    await expect(rows('a\n"b\nc\n')).rejects.toThrow('line 2: a quote is opened and never closed');
    await expect(rows(`a\n"b\n${'c\n'.repeat(60_000)}`)).rejects.toThrow(/^line 2: .*is a quote missing/);
  });

  it('gives back whatever was written, however it comes in pieces', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', '\r\n', ' ', '🦊') });
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 7 }), async (written, size) => {
        const text = written
          .map((fields) => `${fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')}\r\n`)
          .join('');
        const pieces = [...text].reduce<string[]>((all, char, at) => {
          if (at % size === 0) all.push('');
          all.push((all.pop() ?? '') + char);
          return all;
        }, []);

        expect((await rows(...pieces)).map((row) => 'fields' in row && row.fields)).toEqual(written);
      }),
    );
  });
});
