/** What a customer sent besides words. */
export type SentFile = { kind: 'image' | 'video' | 'audio' | 'file'; url: string; name?: string };

/** What Freddy uses of a webhook's body. Fields that he doesn't know pass by. */
export type WebhookEvent = {
  eventId: string;
  conversationId: string;
  seq: number;
  userId: string;
} & (
  | {
      action: 'message_create';
      text: string;
      payload: string | undefined;
      files: SentFile[];
      fromWebView: boolean;
    }
  | { action: 'conversation_assignment'; toAgentId: string }
  | { action: 'conversation_reopen' }
  | {
      action: 'web_view_submit';
      url: string;
      source: 'business' | 'page';
      origin: string;
      result: Record<string, unknown>;
    }
  | { action: 'web_view_close'; url: string; reason: string; submitted: boolean }
);

/** `undefined`: nothing for Freddy to do, such as a message of his own or of a colleague. */
export function readEvent(body: unknown): WebhookEvent | undefined {
  const { action, actor, data, ...top } = record(body);
  const { message, reopen, assignment, web_view: view, ...more } = record(data);
  const about = message ?? record(reopen ?? assignment).conversation ?? view;
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
      const text = list(parts)
        .map((part) => string(record(record(part).text).content))
        .filter(Boolean)
        .join('\n');
      const payload = payloadOf(record(answered)) || undefined;
      // What a page's result says of itself is a message too, an answer to the button but to no option. The event
      // `web_view_submit` says the same with its source, and comes before it.
      const fromWebView = !!record(answered).message_id && !record(answered).part;
      return { ...head, action, text, payload, files: list(parts).flatMap(fileIn), fromWebView };
    }
    case 'conversation_assignment':
      return { ...head, action, toAgentId: string(record(assignment).to_agent_id) };
    case 'conversation_reopen':
      return record(actor).actor_type === 'user' ? { ...head, action } : undefined;
    case 'web_view_submit': {
      const source = more.source === 'business' ? 'business' : 'page';
      const { url, origin } = record(view);
      return { ...head, action, url: string(url), source, origin: string(origin), result: record(more.result) };
    }
    case 'web_view_close':
      return {
        ...head,
        action,
        url: string(record(view).url),
        reason: string(more.reason),
        submitted: more.submitted === true,
      };
    default:
      return undefined;
  }
}

/** The chosen option's: said beside it, and in the option itself, be it a quick reply, a button or a card. */
function payloadOf({ payload, part }: Record<string, unknown>): string {
  const { quick_reply_button: reply, callback, template_content: card } = record(part);
  const inCard = list(record(card).sections).flatMap((section) => list(record(section).parts));
  const buttons = [reply, callback, ...inCard.map((each) => record(each).callback)];
  return string(payload) || buttons.map((button) => string(record(button).payload)).find(Boolean) || '';
}

/** At most what a message can have; its name and type are the sender's word. */
function fileIn(part: unknown): SentFile[] {
  for (const kind of ['image', 'video', 'audio', 'file'] as const) {
    const { url, name } = record(record(part)[kind]);
    if (string(url)) return [{ kind, url: string(url), ...(string(name) ? { name: string(name) } : {}) }];
  }
  return [];
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown): string => (typeof value === 'string' ? value : '');
