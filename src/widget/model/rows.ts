import type { Conversation } from '../../client/conversation';
import type { ShownMessage, ShownPart } from '../../client/events';
import { readFileAnswer } from '../../client/fileAnswer';
import type { OutboxEntry } from '../../client/outbox';
import { attempt } from '../../client/shape';
import type { SendAnswer } from '../../protocol/live';
import type { InReplyTo } from '../../protocol/message';
import type { Option } from '../../protocol/options';
import type { MessagePart } from '../../protocol/parts';
import { isPicture } from './fileRules';
import { pendingUrl, sourceOf } from './ownPictures';
import { optionsIn } from './placed';

/** What the log shows, from top to bottom. */
export type Row =
  | { kind: 'day'; key: string; time: string }
  | { kind: 'unread'; key: string }
  | { kind: 'line'; key: string; line: 'resolved' | 'reopened'; time: string }
  | MessageRow;

export type MessageRow = {
  kind: 'message';
  key: string;
  /** Id of the stored message; absent while it is only here. */
  id: string | undefined;
  seq: number | undefined;
  isOwn: boolean;
  /** Name to show above the group's first row; empty for one's own. */
  name: string;
  isFirst: boolean;
  isLast: boolean;
  time: string;
  parts: readonly ShownPart[];
  /** What it may be answered with; shown below its parts. */
  replies: readonly ShownPart[];
  /** The options to answer by, while this is the question that waits. */
  options: readonly Option[];
  /** The option that the customer has chosen, as an index among all that it offers. */
  chosen: number | undefined;
  refusal: string | undefined;
};

/** Sent by the customer; the log doesn't have it yet. */
export type Pending = { entry: OutboxEntry; answer?: SendAnswer };

const groupSpan = 60_000;

/** @param dayOf names the day of a time in the customer's time zone */
export function layOut(
  conversation: Conversation | undefined,
  pending: readonly Pending[],
  unreadFrom: number | undefined,
  dayOf: (time: string) => string,
): Row[] {
  const messages: Row[] = [];
  const inLog = new Set<string>();
  const question = questionOf(conversation, pending);
  const chosen = choices(conversation, pending);
  for (const entry of conversation?.timeline ?? []) {
    if (entry.kind === 'line') {
      messages.push({ kind: 'line', key: `line-${entry.seq}`, line: entry.line, time: entry.time });
      continue;
    }
    const { message } = entry;
    if (message.client_id) inLog.add(message.client_id);
    messages.push(rowOf(message, question === message ? optionsOf(message) : none, chosen(message)));
  }
  for (const { entry, answer } of pending) {
    if (inLog.has(entry.request.client_id)) continue;
    messages.push(pendingRow(entry, answer, conversation));
  }
  return arrange(messages, unreadFrom, dayOf);
}

const none: readonly Option[] = [];
const noParts: readonly ShownPart[] = [];
const optionsOf = ({ message_parts, reply_parts }: ShownMessage) => optionsIn(message_parts, reply_parts);

/** The newest message that offers options, while nobody has answered it. */
function questionOf(conversation: Conversation | undefined, pending: readonly Pending[]): ShownMessage | undefined {
  const timeline = conversation?.timeline ?? [];
  for (let at = timeline.length - 1; at >= 0; at--) {
    const entry = timeline[at];
    if (entry?.kind !== 'message' || entry.message.actor_type === 'user') continue;
    const { message } = entry;
    if (!optionsOf(message).length) continue;
    const isAnswered =
      message.id in (conversation?.answered ?? {}) ||
      pending.some(
        ({ entry: { request } }) => 'answer' in request.content && request.content.answer.message_id === message.id,
      );
    return isAnswered ? undefined : message;
  }
  return undefined;
}

/** Says of a message which of its options was chosen: one that is still on its way out counts, one that was refused doesn't. */
function choices(
  conversation: Conversation | undefined,
  pending: readonly Pending[],
): (message: ShownMessage) => number | undefined {
  const stored = new Map<string, InReplyTo>();
  for (const entry of conversation?.timeline ?? []) {
    const reply = entry.kind === 'message' ? entry.message.in_reply_to : undefined;
    if (reply?.part) stored.set(reply.message_id, reply);
  }
  const leaving = new Map<string, number>();
  for (const { entry } of pending) {
    const { content } = entry.request;
    if ('answer' in content && !entry.refusal) leaving.set(content.answer.message_id, content.answer.option);
  }
  return (message) => {
    const part = stored.get(message.id)?.part;
    if (!part) return leaving.get(message.id);
    const words = JSON.stringify(part);
    const at = optionsOf(message).findIndex((option) => JSON.stringify(option.part) === words);
    return at < 0 ? undefined : at;
  };
}

function rowOf(message: ShownMessage, options: readonly Option[], chosen: number | undefined): MessageRow {
  const isOwn = message.actor_type === 'user';
  return {
    kind: 'message',
    key: (isOwn && message.client_id) || message.id,
    id: message.id,
    seq: message.seq,
    isOwn,
    name: isOwn ? '' : (message.actor_name ?? ''),
    isFirst: true,
    isLast: true,
    time: message.created_time,
    parts: message.message_parts,
    replies: message.reply_parts,
    options,
    chosen,
    refusal: undefined,
  };
}

function pendingRow(
  entry: OutboxEntry,
  answer: SendAnswer | undefined,
  conversation: Conversation | undefined,
): MessageRow {
  return {
    kind: 'message',
    key: entry.request.client_id,
    id: answer?.id,
    seq: answer?.seq,
    isOwn: true,
    name: '',
    isFirst: true,
    isLast: true,
    time: answer?.created_time ?? new Date(entry.at).toISOString(),
    parts: [fileOf(entry) ?? { text: { content: textOf(entry, conversation) } }],
    replies: noParts,
    options: none,
    chosen: undefined,
    refusal: entry.refusal,
  };
}

/** The part that a file will be sent as: what the server makes of it, so that nothing changes when the message comes back. */
function fileOf({ file, blob, request }: OutboxEntry): MessagePart | undefined {
  if (blob && !file) {
    const url = pendingUrl(request.client_id);
    // After a reload there is no picture in memory any more: what it is called has to do.
    if (isPicture(blob.type) && sourceOf(url) !== url)
      return { image: { url, content_type: blob.type, alt_text: blob.name } };
    return { file: { url: '', name: blob.name, content_type: blob.type, file_size_in_bytes: blob.size } };
  }
  const read = file && attempt(readFileAnswer, file);
  if (!read) return undefined;
  const { url, name, content_type, size: file_size_in_bytes, width, height } = read;
  const size = width && height ? { width, height } : {};
  if (isPicture(content_type)) return { image: { url, content_type, alt_text: name, ...size } };
  if (content_type.startsWith('video/')) return { video: { url, content_type, ...size } };
  if (content_type.startsWith('audio/')) return { audio: { url, content_type, name } };
  return { file: { url, name, content_type, file_size_in_bytes } };
}

/** The words that an entry will stand for; an answer says only which option, and the server fills in its words. */
function textOf({ request }: OutboxEntry, conversation: Conversation | undefined): string {
  if ('text' in request.content) return request.content.text;
  if ('file' in request.content) return '…';
  const { message_id, option } = request.content.answer;
  const found = conversation?.timeline.find((entry) => entry.kind === 'message' && entry.message.id === message_id);
  const offered = found?.kind === 'message' ? optionsOf(found.message)[option] : undefined;
  return offered?.reply ?? '…';
}

/** Adds day separators and the unread line, and groups what one author said within a minute. */
function arrange(rows: readonly Row[], unreadFrom: number | undefined, dayOf: (time: string) => string): Row[] {
  const arranged: Row[] = [];
  let day = '';
  let isLineDrawn = unreadFrom === undefined;
  let last: MessageRow | undefined;
  for (const row of rows) {
    const time = 'time' in row ? row.time : '';
    const itsDay = dayOf(time);
    if (itsDay !== day) {
      day = itsDay;
      last = undefined;
      arranged.push({ kind: 'day', key: `day-${itsDay}`, time });
    }
    if (!isLineDrawn && row.kind === 'message' && !row.isOwn && (row.seq ?? 0) >= (unreadFrom ?? 0)) {
      isLineDrawn = true;
      last = undefined;
      arranged.push({ kind: 'unread', key: 'unread' });
    }
    if (row.kind === 'message' && last && joins(last, row)) {
      last.isLast = false;
      row.isFirst = false;
    }
    last = row.kind === 'message' ? row : undefined;
    arranged.push(row);
  }
  return arranged;
}

const joins = (a: MessageRow, b: MessageRow) =>
  a.isOwn === b.isOwn &&
  a.name === b.name &&
  a.options.length === 0 &&
  !a.refusal &&
  Math.abs(Date.parse(b.time) - Date.parse(a.time)) < groupSpan;

/** Gives back the former row where nothing about it changed, so that its component needn't draw again. */
export function reuse(before: readonly Row[], after: Row[]): Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  return after.map((row) => {
    const old = known.get(row.key);
    return old && isSame(old, row) ? old : row;
  });
}

function isSame(a: Row, b: Row): boolean {
  return (Object.keys(b) as (keyof Row)[]).every((key) => {
    if (key === ('parts' as string)) return samePart(a, b);
    return key === ('options' as string) ? sameOptions(a, b) : a[key] === b[key];
  });
}
/** The parts of a stored message are the same array; those of a pending one are made anew each time. */
const samePart = (a: Row, b: Row) =>
  a.kind === 'message' &&
  b.kind === 'message' &&
  (a.parts === b.parts ||
    (a.id === undefined && b.id === undefined && JSON.stringify(a.parts) === JSON.stringify(b.parts)));
const sameOptions = (a: Row, b: Row) =>
  a.kind === 'message' &&
  b.kind === 'message' &&
  a.options.length === b.options.length &&
  (a.options.length === 0 || a.id === b.id);

/** How the customer's newest message stands. */
export type OwnState =
  | { key: string; state: 'sending' | 'waiting' | 'sent' }
  | { key: string; state: 'read'; time: string | undefined };

export function ownStateOf(
  rows: readonly Row[],
  conversation: Conversation | undefined,
  isOnline: boolean,
): OwnState | undefined {
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at];
    if (row?.kind !== 'message' || !row.isOwn || row.refusal) continue;
    if (row.seq === undefined) return { key: row.key, state: isOnline ? 'sending' : 'waiting' };
    const isRead = conversation && conversation.businessRead >= row.seq;
    return isRead
      ? { key: row.key, state: 'read', time: conversation.businessReadTime }
      : { key: row.key, state: 'sent' };
  }
  return undefined;
}
