// @vitest-environment jsdom
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { OutboxEntry } from '../../client/outbox';
import { PhotoError, type Prepared } from '../../client/photo';
import type { FileAnswer } from '../../protocol/live';
import { createUploads } from './uploads';

beforeEach(() => {
  URL.createObjectURL = () => 'blob:1';
  URL.revokeObjectURL = () => {};
});

const answer: FileAnswer = {
  id: 'f1',
  url: 'https://files.example/f1',
  name: 'a.pdf',
  content_type: 'application/pdf',
  size: 7,
};
const entryOf = (file: File, isClean = true): OutboxEntry => ({
  request: { client_id: 'c1', content: { file: { id: '' } } },
  at: 1,
  blob: file,
  isClean,
});
const pdf = new File(['content'], 'a.pdf', { type: 'application/pdf' });

/** A door that answers when it's told to, and a disk that holds one entry. */
function bench(entry = entryOf(pdf)) {
  const calls: {
    token: string;
    name: string;
    settle: (file: FileAnswer) => void;
    progress: (part: number) => void;
    isCancelled: boolean;
  }[] = [];
  let disk: unknown = entry;
  let token: string | undefined = 'token-1';
  let clean = async (file: File): Promise<Prepared> => ({ blob: file, name: `clean ${file.name}` });
  const isBusy = vi.fn();
  const uploads = createUploads({
    token: () => token,
    clean: (file) => clean(file),
    upload(withToken, _file, name, progress) {
      const call = { token: withToken, name, progress, isCancelled: false, settle: (_: FileAnswer) => {} };
      calls.push(call);
      return {
        answer: new Promise((resolve) => {
          call.settle = resolve;
        }),
        cancel() {
          call.isCancelled = true;
        },
      };
    },
  });
  const run = () =>
    uploads.run(entry, {
      async write(change) {
        disk = change(disk);
      },
      isBusy,
    });
  return {
    uploads,
    calls,
    run,
    isBusy,
    onDisk: () => disk,
    remove: () => {
      disk = undefined;
    },
    setToken: (next: string | undefined) => {
      token = next;
    },
    setClean: (next: typeof clean) => {
      clean = next;
    },
  };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('uploads of what was sent', () => {
  test('the file’s id is on disk before anything is sent by it, and its progress is told meanwhile', async () => {
    const { uploads, calls, run, isBusy, onDisk } = bench();

    const done = run();
    await settled();
    calls[0]?.progress(0.5);
    expect(uploads.progress.value.get('c1')).toBe(0.5);
    expect(isBusy).toHaveBeenCalledTimes(1);
    calls[0]?.settle(answer);
    await done;

    expect(onDisk()).toMatchObject({ file: answer, request: { client_id: 'c1', content: { file: { id: 'f1' } } } });
    expect(uploads.progress.value.size).toBe(0);
  });

  test('of two uploads of one message the first decides which file is sent', async () => {
    const { calls, run, onDisk } = bench();
    const both = [run(), run()];
    await settled();

    calls[1]?.settle({ ...answer, id: 'second' });
    await both[1];
    calls[0]?.settle({ ...answer, id: 'first' });
    await both[0];

    expect(onDisk()).toMatchObject({ file: { id: 'second' }, request: { content: { file: { id: 'second' } } } });
  });

  test('one that has begun already goes on, and isn’t begun anew', async () => {
    const { uploads, calls, run, onDisk } = bench();
    let settle = (_: FileAnswer) => {};
    const begun = {
      answer: new Promise<FileAnswer>((resolve) => {
        settle = resolve;
      }),
      cancel: () => {},
      onProgress: (_: number) => {},
    };

    uploads.takeOver('c1', begun);
    begun.onProgress(0.25);
    expect(uploads.progress.value.get('c1')).toBe(0.25);
    settle(answer);
    await run();

    expect(calls).toEqual([]);
    expect(onDisk()).toMatchObject({ file: answer });
  });

  test('what wasn’t clean yet is cleaned first; what can’t be is refused for good', async () => {
    const { calls, run, setClean } = bench(entryOf(new File(['x'], 'a.jpg', { type: 'image/jpeg' }), false));
    void run();
    await settled();
    expect(calls.map(({ name }) => name)).toEqual(['clean a.jpg']);
    setClean(() => Promise.reject(new PhotoError('unreadable')));

    await expect(run()).rejects.toMatchObject({ code: 'FILE_REFUSED', isFinal: true });
  });

  test('without a session it is tried again later', async () => {
    const { run, setToken } = bench();
    setToken(undefined);

    await expect(run()).rejects.toMatchObject({ code: 'UNREACHABLE', isFinal: false });
  });

  test('cancelled, it ends at once, and nothing of it is kept', async () => {
    const { uploads, calls, run, onDisk, remove } = bench();
    const done = run();
    await settled();

    remove();
    uploads.cancel('c1');

    await expect(done).rejects.toMatchObject({ isFinal: false });
    expect(calls[0]?.isCancelled).toBe(true);
    expect(onDisk()).toBeUndefined();
    expect(uploads.progress.value.size).toBe(0);
  });
});
