import { describe, expect, test, vi } from 'vitest';
import type { FileAnswer, SendRequest } from '../protocol/live';
import { openDisk } from './disk';
import { Failure, failureOf } from './failure';
import { type Outbox, type OutboxOptions, openOutbox, withFile } from './outbox';
import { memoryStorage, type Storage } from './storage';

/** An outbox whose server answers as it's told, and whose clock stands still until it's turned. */
function bench(storage: Storage = memoryStorage(), prefix = 'outbox:ana:', more: Partial<OutboxOptions> = {}) {
  const wire: SendRequest[] = [];
  const answers: ((request: SendRequest) => unknown)[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  let ids = 0;
  const box: Outbox = openOutbox({
    disk: openDisk(storage),
    prefix,
    newId: () => `client-id-${++ids}`,
    now: () => 1_000,
    random: () => 1,
    setTimer: (run, ms) => timers.push({ run, ms }),
    clearTimer: () => {},
    onChange: () => {},
    onSent: () => {},
    async send(request) {
      wire.push(request);
      const kept = storage.keys(prefix);
      if (!kept.includes(prefix + request.client_id)) throw new Error('it was on the wire before it was on disk');
      const answer = answers.shift()?.(request);
      if (answer instanceof Error) throw answer;
      return { id: `m-${request.client_id}`, conversation_id: 'c', seq: 1, created_time: 't' };
    },
    ...more,
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { box, wire, answers, timers, settle, storage };
}
const unreachable = () => new Failure('unreachable', 'no network');
const textsOf = (requests: readonly SendRequest[]) =>
  requests.map(({ content }) => ('text' in content ? content.text : content));
const refusalsOf = (box: Outbox) => box.entries().map(({ refusal }) => refusal);

describe('the outbox', () => {
  test('what is acknowledged goes, in the order it was written', async () => {
    const { box, wire, settle, storage } = bench();

    box.add({ text: 'one' });
    box.add({ text: 'two' });
    await settle();

    expect(textsOf(wire)).toEqual(['one', 'two']);
    expect(box.entries()).toEqual([]);
    expect(storage.keys('outbox:')).toEqual([]);
  });

  test('what fails for a passing reason is tried again under the same id, and nothing overtakes it', async () => {
    const { box, wire, answers, timers, settle } = bench();
    answers.push(unreachable, unreachable);

    box.add({ text: 'one' });
    box.add({ text: 'two' });
    await settle();
    expect(textsOf(wire)).toEqual(['one']);
    timers.shift()?.run();
    await settle();
    timers.shift()?.run();
    await settle();

    expect(textsOf(wire)).toEqual(['one', 'one', 'one', 'two']);
    expect(new Set(wire.slice(0, 3).map(({ client_id }) => client_id)).size).toBe(1);
  });

  const stopped = () => failureOf('<h1>Forbidden</h1>', 403);

  test('what something on the way stops again and again is refused after half a minute, can be tried again, and holds up nothing', async () => {
    const { box, wire, answers, timers, settle } = bench(undefined, undefined, { random: () => 0 });
    answers.push(...Array(8).fill(stopped));
    box.add({ text: 'a word that a firewall doesn’t like' });
    box.add({ text: 'two' });
    await settle();
    let waited = 0;
    for (let tries = 1; tries < 8; tries++) {
      expect(refusalsOf(box)).toEqual([undefined, undefined]);
      const timer = timers.shift();
      waited += timer?.ms ?? 0;
      timer?.run();
      await settle();
    }
    const refused = box.entries();
    const sent = textsOf(wire);

    box.retry('client-id-1');
    await settle();

    expect(waited).toBeGreaterThan(30_000);
    expect(refused).toMatchObject([{ request: { client_id: 'client-id-1' }, refusal: 'GARBLED' }]);
    expect(sent.at(-1)).toBe('two');
    expect(box.entries()).toEqual([]);
  });

  test('what is stopped only now and then waits on', async () => {
    const { box, answers, timers, settle } = bench();
    for (let n = 0; n < 5; n++) answers.push(stopped, stopped, stopped, unreachable);
    box.add({ text: 'one' });
    await settle();

    for (let tries = 1; tries < 20; tries++) {
      timers.shift()?.run();
      await settle();
    }

    expect(refusalsOf(box)).toEqual([undefined]);
  });

  test('it waits longer each time, half a minute at most, and as long as the server asks', async () => {
    const { box, answers, timers, settle } = bench();
    for (let n = 0; n < 9; n++) answers.push(unreachable);
    answers.push(() => new Failure('refused', 'slow down', 'RATE_LIMITED', 7_000));

    box.add({ text: 'one' });
    const waits: number[] = [];
    for (let n = 0; n < 10; n++) {
      await settle();
      const timer = timers.shift();
      waits.push(timer?.ms ?? -1);
      timer?.run();
    }

    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 7_000]);
  });

  test('a kick does not wait', async () => {
    const { box, wire, answers, settle } = bench();
    answers.push(unreachable);
    box.add({ text: 'one' });
    await settle();

    box.kick();
    await settle();

    expect(wire).toHaveLength(2);
    expect(box.entries()).toEqual([]);
  });

  test('what is refused stays with its reason, lets the next pass, and can be tried again', async () => {
    const { box, wire, answers, settle } = bench();
    answers.push(() => new Failure('refused', 'no', 'INVALID_VALUE'));

    box.add({ text: 'bad' });
    box.add({ text: 'good' });
    await settle();
    expect(textsOf(wire)).toEqual(['bad', 'good']);
    expect(box.entries()).toMatchObject([{ refusal: 'INVALID_VALUE' }]);
    box.retry('client-id-1');
    await settle();

    expect(textsOf(wire)).toEqual(['bad', 'good', 'bad']);
    expect(box.entries()).toEqual([]);
  });

  test('it survives the page, refusals included, and goes on in order', async () => {
    const first = bench();
    first.answers.push(() => new Failure('refused', 'no', 'INVALID_VALUE'), unreachable);
    first.box.add({ text: 'refused' });
    first.box.add({ text: 'one' });
    first.box.add({ answer: { message_id: 'm1', option: 2 } }, 'c1');
    await first.settle();
    first.box.stop();

    const second = bench(first.storage);
    await second.settle();

    expect(second.wire.map(({ client_id }) => client_id)).toEqual(['client-id-2', 'client-id-3']);
    expect(second.wire[1]).toEqual({
      client_id: 'client-id-3',
      conversation_id: 'c1',
      content: { answer: { message_id: 'm1', option: 2 } },
    });
    expect(second.box.entries()).toMatchObject([{ request: { client_id: 'client-id-1' }, refusal: 'INVALID_VALUE' }]);
  });

  test('a file is sent by its id, and what it is survives the page, a refusal and a new try', async () => {
    const file = {
      id: 'f1',
      url: 'https://files.example/f/x/a.png',
      name: 'a.png',
      content_type: 'image/png',
      size: 7,
    };
    const first = bench();
    first.answers.push(() => new Failure('refused', 'gone', 'FILE_NOT_FOUND'));
    first.box.add({ file: { id: 'f1' } }, undefined, file);
    await first.settle();
    first.box.stop();

    const second = bench(first.storage);
    await second.settle();
    expect(second.wire).toEqual([]);
    expect(second.box.entries()).toMatchObject([{ file, refusal: 'FILE_NOT_FOUND' }]);
    second.answers.push(unreachable);
    second.box.retry('client-id-1');
    await second.settle();

    expect(second.wire).toEqual([{ client_id: 'client-id-1', content: { file: { id: 'f1' } } }]);
    expect(second.box.entries()).toMatchObject([{ file, refusal: undefined }]);
  });

  test('what this version can’t read stays where it is, is said once, and holds nothing up', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const storage = memoryStorage();
    storage.set('outbox:ana:x', '{"request":{"client_id":7}}');
    storage.set('outbox:ana:y', 'no json');
    const { box, wire, settle } = bench(storage);

    box.add({ text: 'one' });
    await settle();

    expect(textsOf(wire)).toEqual(['one']);
    expect(box.entries()).toEqual([]);
    expect(storage.keys('outbox:')).toEqual(['outbox:ana:x', 'outbox:ana:y']);
    expect(storage.get('outbox:ana:y')).toBe('no json');
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringContaining('outbox:ana:x'),
      expect.stringContaining('outbox:ana:y'),
    ]);
    warn.mockRestore();
  });

  test('one customer’s entries are never another’s', async () => {
    const storage = memoryStorage();
    const ana = bench(storage);
    ana.answers.push(unreachable);
    ana.box.add({ text: 'by Ana' });
    await ana.settle();
    ana.box.stop();

    const ben = bench(storage, 'outbox:ben:');
    await ben.settle();

    expect(ben.wire).toEqual([]);
    expect(ben.box.entries()).toEqual([]);
  });

  test('erased, nothing is left and nothing goes out any more', async () => {
    const { box, wire, answers, timers, settle, storage } = bench();
    answers.push(unreachable);
    box.add({ text: 'one' });
    await settle();

    box.erase();
    timers.shift()?.run();
    await settle();

    expect(storage.keys('')).toEqual([]);
    expect(wire).toHaveLength(1);
  });

  test('handed over, entries go out of the other outbox, without the conversation they were meant for', async () => {
    const first = bench();
    first.answers.push(unreachable);
    first.box.add({ text: 'one' }, 'conversation-of-the-guest');
    await first.settle();

    first.box.moveTo('outbox:vouched:');
    const second = bench(first.storage, 'outbox:vouched:');
    await second.settle();

    expect(second.wire).toEqual([{ client_id: 'client-id-1', content: { text: 'one' } }]);
    expect(first.storage.keys('outbox:ana:')).toEqual([]);
  });

  test('where storage refuses, memory does, and that is said while something waits', async () => {
    const { box, wire, answers, settle } = bench(memoryStorage());
    answers.push(unreachable);
    expect(box.isKept()).toBe(true);

    box.add({ text: 'one' });
    await settle();
    expect(box.isKept()).toBe(false);
    box.kick();
    await settle();

    expect(wire).toHaveLength(2);
    expect(box.isKept()).toBe(true);
  });

  test('nothing goes out before the server wants it, however often it is kicked', async () => {
    const { box, wire, answers, timers, settle } = bench();
    answers.push(() => new Failure('refused', 'slow down', 'RATE_LIMITED', 7_000));
    box.add({ text: 'one' });
    await settle();

    box.kick();
    box.add({ text: 'two' });
    await settle();
    expect(textsOf(wire)).toEqual(['one']);
    timers.find(({ ms }) => ms === 7_000)?.run();
    await settle();

    expect(textsOf(wire)).toEqual(['one', 'one', 'two']);
  });

  test('an id that stands for other words already is refused with its reason, and a new try has an id of its own', async () => {
    const { box, wire, answers, settle } = bench();
    answers.push(() => new Failure('refused', 'other content', 'CLIENT_ID_REUSED'));
    box.add({ text: 'one' });
    await settle();
    expect(box.entries()).toMatchObject([{ refusal: 'CLIENT_ID_REUSED' }]);

    box.retry('client-id-1');
    await settle();

    expect(wire.map(({ client_id }) => client_id)).toEqual(['client-id-1', 'client-id-2']);
    expect(textsOf(wire)).toEqual(['one', 'one']);
    expect(box.entries()).toEqual([]);
  });

  test('nothing is on the wire before it is on disk, however slow the disk is', async () => {
    const storage = memoryStorage();
    const disk = openDisk(storage);
    const written: (() => void)[] = [];
    const { box, wire, settle } = bench(storage, 'outbox:ana:', {
      disk: {
        ...disk,
        async write(key, change) {
          await new Promise<void>((resolve) => written.push(resolve));
          await disk.write(key, change);
        },
      },
    });

    box.add({ text: 'one' });
    await settle();
    expect(textsOf(box.entries().map(({ request }) => request))).toEqual(['one']);
    expect(wire).toEqual([]);
    written.shift()?.();
    await settle();

    expect(textsOf(wire)).toEqual(['one']);
  });

  test('a disk that can’t be read any more neither loses what waits nor sends it over and over', async () => {
    const storage = memoryStorage();
    const disk = openDisk(storage);
    const upload = vi.fn<Upload>(async () => {});
    const { box, timers, settle } = bench(storage, 'outbox:ana:', {
      disk: { ...disk, read: () => Promise.reject(new Error('gone')) },
      upload,
    });

    box.addFile(new File(['x'], 'a.pdf'), true);
    await settle();

    expect(box.entries()).toHaveLength(1);
    expect([upload.mock.calls.length, timers.length]).toEqual([1, 1]);
  });

  test('asleep it sends nothing, and goes on when it is kicked', async () => {
    const { box, wire, settle } = bench();
    box.sleep();
    box.add({ text: 'one' });
    await settle();
    expect(wire).toEqual([]);

    box.kick();
    await settle();

    expect(textsOf(wire)).toEqual(['one']);
  });

  test('removed or erased while it is under way, its acknowledgement tells nothing any more', async () => {
    for (const end of ['remove', 'erase'] as const) {
      let answer = (_: unknown) => {};
      const onSent = vi.fn();
      const { box, settle, storage } = bench(memoryStorage(), 'outbox:ana:', {
        send: () =>
          new Promise((resolve) => {
            answer = resolve as never;
          }),
        onSent,
      });
      box.add({ text: 'one' });
      await settle();

      if (end === 'remove') box.remove('client-id-1');
      else await box.erase();
      answer({ id: 'm1', conversation_id: 'c', seq: 1, created_time: 't' });
      await settle();

      expect(onSent).not.toHaveBeenCalled();
      expect(storage.keys('')).toEqual([]);
    }
  });
});

type Upload = NonNullable<OutboxOptions['upload']>;

describe('a file', () => {
  const file: FileAnswer = {
    id: 'f1',
    url: 'https://files.example/f/x/a.pdf',
    name: 'a.pdf',
    content_type: 'application/pdf',
    size: 7,
  };
  const blob = new File(['content'], 'a.pdf', { type: 'application/pdf' });

  test('is uploaded when it is its turn, and then sent by its id', async () => {
    const story: string[] = [];
    const { box, settle } = bench(memoryStorage(), 'outbox:ana:', {
      async send({ content }) {
        story.push(JSON.stringify(content));
        return { id: 'm', conversation_id: 'c', seq: 1, created_time: 't' };
      },
      async upload(entry, { write }) {
        story.push(`upload ${entry.blob?.name}`);
        await write((before) => withFile(before, file));
      },
    });

    box.add({ text: 'before' });
    box.addFile(blob, true);
    box.add({ text: 'behind' });
    await settle();

    expect(story).toEqual(['{"text":"before"}', 'upload a.pdf', '{"file":{"id":"f1"}}', '{"text":"behind"}']);
    expect(box.entries()).toEqual([]);
  });

  test('that was uploaded isn’t uploaded again when sending fails', async () => {
    const upload = vi.fn<Upload>((_, { write }) => write((before) => withFile(before, file)));
    const { box, wire, answers, settle } = bench(memoryStorage(), 'outbox:ana:', { upload });
    answers.push(unreachable);

    box.addFile(blob, true);
    await settle();
    expect(box.entries()).toMatchObject([{ file }]);
    box.kick();
    await settle();

    expect(upload).toHaveBeenCalledTimes(1);
    expect(wire.map(({ content }) => content)).toEqual([{ file: { id: 'f1' } }, { file: { id: 'f1' } }]);
  });

  test('that the server doesn’t take stays with its reason, and what is behind it goes out', async () => {
    const { box, wire, settle } = bench(memoryStorage(), 'outbox:ana:', {
      upload: () => Promise.reject(new Failure('refused', 'no', 'FILE_REFUSED')),
    });

    box.addFile(blob, true);
    box.add({ text: 'behind' });
    await settle();

    expect(textsOf(wire)).toEqual(['behind']);
    expect(box.entries()).toMatchObject([{ refusal: 'FILE_REFUSED', blob }]);
  });

  test('that is removed while it is uploaded isn’t sent', async () => {
    let done = (_: FileAnswer) => {};
    const { box, wire, settle } = bench(memoryStorage(), 'outbox:ana:', {
      upload: (_, { write }) =>
        new Promise<FileAnswer>((resolve) => {
          done = resolve;
        }).then((file) => write((before) => withFile(before, file))),
    });
    box.addFile(blob, true);
    box.add({ text: 'behind' });
    await settle();

    box.remove('client-id-1');
    done(file);
    await settle();

    expect(textsOf(wire)).toEqual(['behind']);
  });
});
