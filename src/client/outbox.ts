import type { FileAnswer, SendAnswer, SendRequest } from '../protocol/live';
import { asFailure, Failure } from './failure';
import { attemptJson, count, maybe, object, record, type Shape, text } from './shape';
import type { Storage } from './storage';

/**
 * What the customer sent and the server hasn't acknowledged.
 *
 * - An entry is on disk before anything is on the wire, each under a key of its own, so that two tabs of one customer
 *   don't overwrite each other; when both send one, its client id makes it one message.
 * - One at a time and in order. What fails for a passing reason is tried again with backoff, and at once on `kick`.
 * - What the server refuses for good stays, with the reason, until the customer tries again or removes it.
 */
export type OutboxEntry = {
  request: SendRequest;
  /** Place in the order; milliseconds of the clock, made unique. */
  at: number;
  /** Why the server refused it; absent while it is on its way. */
  refusal?: string | undefined;
  /** What the file is that it sends, to show it meanwhile. */
  file?: FileAnswer | undefined;
};

export type Outbox = {
  entries(): readonly OutboxEntry[];
  add(content: SendRequest['content'], conversationId?: string, file?: FileAnswer): OutboxEntry;
  /** Tries a refused entry again. */
  retry(clientId: string): void;
  remove(clientId: string): void;
  /** It is in the log: whoever sent it, another tab perhaps. */
  settle(clientId: string): void;
  /** Something changed for the better (online, connected, a new session): don't wait any longer. */
  kick(): void;
  /** Hands everything over to another customer's outbox that is the same person, and stops. */
  moveTo(prefix: string): void;
  /** Forgets everything, here and on disk, and stops. */
  erase(): void;
  stop(): void;
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
const readEntry = object<OutboxEntry>({
  request: object<SendRequest>({ client_id: text, conversation_id: maybe(text), content }),
  at: count,
  refusal: maybe(text),
  // Read in full where it's shown.
  file: maybe(record as Shape<never>),
});

export type OutboxOptions = {
  storage: Storage;
  /** Keys of the entries begin so; names site and customer. */
  prefix: string;
  /** Throws `Failure`. */
  send: (request: SendRequest) => Promise<SendAnswer>;
  onChange: () => void;
  /** An acknowledgement came. */
  onSent: (entry: OutboxEntry, answer: SendAnswer) => void;
  onSessionOver?: () => void;
  newId: () => string;
  now: () => number;
  random?: () => number;
  setTimer?: (run: () => void, ms: number) => unknown;
  clearTimer?: (timer: never) => void;
};

export function openOutbox(options: OutboxOptions): Outbox {
  const { storage, prefix, now } = options;
  const setTimer = options.setTimer ?? ((run, ms) => setTimeout(run, ms));
  const clearTimer = (options.clearTimer ?? clearTimeout) as (timer: unknown) => void;
  let entries = load(storage, prefix);
  let failures = 0;
  let timer: unknown;
  let isSending = false;
  let isStopped = false;

  const keyOf = (clientId: string) => `${prefix}${clientId}`;
  const next = () => entries.find((entry) => !entry.refusal);

  function change(to: OutboxEntry[]): void {
    entries = to;
    options.onChange();
  }
  function replace(clientId: string, refusal: string | undefined): void {
    const found = entries.find((entry) => entry.request.client_id === clientId);
    if (!found) return;
    const entry: OutboxEntry = { ...found, refusal };
    storage.set(keyOf(clientId), JSON.stringify(entry));
    change(entries.map((each) => (each === found ? entry : each)));
  }
  function remove(clientId: string): void {
    storage.remove(keyOf(clientId));
    if (entries.some((entry) => entry.request.client_id === clientId)) {
      change(entries.filter((entry) => entry.request.client_id !== clientId));
    }
  }

  async function work(): Promise<void> {
    if (isSending) return;
    isSending = true;
    clearTimer(timer);
    for (let entry = next(); entry && !isStopped; entry = next()) {
      const id = entry.request.client_id;
      try {
        const answer = await options.send(entry.request);
        if (isStopped) break;
        failures = 0;
        options.onSent(entry, answer);
        remove(id);
      } catch (error) {
        if (isStopped) break;
        const failure = asFailure(error);
        if (failure.isFinal) {
          failures = 0;
          replace(id, failure.code);
          continue;
        }
        if (failure.isSessionOver) options.onSessionOver?.();
        timer = setTimer(() => void work(), failure.retryAfter ?? pause(failures++, options.random ?? Math.random));
        break;
      }
    }
    isSending = false;
  }

  void Promise.resolve().then(work);

  return {
    entries: () => entries,
    add(content, conversationId, file) {
      const at = Math.max(now(), (entries.at(-1)?.at ?? 0) + 1);
      const request: SendRequest = {
        client_id: options.newId(),
        content,
        ...(conversationId ? { conversation_id: conversationId } : {}),
      };
      const entry: OutboxEntry = { request, at, file };
      storage.set(keyOf(request.client_id), JSON.stringify(entry));
      change([...entries, entry]);
      void work();
      return entry;
    },
    retry(clientId) {
      replace(clientId, undefined);
      failures = 0;
      void work();
    },
    remove,
    settle: remove,
    kick() {
      failures = 0;
      void work();
    },
    moveTo(target) {
      isStopped = true;
      clearTimer(timer);
      for (const entry of entries) {
        // Its conversation may have become another one by then: the customer's latest is the right one.
        const { conversation_id: _, ...request } = entry.request;
        storage.set(`${target}${request.client_id}`, JSON.stringify({ ...entry, request }));
        storage.remove(keyOf(request.client_id));
      }
    },
    erase() {
      isStopped = true;
      clearTimer(timer);
      for (const key of storage.keys(prefix)) storage.remove(key);
      entries = [];
    },
    stop() {
      isStopped = true;
      clearTimer(timer);
    },
  };
}

/** Half a second at first, half a minute at most, spread so that a server that comes back isn't run over. */
const pause = (failures: number, random: () => number) => Math.min(30_000, 500 * 2 ** failures) * (0.5 + random() / 2);

function load(storage: Storage, prefix: string): OutboxEntry[] {
  const found: OutboxEntry[] = [];
  for (const key of storage.keys(prefix)) {
    const kept = attemptJson(readEntry, storage.get(key));
    if (kept) found.push(kept);
    else storage.remove(key);
  }
  return found.sort((a, b) => a.at - b.at);
}

/** For senders: nothing to send with yet. */
export const notConnected = () => new Failure('unreachable', 'Not connected.');
