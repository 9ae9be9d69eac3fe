import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openInstallation } from '../installation';
import { openStore, type Store } from './store';

let dataDir: string;
let store: Store;
beforeEach(async () => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'guichet-store-')), 'data');
  store = await openStore(dataDir);
});
afterEach(async () => {
  await store.close();
  rmSync(join(dataDir, '..'), { recursive: true });
});

const put = (key: string) => store.db.insertInto('settings').values({ key, value: 'x' }).execute();
const keys = async () =>
  (await store.db.selectFrom('settings').select('key').orderBy('key').execute()).map(({ key }) => key);
const pragma = async (name: string) =>
  Object.values((await sql<Record<string, unknown>>`PRAGMA ${sql.raw(name)}`.execute(store.db)).rows[0] ?? {})[0];

describe('the database', () => {
  test('is on disk before a commit returns, owned by one process, in a folder of its own', async () => {
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('locking_mode')).toBe('exclusive');
    expect(await pragma('foreign_keys')).toBe(1);
    expect(await pragma('secure_delete')).toBe(1);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  test('is brought up to date once, and keeps what it has', async () => {
    await put('a');
    await store.close();
    store = await openStore(dataDir);

    expect(await keys()).toContain('a');
    expect(await pragma('integrity_check')).toBe('ok');
  });

  test('has a log of writes that does not grow with them: no statement that is kept holds on to it', async () => {
    const row = (at: number) => ({ key: `k${at}`, value: 'x'.repeat(100_000) });
    for (let at = 0; at < 120; at += 1) {
      await store.db.insertInto('settings').values(row(at)).returning('key').execute();
      await store.db.selectFrom('settings').selectAll().where('key', '=', `k${at}`).execute();
      await expect(store.db.insertInto('settings').values(row(at)).returning('key').execute()).rejects.toThrow(
        /UNIQUE/,
      );
    }

    expect(statSync(join(dataDir, 'guichet.db')).size).toBeGreaterThan(4_000_000);
    expect(statSync(join(dataDir, 'guichet.db-wal')).size).toBeLessThan(6_000_000);
    await store.close();
    store = await openStore(dataDir);
    expect(await keys()).toHaveLength(120);
  });

  test('of a newer version is refused rather than used', async () => {
    await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('999_future', '2099-01-01')`.execute(store.db);
    await store.close();

    await expect(openStore(dataDir)).rejects.toThrow(/999_future/);

    store = await openStore(':memory:');
  });

  test('keeps the installation’s id and keys', async () => {
    await store.close();
    const first = await openInstallation({ dataDir, origin: 'http://chat.localhost' });
    await first.world.store.close();
    const second = await openInstallation({ dataDir, origin: 'http://chat.localhost' });
    await second.world.store.close();

    expect(second.world.appId).toBe(first.world.appId);
    expect(second.publicKey).toBe(first.publicKey);
    expect(second.sessionSecret).toBe(first.sessionSecret);
    store = await openStore(dataDir);
  });
});

describe('a transaction', () => {
  test('takes all or nothing, and its effects come after the commit only', async () => {
    const effects: string[] = [];
    await expect(
      store.transaction(async () => {
        await put('a');
        store.afterCommit(() => effects.push('a'));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await store.transaction(async () => {
      await put('b');
      store.afterCommit(() => effects.push('b'));
      expect(effects).toEqual([]);
    });

    expect(await keys()).toEqual(['b']);
    expect(effects).toEqual(['b']);
  });

  test('inside another is part of it', async () => {
    await expect(
      store.transaction(async () => {
        await store.transaction(() => put('inner'));
        throw new Error('outer');
      }),
    ).rejects.toThrow('outer');

    expect(await keys()).toEqual([]);
  });

  test('does not see into another one that runs at the same time', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        store
          .transaction(async () => {
            const before = await keys();
            await put(`k${at}`);
            await new Promise((resolve) => setTimeout(resolve, 1));
            expect(await keys()).toHaveLength(before.length + 1);
            if (at % 2 === 1) throw new Error('odd ones fail');
          })
          .catch(() => {}),
      ),
    );

    expect(await keys()).toHaveLength(10);
  });

  test('whose work throws leaves the next one unharmed', async () => {
    await put('a');
    await expect(store.transaction(() => put('a'))).rejects.toThrow(/UNIQUE/);
    await store.transaction(() => put('b'));

    expect(await keys()).toEqual(['a', 'b']);
  });
});
