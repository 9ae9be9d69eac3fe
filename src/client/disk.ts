import { attempt } from './shape';
import type { Storage } from './storage';

/**
 * Where the outbox keeps what it must not lose: IndexedDB, of which nothing was lost when the browser was killed, as
 * `localStorage` loses the last seconds (docs/decisions/015-the-outbox-is-in-indexeddb.md). Where the browser refuses it,
 * `localStorage`; where that is refused too, memory.
 *
 * Operations take effect in the order in which they were asked for.
 */
export type Disk = {
  /** What is under all keys that begin so. Rejects where the disk worked before and doesn't now: nobody knows. */
  read(prefix: string): Promise<Map<string, unknown>>;
  /**
   * Puts in a key's place what `change` makes of what is there (undefined: nothing), in one step, beside other tabs too.
   * Resolves once it is there.
   */
  write(key: string, change: (before: unknown) => unknown): Promise<void>;
  /** Puts all that is under one prefix under another, changed; without another it is erased. */
  move(from: string, to?: string, change?: (value: unknown) => unknown): Promise<void>;
  /** False when only memory has it. */
  isKept(key: string): boolean;
};

const file = 'guichet';
const stores = 'outbox';
/** Milliseconds until a database that doesn't open counts as refused. */
const patience = 5_000;

export function openDisk(storage: Storage, factory?: () => IDBFactory): Disk {
  /** What is no JSON (files) and found no database. */
  const memory = new Map<string, unknown>();
  /** What will be lost with the page. */
  const unkept = new Set<string>();
  let opening: Promise<IDBDatabase> | undefined;
  let hasWorked = false;

  function open(): Promise<IDBDatabase> {
    opening ??= new Promise((resolve, reject) => {
      if (!factory) return reject();
      setTimeout(reject, patience);
      const request = factory().open(file, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(stores);
      request.onerror = reject;
      request.onsuccess = () => {
        const database = request.result;
        // Another version wants to change it, or the browser closed it: open it anew next time.
        database.onversionchange = database.onclose = () => {
          database.close();
          opening = undefined;
        };
        hasWorked = true;
        // It may have come later than it was waited for.
        opening = Promise.resolve(database);
        resolve(database);
      };
    });
    return opening;
  }
  /** Resolves once the transaction is on disk. */
  async function use(mode: IDBTransactionMode, work: (store: IDBObjectStore) => void): Promise<void> {
    try {
      const database = await open();
      await new Promise<void>((resolve, reject) => {
        const transaction = database.transaction(stores, mode, { durability: 'strict' });
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
        work(transaction.objectStore(stores));
      });
    } catch (error) {
      // What never opened isn't asked for again.
      if (hasWorked) opening = undefined;
      throw error;
    }
  }

  /** Reading makes no database: before the customer acts nothing is stored. */
  const isThere = async () =>
    opening || !factory || ((await factory().databases?.()) ?? [{ name: file }]).some(({ name }) => name === file);

  async function each(
    mode: IDBTransactionMode,
    prefix: string,
    visit: (cursor: IDBCursorWithValue, store: IDBObjectStore) => void,
  ): Promise<void> {
    if (!(await isThere())) return;
    await use(mode, (store) => {
      const request = store.openCursor(IDBKeyRange.bound(prefix, `${prefix}\uffff`));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return;
        visit(cursor, store);
        cursor.continue();
      };
    });
  }

  const kept = (key: string) => {
    const json = storage.get(key);
    // What can't be read is given as it is: whoever reads the entries says so.
    return (
      memory.get(key) ?? (json === null ? undefined : (attempt((text) => JSON.parse(text as string), json) ?? json))
    );
  };
  /** Without what another tab takes away while this one looks. */
  const keptAt = (prefix: string) =>
    [...storage.keys(prefix), ...[...memory.keys()].filter((key) => key.startsWith(prefix))]
      .map((key) => [key, kept(key)] as const)
      .filter(([, value]) => value !== undefined);
  function keep(key: string, value: unknown): void {
    memory.delete(key);
    unkept.delete(key);
    if (value === undefined) storage.remove(key);
    else if (hasBlob(value)) memory.set(key, value);
    else if (storage.set(key, JSON.stringify(value))) return;
    if (value !== undefined) unkept.add(key);
  }

  return {
    async read(prefix) {
      const found = new Map<string, unknown>();
      await each('readonly', prefix, (cursor) => found.set(cursor.key as string, cursor.value)).catch((error) => {
        if (hasWorked) throw error;
      });
      for (const [key, value] of keptAt(prefix)) found.set(key, value);
      return found;
    },
    async write(key, change) {
      try {
        await use('readwrite', (store) => {
          const request = store.get(key);
          request.onsuccess = () => {
            const value = change(kept(key) ?? request.result);
            if (value === undefined) store.delete(key);
            else store.put(value, key);
          };
        });
        keep(key, undefined);
      } catch {
        keep(key, change(kept(key)));
      }
    },
    async move(from, to, change = (value) => value) {
      const movedKey = (key: string) => to + key.slice(from.length);
      const moveAll = () =>
        each('readwrite', from, (cursor, store) => {
          if (to !== undefined) store.put(change(cursor.value), movedKey(cursor.key as string));
          cursor.delete();
        });
      // Once more on a database that is opened anew: what stays would be somebody's words.
      await moveAll().catch(() => (hasWorked ? moveAll().catch(() => {}) : undefined));
      for (const [key, value] of keptAt(from)) {
        keep(key, undefined);
        if (to !== undefined) keep(movedKey(key), change(value));
      }
    },
    isKept: (key) => !unkept.has(key),
  };
}

const hasBlob = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.values(value).some((each) => each instanceof Blob);
