import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Storage } from '../../client/storage';
import { limits } from '../../protocol/limits';

export type Composer = {
  draft: ReadonlySignal<string>;
  /** Code points that are left; negative when there are too many. */
  left: ReadonlySignal<number>;
  canSend: ReadonlySignal<boolean>;
  write(text: string): void;
  /** Sends the draft, if it can be sent. */
  send(): void;
  /** What another tab of this customer wrote; it waits while somebody writes here, and is dropped if they go on. */
  adopt(text: string): void;
  /** Reads what was kept while this tab slept. */
  refresh(): void;
  /** Another customer's draft from now on; `keep` takes what is written along, else it stays for whose it is. */
  moveTo(key: string, keep: boolean): void;
  /** Forgets the draft, here and on disk. */
  erase(): void;
  /** Puts what is written on disk now. */
  flush(): void;
};

/** Milliseconds since the last letter for which somebody is taken to be writing here. */
const stillWriting = 2_000;

const codePoints = (text: string) => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

export function createComposer(options: {
  storage: Storage;
  key: string;
  send: (text: string) => void;
  /** What was written is on disk. */
  onKept?: (text: string) => void;
}): Composer {
  const { storage } = options;
  let { key } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let adopting: ReturnType<typeof setTimeout> | undefined;
  const draft = signal(storage.get(key) ?? '');
  const left = computed(() => limits.textCodePoints - codePoints(draft.value));
  const canSend = computed(() => draft.value.trim() !== '' && left.value >= 0);

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (draft.value) storage.set(key, draft.value);
    else storage.remove(key);
    options.onKept?.(draft.value);
  }
  const isWriting = () => timer !== undefined || performance.now() - writtenAt < stillWriting;
  function write(text: string): void {
    if (text === draft.value) return;
    draft.value = text;
    writtenAt = performance.now();
    clearTimeout(adopting);
    clearTimeout(timer);
    timer = setTimeout(flush, 300);
  }
  const self: Composer = {
    draft,
    left,
    canSend,
    write,
    send() {
      if (!canSend.value) return;
      const text = draft.value.trim();
      draft.value = '';
      writtenAt = Number.NEGATIVE_INFINITY;
      flush();
      options.send(text);
    },
    adopt(text) {
      clearTimeout(adopting);
      if (isWriting()) adopting = setTimeout(self.adopt, stillWriting, text);
      else draft.value = text;
    },
    refresh() {
      if (!isWriting()) draft.value = storage.get(key) ?? '';
    },
    moveTo(next, keep) {
      const text = draft.value;
      if (next === key) return;
      if (!keep) self.flush();
      clearTimeout(timer);
      clearTimeout(adopting);
      timer = undefined;
      if (keep) storage.remove(key);
      key = next;
      const other = storage.get(key) ?? '';
      draft.value = (keep && text) || other;
      if (draft.value !== other) flush();
    },
    erase() {
      clearTimeout(timer);
      clearTimeout(adopting);
      timer = undefined;
      draft.value = '';
      storage.remove(key);
    },
    flush() {
      if (timer !== undefined) flush();
    },
  };
  return self;
}
