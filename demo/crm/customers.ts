import { CsvError, type Row } from './csv';

/** Fields of a `/v2` user as a row gives them; what a row leaves empty is absent, and stays as it is. */
export type Customer = {
  reference_id?: string;
  email?: string;
  first_name?: string;
  last_name?: string;
  phone?: string;
  properties?: { name: string; value: string }[];
};
export type Read = { line: number; customer: Customer } | { line: number; fault: string };

const own = ['reference_id', 'email', 'first_name', 'last_name', 'phone'] as const;

/**
 * The first row names the columns: those of a user by their names in `/v2`, any other becomes a property of that name.
 *
 * @throws CsvError when the columns can't be used
 */
export async function* readCustomers(rows: AsyncIterable<Row>): AsyncGenerator<Read> {
  let columns: string[] | undefined;
  for await (const row of rows) {
    if (!columns) columns = columnsOf(row);
    else if ('fault' in row) yield row;
    else yield { line: row.line, ...customerOf(columns, row.fields) };
  }
  if (!columns) throw new CsvError(1, 'the file is empty; its first row has to name the columns');
}

function columnsOf(row: Row): string[] {
  const wrong = (what: string) =>
    new CsvError(row.line, `${what}. The first row names the columns, such as ${own.join(',')}`);
  if ('fault' in row) throw wrong(row.fault);
  const names = row.fields.map((name) => {
    const trimmed = name.trim();
    return own.find((each) => each === trimmed.toLowerCase()) ?? trimmed;
  });
  if (names.length === 1 && /[;\t]/.test(names[0] ?? '')) throw wrong('the columns have to be separated by commas');
  if (names.some((name) => name === '')) throw wrong('a column has no name');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw wrong(`the column ${twice} is there twice`);
  if (!names.includes('reference_id') && !names.includes('email')) {
    throw wrong('there is neither reference_id nor email to know customers by');
  }
  return names;
}

function customerOf(columns: string[], fields: string[]): { customer: Customer } | { fault: string } {
  if (fields.length !== columns.length) return { fault: `expected ${columns.length} fields, got ${fields.length}` };
  const customer: Customer = {};
  const properties: { name: string; value: string }[] = [];
  columns.forEach((name, index) => {
    const value = (fields[index] ?? '').trim();
    const known = own.find((each) => each === name);
    if (value === '') return;
    if (known) customer[known] = value;
    else properties.push({ name, value });
  });
  if (properties.length > 0) customer.properties = properties;
  if (!customer.reference_id && !customer.email) return { fault: 'neither reference_id nor email' };
  if (customer.email && !/^[^\s@]+@[^\s@]+$/.test(customer.email)) {
    return { fault: `email: expected an address such as ana@agbank.example, got "${customer.email.slice(0, 80)}"` };
  }
  return { customer };
}
