/**
 * The browser's storage, with memory in its place where the browser keeps it from us (blocked, full, partitioned away):
 * reading storage may throw in a third-party frame, and so may writing.
 */
export type Storage = {
  get(key: string): string | null;
  /** True when the browser has it, false when only memory has. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  /** Keys that begin so. */
  keys(prefix: string): string[];
};

export function openStorage(real: () => globalThis.Storage): Storage {
  const memory = new Map<string, string>();
  const attempt = <T>(use: (storage: globalThis.Storage) => T): T | undefined => {
    try {
      return use(real());
    } catch {
      return undefined;
    }
  };
  return {
    get: (key) => memory.get(key) ?? attempt((storage) => storage.getItem(key)) ?? null,
    set(key, value) {
      const isKept =
        attempt((storage) => {
          storage.setItem(key, value);
          return true;
        }) ?? false;
      if (isKept) memory.delete(key);
      else memory.set(key, value);
      return isKept;
    },
    remove(key) {
      memory.delete(key);
      attempt((storage) => storage.removeItem(key));
    },
    keys(prefix) {
      const kept = attempt((storage) => Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? '')) ?? [];
      return [...new Set([...kept, ...memory.keys()])].filter((key) => key.startsWith(prefix));
    },
  };
}

/** Puts all that is under one prefix under another. */
export function moveKeys(storage: Storage, from: string, to: string): void {
  for (const key of storage.keys(from)) {
    storage.set(to + key.slice(from.length), storage.get(key) ?? '');
    storage.remove(key);
  }
}

/** Nothing outlives the page: for tests, and for sites that want it so. */
export const memoryStorage = (): Storage =>
  openStorage(() => {
    throw new Error('no storage');
  });
