import type { FileAnswer, SendAnswer, SendRequest } from '../protocol/live';
import type { Disk } from './disk';
import { asFailure, Failure } from './failure';
import { openNews } from './news';
import { attempt, count, flag, maybe, object, record, type Shape, text } from './shape';
import { openTurn, type Timer, type TurnOptions } from './turn';

/**
 * What the customer sent and the server hasn't acknowledged.
 *
 * - An entry is on disk before anything of it is on the wire; where only memory is left, `isKept` says so.
 * - One at a time and in order, over all tabs of a customer: whoever's turn it is takes the first entry from the disk, whichever
 *   tab wrote it. Two that send the same one after all do no harm: its client id makes it one message.
 * - A file that isn't uploaded yet is uploaded when it is its turn, and then sent by its id.
 * - What fails for a passing reason is tried again with backoff, at once on `kick`, and never before the server wants it.
 * - What the server refuses for good stays, with the reason, until the customer tries again or removes it. So does what
 *   something on the way there has blocked again and again: it mustn't hold up what comes after it.
 */
export type OutboxEntry = {
  request: SendRequest;
  /** Place in the order; milliseconds of the clock, made unique. */
  at: number;
  /** Why the server refused it; absent while it is on its way. */
  refusal?: string | undefined;
  /** What the file is that it sends, to show it meanwhile. */
  file?: FileAnswer | undefined;
  /** The file itself, until it is sent; uploaded when it has no `file` yet. */
  blob?: File | undefined;
  /** It was made ready to be uploaded. */
  isClean?: boolean | undefined;
};

export type Outbox = {
  entries(): readonly OutboxEntry[];
  /** False when something that waits is in memory alone. */
  isKept(): boolean;
  add(content: SendRequest['content'], conversationId?: string, file?: FileAnswer): OutboxEntry;
  /** A file that is yet to be uploaded. */
  addFile(blob: File, isClean: boolean, conversationId?: string): OutboxEntry;
  /** Tries a refused entry again. */
  retry(clientId: string): void;
  remove(clientId: string): void;
  /** It is in the log: whoever sent it, another tab perhaps. */
  settle(clientId: string): void;
  /** Something changed for the better (online, connected, a new session, awake): don't wait any longer. */
  kick(): void;
  /** The page may be frozen or thrown away: gives up its turn until `kick`. */
  sleep(): void;
  /** Hands everything over to another customer's outbox that is the same person, and stops. Gives what that one begins with. */
  moveTo(prefix: string): OutboxEntry[];
  /** Forgets everything and stops; resolves once nothing is on disk any more. */
  erase(): Promise<void>;
  stop(): void;
};

/** What tabs of one customer tell each other. Without more: what is on disk has changed. */
type OutboxNews = {
  sent?: { client_id: string; answer: SendAnswer };
  /** The server wants nobody to send for so many milliseconds. */
  rest?: number;
  /** Whose turn it is takes longer: it is uploading. */
  isBusy?: boolean;
  /** Everything of this customer was erased. */
  isOver?: boolean;
};

type Content = SendRequest['content'];
type Kind<K extends PropertyKey> = Extract<Content, Record<K, unknown>>;
const contents = {
  text: object<Kind<'text'>>({ text }),
  answer: object<Kind<'answer'>>({
    answer: object<Kind<'answer'>['answer']>({ message_id: text, option: count }),
  }),
  file: object<Kind<'file'>>({ file: object<Kind<'file'>['file']>({ id: text }) }),
};
const content: Shape<Content> = (input) => {
  const fields = record(input);
  return contents['file' in fields ? 'file' : 'answer' in fields ? 'answer' : 'text'](fields);
};
const wholeFile: Shape<File> = (input) => {
  if (input instanceof Blob) return input as File;
  throw new TypeError('expected a file');
};
const readEntry = object<OutboxEntry>({
  request: object<SendRequest>({ client_id: text, conversation_id: maybe(text), content }),
  at: count,
  refusal: maybe(text),
  // Read in full where it's shown.
  file: maybe(record as Shape<never>),
  blob: maybe(wholeFile),
  isClean: maybe(flag),
});

export type OutboxOptions = {
  disk: Disk;
  /** What is shown until the disk has been read. */
  entries?: readonly OutboxEntry[] | undefined;
  /** Keys of the entries begin so; names site and customer. */
  prefix: string;
  /** One tab sends at a time; everybody does where there are none. */
  locks?: TurnOptions['locks'] | undefined;
  /** Throws `Failure`. */
  send: (request: SendRequest) => Promise<SendAnswer>;
  /** Uploads an entry's file and puts its id on disk. Throws `Failure`. */
  upload?: ((entry: OutboxEntry, tools: UploadTools) => Promise<void>) | undefined;
  onChange: () => void;
  /** An acknowledgement came, `here` or in another tab. */
  onSent: (entry: OutboxEntry, answer: SendAnswer, here: boolean) => void;
  onSessionOver?: () => void;
  /** Where tabs hear each other. */
  channel?: ((name: string) => BroadcastChannel) | undefined;
  newId: () => string;
  now: () => number;
  random?: () => number;
  setTimer?: TurnOptions['setTimer'];
  clearTimer?: TurnOptions['clearTimer'];
};

export type UploadTools = {
  /** Changes the entry on disk; nothing is there when it was removed. */
  write(change: (before: unknown) => unknown): Promise<void>;
  /** It goes on: no other tab's turn yet. */
  isBusy(): void;
};

/** Milliseconds without a sign of life after which a tab's turn is over; longer than a send takes at most. */
const patience = 30_000;
/** So often something on the way may block a message: for half a minute at least, when nobody has us try sooner. */
const mostBlocks = 8;

export function openOutbox(options: OutboxOptions): Outbox {
  const { disk, prefix, now, setTimer = setTimeout, clearTimer = clearTimeout } = options;
  const news = openNews<OutboxNews>(() => options.channel?.(prefix), hear);
  const turn = openTurn({ locks: options.locks, name: prefix, patience, setTimer, clearTimer });
  let entries: readonly OutboxEntry[] = options.entries ?? [];
  /** What isn't on disk yet, by client id. */
  const writes = new Map<string, Promise<void>>();
  /** What is done with never comes back, whatever a slower reading says. */
  const gone = new Set<string>();
  /** Of these the log was faster than the acknowledgement, which is told all the same. */
  const settled = new Set<string>();
  const unreadable = new Set<string>();
  let failures = 0;
  /** How often in a row something on the way has blocked the first one. */
  let blocks = 0;
  let timer: Timer;
  let restTimer: Timer;
  let isWorking = false;
  let isResting = false;
  let isAsleep = false;
  let isStopped = false;

  const isHalted = () => isStopped || isAsleep || isResting;
  const keyOf = (clientId: string) => `${prefix}${clientId}`;
  const idOf = (entry: OutboxEntry) => entry.request.client_id;
  const find = (clientId: string) => entries.find((entry) => idOf(entry) === clientId);
  const first = () => entries.find((entry) => !entry.refusal);

  function change(to: readonly OutboxEntry[]): void {
    entries = to;
    if (!isStopped) options.onChange();
  }
  function put(entry: OutboxEntry): OutboxEntry {
    const id = idOf(entry);
    const written = disk
      .write(keyOf(id), () => entry)
      .then(() => {
        writes.delete(id);
        if (!disk.isKept(keyOf(id))) change(entries);
        news.tell({});
      });
    writes.set(id, written);
    change([...entries, entry]);
    void work();
    return entry;
  }
  function add(content: Content, conversationId?: string): OutboxEntry {
    return {
      request: {
        client_id: options.newId(),
        content,
        ...(conversationId ? { conversation_id: conversationId } : {}),
      },
      at: Math.max(now(), (entries.at(-1)?.at ?? 0) + 1),
    };
  }
  /** Here and on disk, unless it was removed meanwhile. */
  async function replace(clientId: string, fields: Partial<OutboxEntry>): Promise<void> {
    change(entries.map((entry) => (idOf(entry) === clientId ? { ...entry, ...fields } : entry)));
    await disk.write(keyOf(clientId), (before) => before && { ...before, ...fields });
    news.tell({});
  }
  function drop(clientId: string): void {
    gone.add(clientId);
    if (find(clientId)) change(entries.filter((entry) => idOf(entry) !== clientId));
  }
  async function remove(clientId: string): Promise<void> {
    drop(clientId);
    await disk.write(keyOf(clientId), () => undefined);
    news.tell({});
  }

  /** The disk knows best: what other tabs wrote comes, what they sent, removed or erased goes. */
  async function reread(): Promise<void> {
    const isOwn = new Set(writes.keys());
    const kept = await disk.read(prefix).catch(() => undefined);
    if (!kept || isStopped) return;
    const found = entries.filter((entry) => isOwn.has(idOf(entry)) || writes.has(idOf(entry)));
    for (const [key, value] of kept) {
      const read = attempt(readEntry, value);
      if (read) {
        const id = idOf(read);
        if (gone.has(id) || found.some((entry) => idOf(entry) === id)) continue;
        const known = find(id);
        found.push(known && known.refusal === read.refusal && !known.file === !read.file ? known : read);
      } else if (!unreadable.has(key)) {
        unreadable.add(key);
        console.warn(`guichet: kept, but not understood and not sent: ${key}`);
      }
    }
    found.sort((a, b) => a.at - b.at);
    if (found.length !== entries.length || found.some((entry, at) => entry !== entries[at])) change(found);
  }

  async function work(): Promise<void> {
    if (isWorking || isHalted()) return;
    isWorking = true;
    clearTimer(timer);
    let goesOn = true;
    while (goesOn && !isHalted() && first()) {
      goesOn = false;
      await turn.take(async () => {
        goesOn = await sendFirst();
      });
    }
    isWorking = false;
  }

  /** In our turn. Gives whether to go on with the next one. */
  async function sendFirst(): Promise<boolean> {
    await Promise.all(writes.values());
    await reread();
    const entry = first();
    if (!entry || isHalted()) return false;
    const id = idOf(entry);
    try {
      if (entry.blob && !entry.file) {
        if (!options.upload) throw notConnected();
        await options.upload(entry, {
          write: (change) => disk.write(keyOf(id), change),
          isBusy: () => news.tell({ isBusy: true }),
        });
        await reread();
        // A disk that doesn't say so can't be asked again and again.
        if (find(id)?.file === undefined && find(id)) throw notConnected();
        return true;
      }
      const answer = await options.send(entry.request);
      if (isStopped) return false;
      failures = blocks = 0;
      if (!gone.has(id) || settled.has(id)) options.onSent(entry, answer, true);
      if (gone.has(id)) return true;
      news.tell({ sent: { client_id: id, answer } });
      await remove(id);
    } catch (error) {
      if (isStopped) return false;
      const failure = asFailure(error);
      blocks = failure.isBlocked ? blocks + 1 : 0;
      if (!failure.isFinal && blocks < mostBlocks) {
        if (failure.isSessionOver) options.onSessionOver?.();
        if (failure.retryAfter) {
          news.tell({ rest: failure.retryAfter });
          rest(failure.retryAfter);
        } else timer = setTimer(() => void work(), pause(failures++, options.random ?? Math.random));
        return false;
      }
      failures = blocks = 0;
      await replace(id, { refusal: failure.code });
    }
    return true;
  }

  function rest(ms: number): void {
    isResting = true;
    clearTimer(restTimer);
    restTimer = setTimer(() => {
      isResting = false;
      void work();
    }, ms);
  }
  function letGo(): void {
    clearTimer(timer);
    turn.letGo();
  }
  function stop(): void {
    isStopped = true;
    clearTimer(restTimer);
    letGo();
  }
  const look = () => void reread().then(work);
  function hear({ sent, rest: ms, isBusy, isOver }: OutboxNews): void {
    if (isStopped) return;
    if (isOver) options.onSessionOver?.();
    const entry = sent && find(sent.client_id);
    if (entry) {
      options.onSent(entry, sent.answer, false);
      drop(sent.client_id);
    }
    if (ms) rest(ms);
    if (isBusy) turn.wait(patience);
    else if (!sent) look();
  }
  look();

  return {
    entries: () => entries,
    isKept: () => entries.every((entry) => disk.isKept(keyOf(idOf(entry)))),
    add: (content, conversationId, file) => put({ ...add(content, conversationId), file }),
    addFile: (blob, isClean, conversationId) => put({ ...add({ file: { id: '' } }, conversationId), blob, isClean }),
    retry(clientId) {
      failures = 0;
      const entry = find(clientId);
      // Another message has its id: it needs one of its own.
      if (entry?.refusal === 'CLIENT_ID_REUSED') {
        void remove(clientId);
        put({ ...entry, refusal: undefined, request: { ...entry.request, client_id: options.newId() } });
      } else {
        // A file that the server didn't keep is uploaded once more.
        void replace(clientId, { refusal: undefined, ...(entry?.blob && { file: undefined }) });
        void work();
      }
    },
    remove,
    settle(clientId) {
      settled.add(clientId);
      void remove(clientId);
    },
    kick() {
      if (isStopped) return;
      isAsleep = false;
      failures = 0;
      news.open();
      void work();
      look();
    },
    sleep() {
      isAsleep = true;
      letGo();
      news.close();
    },
    moveTo(target) {
      stop();
      news.close();
      void disk.move(prefix, target, withoutConversation);
      return entries.map(withoutConversation) as OutboxEntry[];
    },
    async erase() {
      stop();
      entries = [];
      await Promise.all(writes.values());
      await disk.move(prefix);
      news.tell({ isOver: true });
      news.close();
    },
    stop() {
      stop();
      news.close();
    },
  };
}

/** What is kept of an entry when it becomes another customer's who is the same person. */
export function withoutConversation(kept: unknown): unknown {
  const entry = attempt(readEntry, kept);
  if (!entry) return kept;
  // Its conversation may have become another one by then: the customer's latest is the right one.
  const { conversation_id: _, ...request } = entry.request;
  // An upload belongs to who made it.
  return { ...entry, request, ...(entry.blob && { file: undefined }) };
}

/** What is kept of an entry when its file was uploaded; whichever tab is first decides what is sent: one client id must not have two contents. */
export function withFile(kept: unknown, file: FileAnswer): unknown {
  const entry = attempt(readEntry, kept);
  if (!entry || entry.file) return kept;
  return { ...entry, file, request: { ...entry.request, content: { file: { id: file.id } } } };
}

/** Half a second at first, half a minute at most, spread so that a server that comes back isn't run over. */
const pause = (failures: number, random: () => number) => Math.min(30_000, 500 * 2 ** failures) * (0.5 + random() / 2);

/** For senders: nothing to send with yet. */
export const notConnected = () => new Failure('unreachable', 'Not connected.');
