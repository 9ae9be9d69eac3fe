// @vitest-environment jsdom
import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '../../client/failure';
import { PhotoError, type Prepared } from '../../client/photo';
import { limits } from '../../protocol/limits';
import type { FileAnswer } from '../../protocol/live';
import { createAttachments, mostFiles } from './attachments';
import { dropOwnPictures, sourceOf } from './ownPictures';
import type { Running } from './uploads';

const kept = new Set<string>();
beforeEach(() => {
  vi.useFakeTimers();
  kept.clear();
  let urls = 0;
  URL.createObjectURL = () => {
    const url = `blob:${++urls}`;
    kept.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => void kept.delete(url);
});
afterEach(() => void vi.useRealTimers());

const fileOf = (name: string, type = 'application/pdf', bytes = 10) => {
  const file = new File(['x'], name, { type, lastModified: 1 });
  Object.defineProperty(file, 'size', { value: bytes });
  return file;
};
const answerOf = (name: string, id = `id of ${name}`): FileAnswer => ({
  id,
  url: `https://files.example/${id}`,
  name,
  content_type: name.endsWith('.png') ? 'image/png' : 'application/pdf',
  size: 10,
});

/** A door that answers when it's told to. */
function bench() {
  type Call = {
    token: string;
    name: string;
    isCancelled: boolean;
    progress: (part: number) => void;
    done: (id?: string) => Promise<void>;
    fail: (error: unknown) => Promise<void>;
  };
  const calls: Call[] = [];
  const sent: string[] = [];
  const failed: string[] = [];
  const over: string[] = [];
  const handed: { clientId: string; upload: Running }[] = [];
  const text = signal('');
  const left = signal(100);
  let token: string | undefined = 'token-1';
  let ids = 0;
  let clean = async (file: File): Promise<Prepared> => ({ blob: file, name: file.name });
  const flushed = () => vi.advanceTimersByTimeAsync(0);
  const attachments = createAttachments({
    newId: () => `a${++ids}`,
    token: () => token,
    clean: (file) => clean(file),
    upload(withToken, _blob, name, progress) {
      let settle = (_: FileAnswer) => {};
      let refuse = (_: unknown) => {};
      const answer = new Promise<FileAnswer>((resolve, reject) => {
        settle = resolve;
        refuse = reject;
      });
      const call: Call = {
        token: withToken,
        name,
        isCancelled: false,
        progress,
        done: (id) => {
          settle(answerOf(name, id));
          return flushed().then(() => {});
        },
        fail: (error) => {
          refuse(error);
          return flushed().then(() => {});
        },
      };
      calls.push(call);
      return {
        answer,
        cancel() {
          call.isCancelled = true;
        },
      };
    },
    sendFile: ({ name }) => void sent.push(name),
    sendLater({ name }, isClean) {
      sent.push(`${name}, ${isClean ? 'clean' : 'as it is'}`);
      return `message of ${name}`;
    },
    uploads: {
      takeOver: (clientId, upload) => void handed.push({ clientId, upload }),
      cancel: () => {},
      drop: dropOwnPictures,
    },
    draft: {
      canSend: {
        get value() {
          return text.value !== '';
        },
        peek: () => text.peek() !== '',
      } as never,
      left,
      send() {
        sent.push(text.peek());
        text.value = '';
      },
    },
    onSessionOver: (ended) => void over.push(ended),
    onFailed: ({ name }) => void failed.push(name),
  });
  const states = () => attachments.items.value.map(({ name, state }) => `${name}: ${state.at}`);
  return {
    attachments,
    calls,
    sent,
    failed,
    over,
    handed,
    text,
    left,
    states,
    flushed,
    setToken: (next: string | undefined) => {
      token = next;
    },
    setClean: (next: typeof clean) => {
      clean = next;
    },
  };
}

describe('files that wait to be sent', () => {
  test('they upload at once, two at a time, and nothing is sent by that', async () => {
    const { attachments, calls, sent, states, flushed } = bench();

    attachments.add([fileOf('a.pdf'), fileOf('b.pdf'), fileOf('c.pdf')]);
    await flushed();
    expect(calls.map(({ name }) => name)).toEqual(['a.pdf', 'b.pdf']);
    calls[0]?.progress(0.5);
    expect(states()).toEqual(['a.pdf: uploading', 'b.pdf: uploading', 'c.pdf: queued']);
    await calls[1]?.done();

    expect(calls.map(({ name }) => name)).toEqual(['a.pdf', 'b.pdf', 'c.pdf']);
    expect(sent).toEqual([]);
  });

  test('sent, everything goes in the order shown, uploaded or not, the text last', async () => {
    const { attachments, calls, sent, handed, text, flushed } = bench();
    attachments.add([fileOf('a.pdf'), fileOf('b.pdf'), fileOf('c.pdf'), fileOf('bad.exe', 'application/x-msdownload')]);
    text.value = 'here they are';
    await flushed();
    await calls[1]?.done();

    attachments.send();

    expect(sent).toEqual(['a.pdf, clean', 'b.pdf', 'c.pdf, clean', 'here they are']);
    expect(attachments.items.value.map(({ name }) => name)).toEqual(['bad.exe']);
    // What is under way goes on, for the message that the file is now.
    expect(handed.map(({ clientId }) => clientId)).toEqual(['message of a.pdf', 'message of c.pdf']);
    expect(calls.map(({ isCancelled }) => isCancelled)).toEqual([false, false, false]);
    const parts: number[] = [];
    for (const { upload } of handed) upload.onProgress = (part) => void parts.push(part);
    calls[0]?.progress(0.5);
    expect(parts).toEqual([0.5]);
  });

  test('a photo that isn’t clean yet is sent as it is, and cleaned before it goes up', async () => {
    const { attachments, sent, handed, setClean } = bench();
    setClean(() => new Promise(() => {}));
    attachments.add([fileOf('a.jpg', 'image/jpeg')]);

    attachments.send();

    expect(sent).toEqual(['a.jpg, as it is']);
    expect(handed).toEqual([]);
  });

  test('what failed stays, and the others go', async () => {
    const { attachments, calls, sent, failed, states, flushed } = bench();
    attachments.add([fileOf('a.pdf'), fileOf('b.pdf')]);
    await flushed();
    await calls[0]?.fail(new Failure('refused', 'fault', 'INTERNAL'));

    attachments.send();

    expect([sent, failed, states()]).toEqual([['b.pdf, clean'], ['a.pdf'], ['a.pdf: failed']]);
    attachments.retry('a1');
    await flushed();
    await calls[2]?.done();
    attachments.send();
    expect(sent).toEqual(['b.pdf, clean', 'a.pdf']);
  });

  test('without a connection it waits, and goes on when there is one', async () => {
    const { attachments, calls, states, flushed } = bench();
    attachments.add([fileOf('a.pdf')]);
    await flushed();
    await calls[0]?.fail(new Failure('unreachable', 'no network'));
    expect(states()).toEqual(['a.pdf: waiting']);

    attachments.kick();
    await flushed();
    await calls[1]?.fail(new Failure('timeout', 'silence'));
    await vi.advanceTimersByTimeAsync(2_000);
    await calls[2]?.done();

    expect(states()).toEqual(['a.pdf: done']);
  });

  test('it waits as long as the server asks', async () => {
    const { attachments, calls, flushed } = bench();
    attachments.add([fileOf('a.pdf')]);
    await flushed();
    await calls[0]?.fail(new Failure('refused', 'slow down', 'RATE_LIMITED', 7_000));

    await vi.advanceTimersByTimeAsync(6_900);
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(calls).toHaveLength(2);
  });

  test('without a session it waits for one', async () => {
    const { attachments, calls, states, setToken, flushed } = bench();
    setToken(undefined);
    attachments.add([fileOf('a.pdf')]);
    await flushed();
    expect([calls.length, states()]).toEqual([0, ['a.pdf: waiting']]);

    setToken('token-2');
    attachments.kick();
    await flushed();
    expect(calls[0]?.token).toBe('token-2');
  });

  test('a session that is over is told, once for the token that was used', async () => {
    const { attachments, calls, over, states, flushed } = bench();
    attachments.add([fileOf('a.pdf')]);
    await flushed();
    await calls[0]?.fail(new Failure('refused', 'over', 'SESSION_INVALID'));

    expect([over, states()]).toEqual([['token-1'], ['a.pdf: waiting']]);
  });
});

describe('files that aren’t taken', () => {
  test.each([
    ['an empty one', fileOf('a.pdf', 'application/pdf', 0), 'empty'],
    ['one too large', fileOf('a.pdf', 'application/pdf', limits.fileBytes + 1), 'tooLarge'],
    ['a picture too large', fileOf('a.png', 'image/png', limits.imageBytes + 1), 'tooLarge'],
    ['a program', fileOf('a.exe', 'application/x-msdownload'), 'kind'],
    ['a picture with script', fileOf('a.svg', 'image/svg+xml'), 'kind'],
    ['a page', fileOf('a.html', 'text/html'), 'kind'],
  ])('%s is refused at once, and doesn’t hold up the others', async (_, file, reason) => {
    const { attachments, calls, flushed } = bench();
    attachments.add([file, fileOf('good.pdf')]);
    await flushed();

    expect(attachments.items.value[0]?.state).toEqual({ at: 'refused', reason });
    expect(calls.map(({ name }) => name)).toEqual(['good.pdf']);
    attachments.retry('a1');
    await flushed();
    expect(calls).toHaveLength(1);
  });

  test('a large photo may come in, since it shrinks; one that doesn’t is refused', async () => {
    const { attachments, calls, setClean, states, flushed } = bench();
    setClean(async (file) => ({
      blob: file.name === 'a.jpg' ? new Blob(['small'], { type: 'image/jpeg' }) : file,
      name: file.name,
    }));
    const large = limits.imageBytes + 1;
    attachments.add([fileOf('a.jpg', 'image/jpeg', large), fileOf('b.jpg', 'image/jpeg', large)]);
    await flushed();

    expect(calls.map(({ name }) => name)).toEqual(['a.jpg']);
    expect(states()).toEqual(['a.jpg: uploading', 'b.jpg: refused']);
    expect(attachments.items.value[0]?.size).toBe(5);
  });

  test('what says that it is a photo and isn’t one never goes out as it is', async () => {
    const { attachments, calls, setClean, flushed } = bench();
    setClean(() => Promise.reject(new PhotoError('unreadable')));
    attachments.add([fileOf('a.jpg', 'image/jpeg')]);
    await flushed();

    expect(attachments.items.value[0]?.state).toEqual({ at: 'refused', reason: 'unreadable' });
    expect(calls).toEqual([]);
  });

  test('the server’s no is final, a fault of its isn’t', async () => {
    const { attachments, calls, states, flushed } = bench();
    attachments.add([fileOf('a.pdf'), fileOf('b.pdf')]);
    await flushed();
    await calls[0]?.fail(new Failure('refused', 'a program', 'FILE_REFUSED'));
    await calls[1]?.fail(new Failure('garbled', 'a proxy’s page'));

    expect(states()).toEqual(['a.pdf: refused', 'b.pdf: failed']);
  });

  test('the same file twice is there once, and so many files are enough', () => {
    const { attachments } = bench();
    const many = Array.from({ length: mostFiles + 3 }, (_, n) => fileOf(`${n}.pdf`));

    expect(attachments.add([fileOf('a.pdf')])).toEqual({ added: 1, twice: 0, tooMany: 0 });
    expect(attachments.add([fileOf('a.pdf'), ...many])).toEqual({ added: mostFiles - 1, twice: 1, tooMany: 4 });
  });

  test('too long a text is not sent with files either', async () => {
    const { attachments, left, calls, flushed } = bench();
    attachments.add([fileOf('a.pdf')]);
    await flushed();
    await calls[0]?.done();
    left.value = -1;

    expect(attachments.canSend.value).toBe(false);
  });
});

describe('whose files they are', () => {
  test('nothing of one customer goes out as another’s, however late it comes', async () => {
    const { attachments, calls, sent, setToken, setClean, flushed } = bench();
    let cleaned = (_: Prepared) => {};
    attachments.add([fileOf('a.pdf')]);
    await flushed();
    setClean(
      (file) =>
        new Promise((resolve) => {
          cleaned = () => resolve({ blob: file, name: file.name });
        }),
    );
    attachments.add([fileOf('slow.jpg', 'image/jpeg')]);

    attachments.drop();
    setToken('token of another');
    cleaned({} as Prepared);
    await calls[0]?.done();
    attachments.kick();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(calls.map(({ token, isCancelled }) => [token, isCancelled])).toEqual([['token-1', true]]);
    expect(sent).toEqual([]);
    expect(attachments.items.value).toEqual([]);
  });

  test('the same person with another session uploads again what isn’t sent', async () => {
    const { attachments, calls, sent, setToken, flushed } = bench();
    attachments.add([fileOf('a.pdf'), fileOf('b.pdf')]);
    await flushed();
    await calls[0]?.done();

    attachments.restart();
    setToken('token-2');
    await flushed();
    await calls[1]?.done('of the session before');
    expect(calls.map(({ token, name }) => [token, name])).toEqual([
      ['token-1', 'a.pdf'],
      ['token-1', 'b.pdf'],
      ['token-2', 'a.pdf'],
      ['token-2', 'b.pdf'],
    ]);
    await calls[2]?.done();
    await calls[3]?.done();
    attachments.send();
    expect(sent).toEqual(['a.pdf', 'b.pdf']);
  });

  test('a picture that was sent is shown from memory, and memory is let go', async () => {
    const { attachments, calls, flushed } = bench();
    attachments.add([fileOf('a.png', 'image/png'), fileOf('b.png', 'image/png')]);
    await flushed();
    await calls[0]?.done();
    attachments.remove('a2');
    expect(kept.size).toBe(1);
    attachments.send();

    const url = 'https://files.example/id of a.png';
    expect(kept.has(sourceOf(url))).toBe(true);
    attachments.drop();
    expect(sourceOf(url)).toBe(url);
    expect(kept.size).toBe(0);
  });
});
