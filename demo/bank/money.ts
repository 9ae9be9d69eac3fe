import type { Month } from './ledger';

const amounts = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });
const signed = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR', signDisplay: 'exceptZero' });

export const euro = (cents: number): string => typographic(amounts.format(cents / 100));
/** With its sign, for a line of a statement. */
export const change = (cents: number): string => typographic(signed.format(cents / 100));
const typographic = (text: string): string => text.replace('-', '\u2212');

const longMonth = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const at = (month: Month, day: number) => new Date(`${month}-${String(day).padStart(2, '0')}T00:00:00Z`);

/** `October 2026` */
export const monthName = (month: Month): string => longMonth.format(at(month, 1));
/** `3 Oct` */
export const dayName = (month: Month, day: number): string => shortDay.format(at(month, day));
