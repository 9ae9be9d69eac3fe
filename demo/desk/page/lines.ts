import type { Entry } from './outbox';
import { isSameDay } from './times';
import type { LogEvent, Message } from './wire';

/** What a conversation is drawn from, top to bottom. */
export type Line =
  | { kind: 'day'; key: string; time: number }
  | { kind: 'message'; key: string; message: Message; first: boolean; last: boolean }
  | { kind: 'happening'; key: string; time: number; event: LogEvent }
  | { kind: 'waiting'; key: string; entry: Entry };

const told = new Set([
  'conversation_create',
  'conversation_assignment',
  'conversation_resolution',
  'conversation_reopen',
  'web_view_open',
  'web_view_submit',
  'web_view_close',
]);
/** Messages of one author within this time stand together. */
const together = 60_000;

export function linesOf(log: readonly LogEvent[], waiting: readonly Entry[]): Line[] {
  const lines: Line[] = [];
  let day: number | undefined;
  let before: { line: Extract<Line, { kind: 'message' }>; time: number } | undefined;
  const submitted = new Set(
    log.flatMap(({ type, data }) => (type === 'web_view_submit' && data.web_view ? [data.web_view.id] : [])),
  );
  for (const event of log) {
    const { message } = event.data;
    const isMessage = event.type === 'message_create' && message;
    if (!isMessage && !told.has(event.type)) continue;
    // A page that closes since it was handed in says nothing new.
    if (event.type === 'web_view_close' && submitted.has(event.data.web_view?.id ?? '')) continue;
    const time = Date.parse(event.time);
    if (day === undefined || !isSameDay(day, time)) {
      lines.push({ kind: 'day', key: `day-${event.seq}`, time });
      before = undefined;
    }
    day = time;
    if (!isMessage) {
      lines.push({ kind: 'happening', key: event.id, time, event });
      before = undefined;
      continue;
    }
    const joins =
      before !== undefined &&
      before.line.message.actor_id === message.actor_id &&
      before.line.message.message_type === message.message_type &&
      time - before.time < together;
    if (joins && before) before.line.last = false;
    const line: Line = { kind: 'message', key: message.id, message, first: !joins, last: true };
    lines.push(line);
    before = { line, time };
  }
  for (const entry of waiting) lines.push({ kind: 'waiting', key: entry.clientId, entry });
  return lines;
}
