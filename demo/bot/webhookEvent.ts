/** What Freddy uses of a webhook's body. Fields that he doesn't know pass by. */
export type WebhookEvent = {
  eventId: string;
  conversationId: string;
  seq: number;
  userId: string;
} & (
  | { action: 'message_create'; text: string; payload: string | undefined; fromWebView: boolean }
  | { action: 'conversation_reopen' }
  | { action: 'web_view_submit'; source: 'business' | 'page'; origin: string; result: Record<string, unknown> }
  | { action: 'web_view_close'; reason: string; submitted: boolean }
);

/** `undefined`: nothing for Freddy to do, such as a message of his own or of a colleague. */
export function readEvent(body: unknown): WebhookEvent | undefined {
  const { action, actor, data, ...top } = record(body);
  const { message, reopen, web_view: view, ...more } = record(data);
  const about = message ?? record(reopen).conversation ?? view;
  const head = {
    eventId: string(top.event_id),
    conversationId: string(top.conversation_id) || string(record(about).conversation_id),
    seq: Number(top.seq) || 0,
    userId: string(record(about).user_id) || string(record(record(reopen).user).id),
  };
  if (!head.eventId || !head.conversationId) return undefined;

  switch (action) {
    case 'message_create': {
      const { actor_type: author, message_type: type, message_parts: parts, in_reply_to: answered } = record(message);
      if (author !== 'user' || (type ?? 'normal') !== 'normal') return undefined;
      const option = record(record(record(answered).part).quick_reply_button);
      const text = list(parts)
        .map((part) => string(record(record(part).text).content))
        .filter(Boolean)
        .join('\n');
      // What a page's result says of itself is a message too, an answer to the button but to no option. The event
      // `web_view_submit` says the same with its source, and comes before it.
      const fromWebView = !!record(answered).message_id && !record(answered).part;
      return { ...head, action, text, payload: string(option.payload) || undefined, fromWebView };
    }
    case 'conversation_reopen':
      return record(actor).actor_type === 'user' ? { ...head, action } : undefined;
    case 'web_view_submit': {
      const source = more.source === 'business' ? 'business' : 'page';
      return { ...head, action, source, origin: string(record(view).origin), result: record(more.result) };
    }
    case 'web_view_close':
      return { ...head, action, reason: string(more.reason), submitted: more.submitted === true };
    default:
      return undefined;
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown): string => (typeof value === 'string' ? value : '');
