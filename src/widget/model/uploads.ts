import { type ReadonlySignal, signal } from '@preact/signals';
import { asFailure, Failure } from '../../client/failure';
import { notConnected, type OutboxEntry, type UploadTools, withFile } from '../../client/outbox';
import { PhotoError, type Prepared } from '../../client/photo';
import type { Upload } from '../../client/upload';
import type { FileAnswer } from '../../protocol/live';
import { faultOf, isPicture } from './fileRules';
import { dropOwnPictures, keepOwnPicture } from './ownPictures';

/**
 * Uploads the files that the customer has sent, for the outbox: one when it is its turn, from the disk, in whichever tab and
 * after whichever reload. What the tray has begun to upload when the customer sends goes on here.
 */
export type Uploads = {
  /** How much of a file went out, 0 to 1, by the client id of its message. */
  progress: ReadonlySignal<ReadonlyMap<string, number>>;
  /** As the outbox wants it: the file's id is on disk when it resolves. Throws `Failure`. */
  run(entry: OutboxEntry, tools: UploadTools): Promise<void>;
  /** This upload has begun already. */
  takeOver(clientId: string, running: Running): void;
  /** It won't be sent: whatever runs for it ends, and `run` goes on. Without an id all end: their session is over. */
  cancel(clientId?: string): void;
  /** Another customer, or nobody. */
  drop(): void;
};

/** An upload, and who hears how far it is. */
export type Running = Upload & { onProgress: (part: number) => void };

export type UploadsOptions = {
  /** The session's token, while there is one. */
  token: () => string | undefined;
  clean: (file: File) => Promise<Prepared>;
  upload: (token: string, file: Blob, name: string, onProgress: (part: number) => void) => Upload;
};

export function createUploads(options: UploadsOptions): Uploads {
  const progress = signal<ReadonlyMap<string, number>>(new Map());
  const begun = new Map<string, Running>();
  const cancels = new Map<string, () => void>();

  function tell(clientId: string, part: number | undefined): void {
    const next = new Map(progress.peek());
    if (part === undefined) next.delete(clientId);
    else next.set(clientId, part);
    progress.value = next;
  }

  async function prepare({ blob, isClean }: OutboxEntry): Promise<Prepared> {
    if (!blob) throw new Failure('refused', 'There is no file.', 'FILE_NOT_FOUND');
    if (isClean) return { blob, name: blob.name };
    const prepared = await options.clean(blob).catch((error) => {
      throw error instanceof PhotoError ? new Failure('refused', error.reason, 'FILE_REFUSED') : error;
    });
    const fault = faultOf({ name: prepared.name, size: prepared.blob.size, type: prepared.blob.type });
    if (fault) throw new Failure('refused', fault, fault === 'tooLarge' ? 'PAYLOAD_TOO_LARGE' : 'FILE_REFUSED');
    return prepared;
  }

  async function begin(entry: OutboxEntry, isCancelled: () => boolean): Promise<Running> {
    const token = options.token();
    const { blob, name } = await prepare(entry);
    // Signed out, or taken back, while the photo was cleaned.
    if (!token || token !== options.token() || isCancelled()) throw notConnected();
    const running: Running = {
      ...options.upload(token, blob, name, (part) => running.onProgress(part)),
      onProgress: () => {},
    };
    return running;
  }

  /** Never waits for what was cancelled: that doesn't settle. */
  function answerOf(clientId: string, running: Running): Promise<FileAnswer> {
    return new Promise((resolve, reject) => {
      running.answer.then(resolve, reject);
      cancels.set(clientId, () => {
        running.cancel();
        reject(new Failure('unreachable', 'The upload was cancelled.'));
      });
    });
  }

  function cancel(clientId?: string): void {
    for (const [id, { cancel }] of begun) {
      if (clientId !== undefined && id !== clientId) continue;
      cancel();
      begun.delete(id);
      tell(id, undefined);
    }
    for (const [id, cancel] of cancels) if (clientId === undefined || id === clientId) cancel();
  }

  return {
    progress,
    takeOver(clientId, running) {
      begun.set(clientId, running);
      running.onProgress = (part) => tell(clientId, part);
      // Heard by who asks for it; until then a failure is nobody's.
      running.answer.catch(() => {});
    },
    async run(entry, { write, isBusy }) {
      const id = entry.request.client_id;
      try {
        let isCancelled = false;
        cancels.set(id, () => {
          isCancelled = true;
        });
        const running = begun.get(id) ?? (await begin(entry, () => isCancelled));
        begun.delete(id);
        let toldAt = 0;
        running.onProgress = (part) => {
          tell(id, part);
          if (Date.now() - toldAt < 5_000) return;
          toldAt = Date.now();
          isBusy();
        };
        const file = await answerOf(id, running);
        const { blob } = entry;
        if (blob && isPicture(file.content_type)) keepOwnPicture(file.url, URL.createObjectURL(blob));
        await write((before) => withFile(before, file));
      } catch (error) {
        throw asFailure(error);
      } finally {
        cancels.delete(id);
        tell(id, undefined);
      }
    },
    cancel,
    drop() {
      cancel();
      dropOwnPictures();
    },
  };
}
