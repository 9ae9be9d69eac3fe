/**
 * Compares what each side was told with what is stored in the end. Pure: the same files give the same violations.
 *
 * What holds, and the name under which its breach is reported:
 * - `sparse`     the log of a conversation counts 1, 2, 3 … without a gap
 * - `twice`      no id and no client id is stored twice
 * - `lost`       what was acknowledged is stored
 * - `moved`      …where the acknowledgement said, under the id that it named
 * - `changed`    …with the content that was said; and what a client saw is what is stored
 * - `forgotten`  what a client took on is stored or was refused, whatever became of that client
 * - `phantom`    nothing is stored or seen that nobody said
 * - `resurrected` what was refused is not stored
 * - `swapped`    what one client said is stored in the order in which it was said
 * - `gap`, `again`, `disorder`  a client sees the messages of a conversation one after the other, each once
 * - `foreign`    a client sees its own conversations only
 * - `late`       it sees all of them within 35 s of quiet
 * - `screen`     in the end its screen shows what is stored, and nothing waits to be sent
 * - `unsettled`  the run came to rest
 */
import type { Copy, History, HistoryRecord, Told } from './history';

export type Rule =
  | 'sparse'
  | 'twice'
  | 'lost'
  | 'moved'
  | 'changed'
  | 'forgotten'
  | 'phantom'
  | 'resurrected'
  | 'swapped'
  | 'gap'
  | 'again'
  | 'disorder'
  | 'foreign'
  | 'late'
  | 'screen'
  | 'unsettled';
export type Violation = { rule: Rule; client?: string; what: string };

/** An event of the log; `message` is there if it is one. */
export type Stored = { conversation: string; seq: number; message?: Copy | undefined; byCustomer?: boolean };

/** How long after the last word a client may take to have all of it, in ms. */
export const healsWithin = 35_000;

export function check(histories: readonly History[], log: readonly Stored[]): Violation[] {
  const store = readStore(log);
  const said = readSaid(histories);
  return [
    ...checkLog(store),
    ...checkSaid(said, store),
    ...histories.flatMap((history) => checkOrderOf(history, store)),
    ...histories.filter(({ isViewer }) => isViewer).flatMap((history) => checkSeen(history, store, said.quiet)),
  ];
}

// ---- what is stored -------------------------------------------------------------------------------------------------

type Store = {
  events: Map<string, number[]>;
  /** By conversation, in the order of the log. */
  messages: Map<string, Copy[]>;
  all: Copy[];
  byId: Map<string, Copy>;
  byClientId: Map<string, Copy>;
  byHash: Map<string, Copy>;
};

function readStore(log: readonly Stored[]): Store {
  const inOrder = [...log].sort((a, b) => a.seq - b.seq);
  const all = inOrder.flatMap(({ message }) => message ?? []);
  // Of what is there twice the first counts; the rule `twice` speaks of the others.
  const lastFirst = all.toReversed();
  return {
    events: group(inOrder, ({ conversation, seq }) => [conversation, seq]),
    messages: group(all, (message) => [message.conversation, message]),
    all,
    byClientId: new Map(
      lastFirst.flatMap((message) => (message.client_id ? [[message.client_id, message] as const] : [])),
    ),
    byId: new Map(lastFirst.map((message) => [message.id, message])),
    byHash: new Map(lastFirst.map((message) => [message.hash, message])),
  };
}

function checkLog(store: Store): Violation[] {
  const found: Violation[] = [];
  for (const [conversation, seqs] of store.events) {
    const at = seqs.findIndex((seq, index) => seq !== index + 1);
    if (at >= 0) found.push({ rule: 'sparse', what: `${conversation}: ${seqs[at]} stands at place ${at + 1}` });
  }
  for (const [kind, keyOf] of [
    ['id', ({ id }: Copy) => id],
    ['client id', ({ client_id }: Copy) => client_id],
    ['content', ({ hash }: Copy) => hash],
  ] as const) {
    for (const [key, messages] of group(store.all, (message) => [keyOf(message), message])) {
      if (key !== undefined && messages.length > 1)
        found.push({ rule: 'twice', what: `${kind} ${key}: ${messages.map(placeOf).join(', ')}` });
    }
  }
  return found;
}

// ---- what was said --------------------------------------------------------------------------------------------------

type Record<W extends Told['what']> = Extract<HistoryRecord, { what: W }>;
const only = <W extends Told['what']>(records: readonly HistoryRecord[], what: W) =>
  records.filter((record): record is Record<W> => record.what === what);

type Said = {
  invoked: Set<string>;
  kept: Record<'kept'>[];
  ok: Record<'ok'>[];
  refused: Record<'refused'>[];
  /** Undefined: it never became quiet. */
  quiet: number | undefined;
};

function readSaid(histories: readonly History[]): Said {
  const all = histories.flatMap(({ records }) => records);
  const quiet = only(all, 'quiet').map(({ at }) => at);
  return {
    invoked: new Set(only(all, 'invoke').map(({ hash }) => hash)),
    kept: only(all, 'kept'),
    ok: only(all, 'ok'),
    refused: only(all, 'refused'),
    quiet: quiet.length > 0 ? Math.max(...quiet) : undefined,
  };
}

function checkSaid(said: Said, store: Store): Violation[] {
  const found: Violation[] = [];
  for (const { client, client_id, hash, conversation, id, seq } of said.ok) {
    // Who made its retries harmless by an Idempotency-Key has no client id in the store.
    const stored = store.byClientId.get(client_id) ?? store.byId.get(id);
    if (!stored) found.push({ rule: 'lost', client, what: `${client_id}, acknowledged as ${conversation} ${seq}` });
    else if (stored.conversation !== conversation || stored.id !== id || stored.seq !== seq)
      found.push({ rule: 'moved', client, what: `${client_id}: ${conversation} ${seq} ${id}, is ${placeOf(stored)}` });
    else if (stored.hash !== hash) found.push({ rule: 'changed', client, what: `${client_id} as it was acknowledged` });
  }
  const refused = new Set(said.refused.map(({ client_id, hash }) => `${client_id} ${hash}`));
  for (const { client, client_id, hash } of said.kept) {
    const stored = store.byClientId.get(client_id) ?? store.byHash.get(hash);
    if (!stored && !refused.has(`${client_id} ${hash}`)) found.push({ rule: 'forgotten', client, what: client_id });
    if (stored && stored.hash !== hash) found.push({ rule: 'changed', client, what: `${client_id} as it is stored` });
  }
  for (const { client, client_id, hash } of said.refused) {
    if (store.byClientId.get(client_id)?.hash === hash)
      found.push({ rule: 'resurrected', client, what: `${client_id} was refused` });
  }
  for (const message of store.all) {
    if (!said.invoked.has(message.hash)) found.push({ rule: 'phantom', what: `stored: ${placeOf(message)}` });
  }
  if (said.quiet === undefined) found.push({ rule: 'unsettled', what: 'no record of quiet' });
  return found;
}

/** In every conversation, what this client said stands in the order in which it was said. */
function checkOrderOf({ client, records }: History, store: Store): Violation[] {
  const found: Violation[] = [];
  const last = new Map<string, Copy>();
  for (const { hash } of only(records, 'invoke')) {
    const stored = store.byHash.get(hash);
    if (!stored) continue;
    const before = last.get(stored.conversation);
    if (before && before.seq > stored.seq)
      found.push({ rule: 'swapped', client, what: `${placeOf(stored)} was said after ${placeOf(before)}` });
    last.set(stored.conversation, stored);
  }
  return found;
}

// ---- what was seen --------------------------------------------------------------------------------------------------

function checkSeen(history: History, store: Store, quiet: number | undefined): Violation[] {
  const { client } = history;
  const owed = history.conversations ?? [...store.messages.keys()];
  const found: Violation[] = [];
  const lives = livesOf(history.records);
  for (const life of lives) {
    for (const [conversation, seen] of group(life, (record) => [record.conversation, record])) {
      if (!owed.includes(conversation)) found.push({ rule: 'foreign', client, what: conversation });
      found.push(...checkRun(client, seen, store.messages.get(conversation) ?? []));
    }
  }
  const last = group(lives.at(-1) ?? [], (record) => [record.conversation, record]);
  for (const conversation of owed) {
    const seen = new Map((last.get(conversation) ?? []).map((record) => [record.seq, record.at]));
    const from = history.conversations ? Math.min(...seen.keys()) : 0;
    for (const message of (store.messages.get(conversation) ?? []).filter(({ seq }) => seq >= from)) {
      const at = seen.get(message.seq);
      if (at === undefined) found.push({ rule: 'late', client, what: `never saw ${placeOf(message)}` });
      else if (quiet !== undefined && at > quiet + healsWithin)
        found.push({ rule: 'late', client, what: `${placeOf(message)} after ${Math.round(at - quiet)} ms` });
    }
    if (seen.size === 0 && store.messages.has(conversation))
      found.push({ rule: 'late', client, what: `never saw ${conversation}` });
  }
  for (const { messages, waiting } of only(history.records, 'screen').slice(-1)) {
    if (waiting > 0) found.push({ rule: 'screen', client, what: `${waiting} still wait` });
    const expected = owed.flatMap((conversation) => store.messages.get(conversation) ?? []);
    const at = expected.findIndex((message, index) => !isSame(message, messages[index]));
    if (at >= 0 || messages.length !== expected.length) {
      const place = at >= 0 ? at : expected.length;
      found.push({ rule: 'screen', client, what: `row ${place} is ${describe(messages[place])}` });
    }
  }
  return found;
}

/** What was seen, in pieces that each begin anew. */
function livesOf(records: readonly HistoryRecord[]): Record<'seen'>[][] {
  const lives: Record<'seen'>[][] = [[]];
  for (const record of records) {
    if (record.what === 'open') lives.push([]);
    else if (record.what === 'seen') lives.at(-1)?.push(record);
  }
  return lives;
}

/** One message after the other, from wherever the first one stands. */
function checkRun(client: string, seen: readonly Record<'seen'>[], messages: readonly Copy[]): Violation[] {
  const found: Violation[] = [];
  const places = new Map(messages.map(({ seq }, at) => [seq, at]));
  const shown = new Set<number>();
  let next: number | undefined;
  for (const record of seen) {
    const at = places.get(record.seq);
    const stored = at === undefined ? undefined : messages[at];
    if (at === undefined || !stored) {
      found.push({ rule: 'phantom', client, what: `saw ${placeOf(record)}` });
      continue;
    }
    if (!isSame(stored, record)) {
      const isOther = stored.id !== record.id;
      found.push({
        rule: isOther ? 'phantom' : 'changed',
        client,
        what: `saw ${describe(record)} as ${placeOf(stored)}`,
      });
    }
    if (shown.has(at)) found.push({ rule: 'again', client, what: placeOf(record) });
    else if (next !== undefined && at > next) found.push({ rule: 'gap', client, what: `before ${placeOf(record)}` });
    else if (next !== undefined && at < next) found.push({ rule: 'disorder', client, what: placeOf(record) });
    shown.add(at);
    next = at + 1;
  }
  return found;
}

const isSame = (a: Copy, b: Copy | undefined): boolean =>
  b !== undefined && a.id === b.id && a.seq === b.seq && a.hash === b.hash && a.conversation === b.conversation;
const placeOf = ({ conversation, seq, id }: Copy) => `${conversation} ${seq} (${id})`;
const describe = (message: Copy | undefined) => (message ? `${placeOf(message)} ${message.hash}` : 'missing');

function group<T, K, V>(values: readonly T[], entryOf: (value: T) => [K, V]): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const [key, entry] = entryOf(value);
    const before = groups.get(key);
    if (before) before.push(entry);
    else groups.set(key, [entry]);
  }
  return groups;
}
