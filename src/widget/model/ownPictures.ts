import { signal } from '@preact/signals';

/**
 * Pictures that the customer sent from this very document: shown from memory, so that nothing is fetched back, and nothing
 * flickers when the message returns from the server with the picture's address.
 */
const sources = signal<ReadonlyMap<string, string>>(new Map());
/** Each keeps a picture in memory. */
const most = 30;

/** Stands for the address of a picture that has none yet. */
export const pendingUrl = (clientId: string) => `pending:${clientId}`;

/** What to load a picture from: memory, where it's there. */
export const sourceOf = (url: string): string => sources.value.get(url) ?? url;

/** @param objectUrl belongs to this list from now on, and is revoked by it */
export function keepOwnPicture(url: string, objectUrl: string): void {
  const next = new Map(sources.peek());
  const before = next.get(url);
  if (before && before !== objectUrl) URL.revokeObjectURL(before);
  next.set(url, objectUrl);
  const oldest = next.keys().next().value;
  if (next.size > most && oldest !== undefined) {
    URL.revokeObjectURL(next.get(oldest) ?? '');
    next.delete(oldest);
  }
  sources.value = next;
}

/** The customer is another one now. */
export function dropOwnPictures(): void {
  for (const objectUrl of sources.peek().values()) URL.revokeObjectURL(objectUrl);
  sources.value = new Map();
}
