/**
 * The books of the demo, made from nothing but the account's id and the month: the page and the statement show the
 * same lines, today and tomorrow. Amounts are whole cents.
 */
export type Entry = { day: number; text: string; detail: string; cents: number };
export type Month = `${number}-${number}`;

/** The first month on the books. */
export const firstMonth: Month = '2026-01';

export const isMonth = (text: string): text is Month => /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
export const monthOf = (date: Date): Month => date.toISOString().slice(0, 7) as Month;

/** `month` moved by `count` months. */
export function shift(month: Month, count: number): Month {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return monthOf(new Date(Date.UTC(year, number - 1 + count, 1)));
}

export const lastDay = (month: Month): number =>
  new Date(`${shift(month, 1)}-01T00:00:00Z`).getTime() / 86_400_000 -
  new Date(`${month}-01T00:00:00Z`).getTime() / 86_400_000;

const fixed: readonly Entry[] = [
  { day: 1, text: 'Avenmouth Transit', detail: 'Monthly pass', cents: -4_900 },
  { day: 2, text: 'Lantern Homes', detail: 'Rent', cents: -98_000 },
  { day: 5, text: 'Northlight Energy', detail: 'Electricity and heat', cents: -8_640 },
  { day: 12, text: 'Clearline', detail: 'Mobile and internet', cents: -4_490 },
  { day: 15, text: 'Harbour Mutual', detail: 'Household insurance', cents: -2_175 },
  { day: 27, text: 'Atelier Norte', detail: 'Salary', cents: 284_500 },
  { day: 28, text: 'Sunny saver', detail: 'Standing order', cents: -30_000 },
];

const shops: readonly [text: string, detail: string, least: number, most: number][] = [
  ['Green & Grain', 'Groceries, card', 1_850, 8_420],
  ['Mercado Velho', 'Groceries, card', 940, 5_310],
  ['Kaffa Corner', 'Card', 320, 990],
  ['Paper Boat Books', 'Card', 1_190, 4_250],
  ['Quay Pharmacy', 'Card', 640, 3_180],
  ['Tram Line Bistro', 'Card', 1_740, 6_900],
  ['Cinema Lumen', 'Card', 1_150, 2_700],
  ['Cash machine', 'Market Square', 4_000, 10_000],
];

/** The lines of a month, oldest first. */
export function entriesOf(account: string, month: Month): Entry[] {
  const next = randomFrom(`${account}/${month}`);
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const days = lastDay(month);
  const bought = Array.from({ length: between(11, 15) }, (): Entry => {
    const [text, detail, least, most] = shops[between(0, shops.length - 1)] ?? shops[0] ?? ['', '', 0, 0];
    const cents = text === 'Cash machine' ? Math.round(between(least, most) / 1_000) * 1_000 : between(least, most);
    return { day: between(1, days), text, detail, cents: -cents };
  });
  return [...fixed, ...bought].sort((a, b) => a.day - b.day || a.text.localeCompare(b.text));
}

export const sum = (entries: readonly Entry[]): number => entries.reduce((total, entry) => total + entry.cents, 0);

/** What was on the account before the month's first line. */
export function balanceBefore(account: string, opening: number, month: Month): number {
  let balance = opening;
  for (let each = firstMonth; each < month; each = shift(each, 1)) balance += sum(entriesOf(account, each));
  return balance;
}

/** mulberry32, seeded by FNV-1a: small, and the same everywhere. */
function randomFrom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
