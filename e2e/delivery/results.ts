/** What runs came to, a line each, so that a run that is broken off goes on where it stopped. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../support/program';

export const resultsFolder = join(repository, 'test-results', 'torture');

export type Results<T> = { readonly done: readonly T[]; add(outcome: T): void };

/** @param fresh forgets what was done before */
export function openResults<T>(name: string, fresh: boolean): Results<T> {
  const file = join(resultsFolder, `${name}.jsonl`);
  mkdirSync(resultsFolder, { recursive: true });
  if (fresh) rmSync(file, { force: true });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const done = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
  return {
    done,
    add(outcome) {
      done.push(outcome);
      appendFileSync(file, `${JSON.stringify(outcome)}\n`);
    },
  };
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** The value below which `share` of them lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
