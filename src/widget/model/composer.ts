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
  /** Another customer's draft from now on; `keep` takes what is written along. */
  moveTo(key: string, keep: boolean): void;
  /** Forgets the draft, here and on disk. */
  erase(): void;
  /** Puts what is written on disk now. */
  flush(): void;
};

const codePoints = (text: string) => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

export function createComposer(options: { storage: Storage; key: string; send: (text: string) => void }): Composer {
  const { storage } = options;
  let { key } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draft = signal(storage.get(key) ?? '');
  const left = computed(() => limits.textCodePoints - codePoints(draft.value));
  const canSend = computed(() => draft.value.trim() !== '' && left.value >= 0);

  function flush(): void {
    clearTimeout(timer);
    if (draft.value) storage.set(key, draft.value);
    else storage.remove(key);
  }
  function write(text: string): void {
    if (text === draft.value) return;
    draft.value = text;
    clearTimeout(timer);
    timer = setTimeout(flush, 300);
  }
  return {
    draft,
    left,
    canSend,
    write,
    send() {
      if (!canSend.value) return;
      const text = draft.value.trim();
      draft.value = '';
      flush();
      options.send(text);
    },
    moveTo(next, keep) {
      const text = draft.value;
      if (next === key) return;
      clearTimeout(timer);
      storage.remove(key);
      key = next;
      const other = storage.get(key) ?? '';
      draft.value = (keep && text) || other;
      if (draft.value !== other) flush();
    },
    erase() {
      clearTimeout(timer);
      draft.value = '';
      storage.remove(key);
    },
    flush,
  };
}
