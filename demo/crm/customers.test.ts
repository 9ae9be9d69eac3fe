import { expect, it } from 'vitest';
import { readCsv } from './csv';
import { type Read, readCustomers } from './customers';

async function read(text: string): Promise<Read[]> {
  const all: Read[] = [];
  for await (const each of readCustomers(readCsv([text]))) all.push(each);
  return all;
}

it('takes the columns of a user by their names and any other as a property', async () => {
  const all = await read('Email, reference_id ,First_Name,Segment,Note\nana@bank.test,ag-1, Ana ,gold,\n');

  expect(all).toEqual([
    {
      line: 2,
      customer: {
        reference_id: 'ag-1',
        email: 'ana@bank.test',
        first_name: 'Ana',
        properties: [{ name: 'Segment', value: 'gold' }],
      },
    },
  ]);
});

it.each([
  ['ag-1', 'expected 2 fields, got 1'],
  ['ag-1,a@b.test,more', 'expected 2 fields, got 3'],
  [',', 'neither reference_id nor email'],
  ['ag-1,not an address', 'email: expected an address such as ana@agbank.example, got "not an address"'],
  ['ag-1,"a"b', 'something after the quote that closes a field'],
])('names the line and the fault of the row %s, and goes on', async (row, fault) => {
  expect(await read(`reference_id,email\n\n${row}\nag-2,\n`)).toEqual([
    { line: 3, fault },
    { line: 4, customer: { reference_id: 'ag-2' } },
  ]);
});

it.each([
  ['', /^line 1: the file is empty/],
  ['name,phone\n', /^line 1: there is neither reference_id nor email/],
  ['email,,x\n', /a column has no name/],
  ['email,Email\n', /the column email is there twice/],
  ['reference_id;email\n', /separated by commas/],
  ['"email"x,b\n', /something after the quote/],
])('refuses the columns %j', async (text, why) => {
  await expect(read(text)).rejects.toThrow(why);
});
