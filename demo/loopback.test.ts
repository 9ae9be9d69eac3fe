import { expect, it } from 'vitest';
import { isLoopbackName, lookup } from './loopback';

it('takes localhost and every name under it for this machine, and nothing else', () => {
  expect(['localhost', 'bank.localhost', 'a.b.LOCALHOST'].every(isLoopbackName)).toBe(true);
  expect(['bank.example', 'localhost.example', 'notlocalhost', ''].some(isLoopbackName)).toBe(false);
});

it('answers in both shapes that Node asks for', async () => {
  const all = await new Promise((done) => lookup('bank.localhost', { all: true }, (_error, found) => done(found)));
  const one = await new Promise((done) => lookup('bank.localhost', {}, (_error, found) => done(found)));

  expect(all).toEqual([{ address: '127.0.0.1', family: 4 }]);
  expect(one).toBe('127.0.0.1');
});
