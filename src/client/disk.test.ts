import { describe, expect, it } from 'vitest';
import { openDisk } from './disk';
import { memoryStorage } from './storage';

/** Where another tab takes `taken` away once its name has been read. */
function whereTabsMeet(taken: string) {
  const storage = memoryStorage();
  return { ...storage, get: (key: string) => (key === taken ? null : storage.get(key)) };
}

describe('what another tab takes away while this one looks', () => {
  it('is not there, rather than something that nobody understands', async () => {
    const disk = openDisk(whereTabsMeet('a:1'));
    await disk.write('a:1', () => 'taken');
    await disk.write('a:2', () => 'left');

    expect([...(await disk.read('a:'))]).toEqual([['a:2', 'left']]);
  });

  it('keeps nothing else from being moved', async () => {
    const disk = openDisk(whereTabsMeet('a:1'));
    await disk.write('a:1', () => ({ of: 'taken' }));
    await disk.write('a:2', () => ({ of: 'left' }));

    await disk.move('a:', 'b:', (value) => ({ was: (value as { of: string }).of }));

    expect([...(await disk.read('b:'))]).toEqual([['b:2', { was: 'left' }]]);
  });
});
