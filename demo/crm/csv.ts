/*
 * CSV as RFC 4180 has it, read as it comes: quotes, commas and line ends in fields; lines end in CRLF, LF or CR; empty lines
 * are passed over. A row that breaks the rules is told with the line where it begins and the next one goes on. A quote that is
 * never closed would swallow all that follows: there reading stops.
 */
export type Row = { line: number; fields: string[] } | { line: number; fault: string };

/** The file can't be read on. `line` is where the trouble begins. */
export class CsvError extends Error {
  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
    this.name = 'CsvError';
  }
}

/** Characters of one row: more is a quote that was forgotten. */
const longest = 100_000;

/** @throws CsvError */
export async function* readCsv(chunks: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Row> {
  let line = 1;
  let start = 1;
  let fields: string[] = [];
  let field = '';
  let size = 0;
  let fault: string | undefined;
  let isQuoted = false;
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  let afterCr = false;

  const endField = () => {
    fields.push(field);
    field = '';
    state = 'start';
  };
  const endRow = (): Row | undefined => {
    const isEmpty = fields.length === 0 && field === '' && !isQuoted;
    endField();
    const row: Row = fault ? { line: start, fault } : { line: start, fields };
    [fields, fault, isQuoted, size] = [[], undefined, false, 0];
    return isEmpty ? undefined : row;
  };

  for await (const chunk of chunks) {
    for (const char of chunk) {
      const wasCr = afterCr;
      afterCr = char === '\r';
      if (char === '\n' && wasCr && state !== 'quoted') {
        start = line;
        continue;
      }
      if (++size > longest)
        throw new CsvError(start, `this row has more than ${longest} characters; is a quote missing?`);
      const isLineEnd = char === '\n' || char === '\r';
      if (isLineEnd && !(char === '\n' && wasCr)) line++;

      if (state === 'quoted') {
        if (char === '"') state = 'closed';
        else field += char;
      } else if (isLineEnd) {
        const row = endRow();
        start = line;
        if (row) yield row;
      } else if (char === ',') {
        endField();
      } else if (char === '"') {
        if (state === 'start') {
          state = 'quoted';
          isQuoted = true;
        } else if (state === 'closed') {
          field += char;
          state = 'quoted';
        } else {
          fault ??=
            'a quote in the middle of a field; a field that has one stands in quotes, and its quotes are doubled';
        }
      } else {
        if (state === 'closed') fault ??= 'something after the quote that closes a field';
        state = 'plain';
        field += char;
      }
    }
  }
  if (state === 'quoted') throw new CsvError(start, 'a quote is opened and never closed');
  const row = endRow();
  if (row) yield row;
}
