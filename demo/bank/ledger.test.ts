import { expect, it } from 'vitest';
import { balanceBefore, entriesOf, lastDay, shift, sum } from './ledger';

it('keeps the same books each time', () => {
  expect(entriesOf('AG42', '2026-10')).toEqual(entriesOf('AG42', '2026-10'));
  expect(entriesOf('AG42', '2026-10')).not.toEqual(entriesOf('AG97', '2026-10'));
});

it('opens a month with what the one before left', () => {
  const closing = balanceBefore('AG42', 1_000, '2026-10') + sum(entriesOf('AG42', '2026-10'));

  expect(balanceBefore('AG42', 1_000, '2026-11')).toBe(closing);
});

it('has no line outside its month', () => {
  for (let month = shift('2026-01', 0); month < '2028-12'; month = shift(month, 1)) {
    for (const { day } of entriesOf('AG42', month)) expect(day >= 1 && day <= lastDay(month)).toBe(true);
  }
});

it('counts months over the turn of a year', () => {
  expect([shift('2026-01', -1), shift('2026-12', 1), lastDay('2028-02')]).toEqual(['2025-12', '2027-01', 29]);
});
