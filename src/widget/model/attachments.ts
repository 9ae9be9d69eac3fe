import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { asFailure, type Failure } from '../../client/failure';
import { PhotoError, type Prepared } from '../../client/photo';
import type { Upload } from '../../client/upload';
import type { FileAnswer } from '../../protocol/live';
import { faultOf, isPicture, type Refusal } from './fileRules';
import { keepOwnPicture, pendingUrl } from './ownPictures';
import type { Running, Uploads } from './uploads';

/**
 * The files that the customer chose and hasn't sent.
 *
 * - Each is checked, cleaned (photos) and uploaded at once, two at a time. Nothing is sent by that.
 * - `send` puts each into the outbox, in the order shown, the draft last: what is uploaded by its id, what isn't as the file
 *   itself, and what runs for it goes on there. From then on they are as safe as any text.
 * - Until then they live in memory alone. A reload forgets them; nothing of them was shown as sent.
 * - They are the customer's who chose them. `drop` when it's somebody else now; nothing that is still running comes back.
 */
export type Attachments = {
  items: ReadonlySignal<readonly Attachment[]>;
  canSend: ReadonlySignal<boolean>;
  send(): void;
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
  /** Sends a file that isn't uploaded; gives the client id. */
  sendLater: (file: File, isClean: boolean) => string;
  /** What is uploaded for what was sent, by client id. */
  uploads: Pick<Uploads, 'takeOver' | 'cancel' | 'drop'>;
  draft: { canSend: ReadonlySignal<boolean>; left: ReadonlySignal<number>; send(): void };
  onSessionOver: (token: string) => void;
  /** It failed. */
  onFailed?: (attachment: Attachment) => void;
  /** The last one that was under way is uploaded. */
  onAllDone?: () => void;
};

/** Files that wait at once. */
export const mostFiles = 20;
const atOnce = 2;

export function createAttachments(options: AttachmentsOptions): Attachments {
  const items = signal<readonly Attachment[]>([]);
  /** What each item was made of, and what of it goes out. */
  const sources = new Map<string, { file: File; prepared?: Prepared }>();
  const running = new Map<string, { isHalted: boolean; upload?: Running }>();
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
    const run = running.get(id);
    if (run) run.isHalted = true;
    run?.upload?.cancel();
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
    const run: { isHalted: boolean; upload?: Running } = { isHalted: false };
    running.set(id, run);
    try {
      const isNew = !source.prepared;
      source.prepared ??= await options.clean(source.file);
      if (run.isHalted) return;
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
      const upload: Running = {
        ...options.upload(token, blob, name, (part) => upload.onProgress(part)),
        onProgress(part) {
          if (!run.isHalted) become(id, { at: 'uploading', part });
        },
      };
      run.upload = upload;
      const file = await upload.answer.catch((error) => {
        if (!run.isHalted && asFailure(error).isSessionOver) options.onSessionOver(token);
        throw error;
      });
      if (run.isHalted) return;
      running.delete(id);
      become(id, { at: 'done', file });
    } catch (error) {
      if (run.isHalted) return;
      running.delete(id);
      if (error instanceof PhotoError) fail(id, { at: 'refused', reason: error.reason });
      else afterFailure(id, asFailure(error));
    } finally {
      if (!run.isHalted) settle();
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

  /** Something came to its end: was it the last thing that was under way? */
  function settle(): void {
    if (!items.peek().some(isUnderWay) && items.peek().some(({ state }) => state.at === 'done')) options.onAllDone?.();
  }

  function sendItem({ id, state, preview }: Attachment): void {
    const source = sources.get(id);
    if (state.at === 'done') {
      const { file } = state;
      if (preview && isPicture(file.content_type)) keepOwnPicture(file.url, preview);
      else if (preview) URL.revokeObjectURL(preview);
      options.sendFile(file);
    } else if (source) {
      const { file, prepared } = source;
      const clean = prepared && new File([prepared.blob], prepared.name, { type: prepared.blob.type });
      const clientId = options.sendLater(clean ?? file, clean !== undefined);
      if (preview) keepOwnPicture(pendingUrl(clientId), preview);
      const run = running.get(id);
      // It goes on: what has gone out so far isn't lost.
      if (run?.upload) {
        run.isHalted = true;
        running.delete(id);
        options.uploads.takeOver(clientId, run.upload);
      }
    }
    forget(id);
  }

  function drop(): void {
    for (const { id, preview } of items.peek()) {
      forget(id);
      if (preview) URL.revokeObjectURL(preview);
    }
    items.value = [];
    options.uploads.drop();
  }
  const canGo = (item: Attachment) => isUnderWay(item) || item.state.at === 'done';

  const attachments: Attachments = {
    items,
    canSend: computed(() => (items.value.some(canGo) ? options.draft.left.value >= 0 : options.draft.canSend.value)),
    send() {
      if (!attachments.canSend.peek()) return;
      const going = items.peek().filter(canGo);
      items.value = items.peek().filter((item) => !canGo(item));
      for (const item of going) sendItem(item);
      if (options.draft.canSend.peek()) options.draft.send();
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
      options.uploads.cancel();
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
