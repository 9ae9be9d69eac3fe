import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { asFailure, type Failure } from '../../client/failure';
import { PhotoError, type Prepared } from '../../client/photo';
import type { Upload } from '../../client/upload';
import type { FileAnswer } from '../../protocol/live';
import { faultOf, isPicture, type Refusal } from './fileRules';
import { dropOwnPictures, keepOwnPicture } from './ownPictures';

/**
 * The files that the customer chose and hasn't sent.
 *
 * - Each is checked, cleaned (photos) and uploaded at once, two at a time. Nothing is sent by that: an upload becomes a
 *   message when the customer sends, through the outbox, and then as safely as any text.
 * - `send` waits for what is still under way and then sends everything in the order shown, the draft last. Whatever goes wrong
 *   meanwhile ends the waiting: nothing goes out that the customer doesn't see whole.
 * - They live in memory alone. A reload forgets them; nothing of them was shown as sent.
 * - They are the customer's who chose them. `drop` when it's somebody else now; nothing that is still running comes back.
 */
export type Attachments = {
  items: ReadonlySignal<readonly Attachment[]>;
  /** The customer has sent, and some uploads aren't done. */
  isWaiting: ReadonlySignal<boolean>;
  canSend: ReadonlySignal<boolean>;
  send(): void;
  stopWaiting(): void;
  /** Gives what was not taken at all: what is there already, what are too many. */
  add(files: readonly File[]): { added: number; twice: number; tooMany: number };
  remove(id: string): void;
  retry(id: string): void;
  /** There is a connection: whoever waited for one goes on. */
  kick(): void;
  /** The same person with another session: what was uploaded belongs to the former one, and is uploaded again. */
  restart(): void;
  /** Another customer, or nobody: forgets everything. */
  drop(): void;
  stop(): void;
};

export type Attachment = {
  id: string;
  name: string;
  size: number;
  /** What it looks like, as an object URL; pictures only. */
  preview: string | undefined;
  state: AttachmentState;
};
export type AttachmentState =
  /** Being cleaned, or waiting for its turn. */
  | { at: 'queued' }
  /** `part` of its bytes, 0 to 1. */
  | { at: 'uploading'; part: number }
  /** No connection: goes on by itself. */
  | { at: 'waiting' }
  | { at: 'done'; file: FileAnswer }
  /** Will never go; there is no trying again. */
  | { at: 'refused'; reason: Refusal }
  /** Went wrong; may be tried again. */
  | { at: 'failed' };

export type AttachmentsOptions = {
  newId: () => string;
  /** The session's token, while there is one. */
  token: () => string | undefined;
  clean: (file: File) => Promise<Prepared>;
  upload: (token: string, file: Blob, name: string, onProgress: (part: number) => void) => Upload;
  sendFile: (file: FileAnswer) => void;
  draft: { canSend: ReadonlySignal<boolean>; left: ReadonlySignal<number>; send(): void };
  onSessionOver: (token: string) => void;
  /** It failed while the customer waited, or for good. */
  onFailed?: (attachment: Attachment) => void;
  /** The last one that was under way is uploaded. */
  onAllDone?: () => void;
};

/** Files that wait at once. */
export const mostFiles = 20;
const atOnce = 2;

export function createAttachments(options: AttachmentsOptions): Attachments {
  const items = signal<readonly Attachment[]>([]);
  const isWaiting = signal(false);
  /** What each item was made of, and what of it goes out. */
  const sources = new Map<string, { file: File; prepared?: Prepared }>();
  const running = new Map<string, () => void>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const failures = new Map<string, number>();

  const find = (id: string) => items.peek().find((item) => item.id === id);
  const isUnderWay = ({ state }: Attachment) =>
    state.at === 'queued' || state.at === 'uploading' || state.at === 'waiting';
  function become(id: string, state: AttachmentState): void {
    items.value = items.peek().map((item) => (item.id === id ? { ...item, state } : item));
  }
  /** Stops whatever runs for it. */
  function halt(id: string): void {
    running.get(id)?.();
    running.delete(id);
    clearTimeout(timers.get(id));
    timers.delete(id);
  }
  function forget(id: string): void {
    halt(id);
    sources.delete(id);
    failures.delete(id);
  }

  function fail(id: string, state: AttachmentState & { at: 'refused' | 'failed' }): void {
    become(id, state);
    isWaiting.value = false;
    const item = find(id);
    if (item) options.onFailed?.(item);
  }

  /** Starts what there is room for. */
  function work(): void {
    for (const { id, state } of items.peek()) {
      if (running.size >= atOnce) return;
      if (state.at === 'queued' && !running.has(id)) void go(id);
    }
  }

  async function go(id: string): Promise<void> {
    const source = sources.get(id);
    if (!source) return;
    let isHalted = false;
    let inner: Upload | undefined;
    running.set(id, () => {
      isHalted = true;
      inner?.cancel();
    });
    try {
      const isNew = !source.prepared;
      source.prepared ??= await options.clean(source.file);
      if (isHalted) return;
      const { blob, name } = source.prepared;
      if (isNew) show(id, source.file, blob, name);
      const fault = faultOf({ name, size: blob.size, type: blob.type });
      if (fault) {
        running.delete(id);
        fail(id, { at: 'refused', reason: fault });
        return;
      }
      const token = options.token();
      if (!token) {
        running.delete(id);
        become(id, { at: 'waiting' });
        return;
      }
      become(id, { at: 'uploading', part: 0 });
      inner = options.upload(token, blob, name, (part) => {
        if (!isHalted) become(id, { at: 'uploading', part });
      });
      const file = await inner.answer.catch((error) => {
        if (!isHalted && asFailure(error).isSessionOver) options.onSessionOver(token);
        throw error;
      });
      if (isHalted) return;
      running.delete(id);
      become(id, { at: 'done', file });
    } catch (error) {
      if (isHalted) return;
      running.delete(id);
      if (error instanceof PhotoError) fail(id, { at: 'refused', reason: error.reason });
      else afterFailure(id, asFailure(error));
    } finally {
      if (!isHalted) settle();
      work();
    }
  }

  function afterFailure(id: string, failure: Failure): void {
    const reason = refusals[failure.code];
    const isPassing = ['UNREACHABLE', 'TIMEOUT', 'RATE_LIMITED'].includes(failure.code) || failure.isSessionOver;
    if (reason || !isPassing) {
      fail(id, reason ? { at: 'refused', reason } : { at: 'failed' });
      return;
    }
    const times = (failures.get(id) ?? 0) + 1;
    failures.set(id, times);
    become(id, { at: 'waiting' });
    timers.set(
      id,
      setTimeout(() => requeue(id), failure.retryAfter ?? Math.min(30_000, 1_000 * 2 ** times)),
    );
  }
  function requeue(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    if (find(id)?.state.at !== 'waiting') return;
    become(id, { at: 'queued' });
    work();
  }

  /** What is shown is what goes out: of a cleaned photo the clean one. */
  function show(id: string, file: File, blob: Blob, name: string): void {
    const item = find(id);
    if (!item || blob === file) return;
    if (item.preview) URL.revokeObjectURL(item.preview);
    const shown = { name, size: blob.size, preview: URL.createObjectURL(blob) };
    items.value = items.peek().map((each) => (each === item ? { ...item, ...shown } : each));
  }

  /** Something came to its end: was it the last thing that was waited for? */
  function settle(): void {
    if (items.peek().some(isUnderWay)) return;
    const hasDone = items.peek().some(({ state }) => state.at === 'done');
    if (!hasDone) isWaiting.value = false;
    else if (isWaiting.peek()) flush();
    else options.onAllDone?.();
  }

  function flush(): void {
    isWaiting.value = false;
    for (const item of items.peek()) {
      if (item.state.at !== 'done') continue;
      const { file } = item.state;
      if (item.preview && isPicture(file.content_type)) keepOwnPicture(file.url, item.preview);
      else if (item.preview) URL.revokeObjectURL(item.preview);
      forget(item.id);
      options.sendFile(file);
    }
    items.value = items.peek().filter(({ state }) => state.at !== 'done');
    if (options.draft.canSend.peek()) options.draft.send();
  }

  function drop(): void {
    for (const { id, preview } of items.peek()) {
      forget(id);
      if (preview) URL.revokeObjectURL(preview);
    }
    items.value = [];
    isWaiting.value = false;
    dropOwnPictures();
  }

  const attachments: Attachments = {
    items,
    isWaiting,
    canSend: computed(() => {
      if (isWaiting.value) return false;
      const hasFiles = items.value.some((item) => isUnderWay(item) || item.state.at === 'done');
      return hasFiles ? options.draft.left.value >= 0 : options.draft.canSend.value;
    }),
    send() {
      if (!attachments.canSend.peek()) return;
      if (items.peek().some(isUnderWay)) isWaiting.value = true;
      else flush();
    },
    stopWaiting() {
      isWaiting.value = false;
    },
    add(files) {
      const result = { added: 0, twice: 0, tooMany: 0 };
      const added: Attachment[] = [];
      for (const file of files) {
        const isThere = [...sources.values()].some(({ file: other }) => isSame(file, other));
        if (isThere) result.twice++;
        else if (items.peek().length + added.length >= mostFiles) result.tooMany++;
        else {
          result.added++;
          const id = options.newId();
          // A photo may shrink by being cleaned: how large it may be is seen after that.
          const reason = faultOf({ name: file.name, size: file.size, type: file.type, isCleaned: false });
          const preview = !reason && isPicture(file.type) ? URL.createObjectURL(file) : undefined;
          sources.set(id, { file });
          added.push({
            id,
            name: file.name || 'file',
            size: file.size,
            preview,
            state: reason ? { at: 'refused', reason } : { at: 'queued' },
          });
        }
      }
      if (added.length > 0) {
        // What comes late is part of what is sent only if the customer sends again.
        isWaiting.value = false;
        items.value = [...items.peek(), ...added];
        for (const item of added) if (item.state.at === 'refused') options.onFailed?.(item);
        work();
      }
      return result;
    },
    remove(id) {
      const item = find(id);
      if (!item) return;
      forget(id);
      if (item.preview) URL.revokeObjectURL(item.preview);
      items.value = items.peek().filter((each) => each.id !== id);
      if (items.peek().length === 0) isWaiting.value = false;
      else if (isWaiting.peek()) settle();
      work();
    },
    retry(id) {
      if (find(id)?.state.at !== 'failed') return;
      failures.delete(id);
      become(id, { at: 'queued' });
      work();
    },
    kick() {
      for (const { id, state } of items.peek()) {
        if (state.at !== 'waiting') continue;
        failures.delete(id);
        requeue(id);
      }
    },
    restart() {
      for (const { id, state } of items.peek()) {
        if (state.at === 'refused') continue;
        halt(id);
        become(id, { at: 'queued' });
      }
      // The new session's token is there when this turn is over.
      queueMicrotask(work);
    },
    drop,
    stop: drop,
  };
  return attachments;
}

/** Codes after which the same file can't ever succeed. */
const refusals: Partial<Record<string, Refusal>> = {
  FILE_REFUSED: 'kind',
  PAYLOAD_TOO_LARGE: 'tooLarge',
  UPLOADS_OFF: 'off',
};

const isSame = (a: File, b: File) =>
  a.name === b.name && a.size === b.size && a.lastModified === b.lastModified && a.type === b.type;
