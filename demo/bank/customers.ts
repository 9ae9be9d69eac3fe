/** The people of the demo. A bank would ask its core system. */
export type Account = { name: string; iban: string; opening: number };
export type Card = { name: string; kind: 'debit' | 'credit'; last4: string; expiry: string };
export type Customer = {
  /** The bank's own id of this person; Guichet knows it as `reference_id`. */
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  address: string[];
  current: Account;
  savings: Account;
  cards: Card[];
};

export const demoPassword = 'open-sesame';

export const customers: readonly Customer[] = [
  {
    id: 'ag-10017',
    firstName: 'Ana',
    lastName: 'Ferreira',
    email: 'ana@agbank.example',
    address: ['12 Lantern Street', '1004 Avenmouth'],
    current: { name: 'Current account', iban: 'AG42 0010 0170 4417 01', opening: 284_160 },
    savings: { name: 'Sunny saver', iban: 'AG42 0010 0170 4417 02', opening: 915_000 },
    cards: [
      { name: 'Debit card', kind: 'debit', last4: '3155', expiry: '08/29' },
      { name: 'Credit card', kind: 'credit', last4: '0042', expiry: '03/28' },
    ],
  },
  {
    id: 'ag-10023',
    firstName: 'Karim',
    lastName: 'Haddad',
    email: 'karim@agbank.example',
    address: ['7 Orchard Row', '1011 Avenmouth'],
    current: { name: 'Current account', iban: 'AG97 0010 0230 8120 01', opening: 129_480 },
    savings: { name: 'Sunny saver', iban: 'AG97 0010 0230 8120 02', opening: 402_500 },
    cards: [
      { name: 'Debit card', kind: 'debit', last4: '8120', expiry: '11/28' },
      { name: 'Credit card', kind: 'credit', last4: '4444', expiry: '06/30' },
    ],
  },
];

export const customerById = (id: string | undefined): Customer | undefined => customers.find((each) => each.id === id);
export const customerByEmail = (email: string): Customer | undefined =>
  customers.find((each) => each.email === email.trim().toLowerCase());
