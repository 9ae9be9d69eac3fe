import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { type Conversation, empty, fold, startConversation } from '../../client/conversation';
import type { LogEvent, ShownMessage } from '../../client/events';
import { asFailure } from '../../client/failure';
import type { LogPart, Range, Session } from '../../client/rest';
import { limits } from '../../protocol/limits';

export type Thread = {
  conversation: ReadonlySignal<Conversation | undefined>;
  /** Older messages: on their way, failed, or none left. */
  older: ReadonlySignal<'more' | 'loading' | 'failed' | 'none'>;
  typing: ReadonlySignal<{ name: string | undefined } | undefined>;
  /** Messages of the business's side that the customer hasn't seen. */
  unread: ReadonlySignal<readonly ShownMessage[]>;
  /** Seq of the first message under the line "New". */
  unreadFrom: ReadonlySignal<number | undefined>;
  start(session: Session): void;
  reset(): void;
  cursors(): Record<string, number>;
  take(events: LogEvent[]): void;
  /** The server has the conversations up to there. */
  sawHead(cursors: Record<string, number>): void;
  catchUp(): Promise<void>;
  loadOlder(): Promise<void>;
  stopTyping(): void;
  showTyping(typing: { conversation_id: string; name?: string | undefined; on: boolean }): void;
  /** The customer has seen everything there is; gives the seq to report, if that is news. */
  markSeen(): number | undefined;
  /** Looked at in another tab. */
  seenElsewhere(id: string, upTo: number): void;
  dropUnreadLine(): void;
};

export type ThreadOptions = {
  events: (range: Range) => Promise<LogPart>;
  /** New events, in order, each once; not those of a session's answer, of older pages, or that a snapshot leaves out. */
  onNew: (events: LogEvent[]) => void;
  /** The customer is looking at the newest message. */
  isLooking: () => boolean;
};

/** How long "is typing" holds without a new word of it. */
const typingHolds = 8_000;

export function createThread(options: ThreadOptions): Thread {
  const conversation = signal<Conversation | undefined>(undefined);
  const olderState = signal<'idle' | 'loading' | 'failed'>('idle');
  const typing = signal<{ name: string | undefined } | undefined>(undefined);
  const seen = signal(0);
  const unreadFrom = signal<number | undefined>(undefined);
  let typingTimer: ReturnType<typeof setTimeout> | undefined;
  let catching: Promise<void> | undefined;
  /** A gap was seen that the question under way may have come too early for. */
  let isMissing = false;
  /** How far the conversations are known that aren't shown. */
  const others = new Map<string, number>();

  const unread = computed(() => {
    const now = conversation.value;
    if (!now) return [];
    const upTo = Math.max(now.customerRead, seen.value);
    const found: ShownMessage[] = [];
    for (let at = now.timeline.length - 1; at >= 0; at--) {
      const entry = now.timeline[at];
      if (!entry || entry.seq <= upTo) break;
      if (entry.kind === 'message' && entry.message.actor_type !== 'user') found.unshift(entry.message);
    }
    return found;
  });

  function become(next: Conversation | undefined): void {
    const before = conversation.peek();
    if (next?.id !== before?.id) {
      if (before) others.set(before.id, before.last);
      seen.value = 0;
      unreadFrom.value = undefined;
      olderState.value = 'idle';
      stopTyping();
    }
    conversation.value = next;
  }
  function noteUnread(): void {
    if (unreadFrom.value === undefined) unreadFrom.value = unread.value[0]?.seq;
  }
  function stopTyping(): void {
    clearTimeout(typingTimer);
    typing.value = undefined;
  }

  function take(events: LogEvent[]): void {
    for (const [id, batch] of byConversation(events)) {
      const before = conversation.peek();
      if (!before) {
        if (batch.some(({ seq }) => seq === 1)) become(empty(id));
        else void switchTo(id);
      } else if (before.id !== id) {
        // Another conversation goes on now: the business writes there.
        const known = others.get(id) ?? 0;
        const fresh = batch.filter(({ seq }) => seq > known);
        others.set(id, Math.max(known, ...fresh.map(({ seq }) => seq)));
        if (fresh.some((event) => event.type === 'message_create' && event.actor.actor_type !== 'user'))
          void switchTo(id);
        continue;
      }
      const now = conversation.peek();
      if (!now) continue;
      const folded = fold(now, batch);
      const fresh = batch
        .filter(({ seq }) => seq > now.last && seq <= folded.conversation.last)
        .filter((event, at, all) => all.findIndex(({ seq }) => seq === event.seq) === at)
        .sort((a, b) => a.seq - b.seq);
      if (fresh.length > 0) {
        become(folded.conversation);
        if (fresh.some((event) => event.type === 'message_create' && event.actor.actor_type !== 'user')) stopTyping();
        if (!options.isLooking()) noteUnread();
        options.onNew(fresh);
      }
      if (folded.hasGap) void catchUp();
    }
  }

  /** The newest page of a conversation that this browser knows nothing of. */
  async function switchTo(id: string): Promise<void> {
    try {
      const part = await options.events({ conversation_id: id, limit: limits.pageSize, snapshot: true });
      if (!part.head || conversation.peek()?.id === id) return;
      become(startConversation(part.head, part.events));
      noteUnread();
    } catch {
      // The next event or head check asks again.
      others.delete(id);
    }
  }

  /** A conversation that isn't shown has got further: whether that is a reason to show it, its events say. */
  async function lookInto(id: string): Promise<void> {
    const after = others.get(id);
    const range = { conversation_id: id, ...(after === undefined ? { limit: limits.pageSize } : { after }) };
    const part = await options.events(range).catch(() => undefined);
    if (part) take(part.events);
  }

  function catchUp(): Promise<void> {
    isMissing = true;
    catching ??= ask().finally(() => {
      catching = undefined;
    });
    return catching;
  }
  async function ask(): Promise<void> {
    for (;;) {
      const before = conversation.peek();
      if (!before) return;
      isMissing = false;
      const part = await options
        .events({ conversation_id: before.id, after: before.last, snapshot: true })
        .catch((error) => asFailure(error));
      const isSeenSince = isMissing;
      let now = conversation.peek();
      if (part instanceof Error || now?.id !== before.id) return;
      if (part.head && (part.events[0]?.seq ?? 0) > now.last + 1) {
        // Too far behind to be told everything: what lies between is read by scrolling back.
        become(startConversation(part.head, part.events));
        if (!options.isLooking()) noteUnread();
        options.onNew(part.events);
      } else take(part.events);
      now = conversation.peek();
      // No progress: asking again at once would go round in circles.
      if (!now || (!isSeenSince && (now.last >= part.seq || now.last === before.last))) return;
    }
  }

  return {
    conversation,
    typing,
    unread,
    unreadFrom,
    older: computed(() => {
      const first = conversation.value?.first ?? 1;
      if (first <= 1) return 'none';
      return olderState.value === 'idle' ? 'more' : olderState.value;
    }),
    start(session) {
      const head = session.conversations[0];
      const before = conversation.peek();
      if (head && before?.id === head.id) {
        take(session.events);
        return;
      }
      for (const { id, seq } of session.conversations.slice(1)) others.set(id, seq);
      become(head && startConversation(head, session.events));
      noteUnread();
    },
    reset() {
      become(undefined);
      others.clear();
    },
    cursors() {
      const now = conversation.peek();
      return { ...Object.fromEntries(others), ...(now ? { [now.id]: now.last } : {}) };
    },
    take,
    sawHead(cursors) {
      const now = conversation.peek();
      if (now) {
        for (const [id, seq] of Object.entries(cursors)) {
          if (id === now.id ? seq <= now.last : seq <= (others.get(id) ?? 0)) continue;
          void (id === now.id ? catchUp() : lookInto(id));
        }
        return;
      }
      const id = Object.keys(cursors)[0];
      if (id) void switchTo(id);
    },
    catchUp,
    stopTyping,
    async loadOlder() {
      const before = conversation.peek();
      if (!before || before.first <= 1 || olderState.peek() === 'loading') return;
      olderState.value = 'loading';
      try {
        const { prepend } = await import('../../client/olderPages');
        let entries = 0;
        // A page may hold nothing that is shown.
        for (let now = before; entries === 0 && now.first > 1; ) {
          const part = await options.events({ conversation_id: now.id, before: now.first, limit: limits.pageSize });
          const current = conversation.peek();
          if (current?.id !== before.id) return;
          const next = prepend(current, part.events);
          if (next === current) break;
          entries = next.timeline.length - current.timeline.length;
          become(next);
          now = next;
        }
        olderState.value = 'idle';
      } catch {
        olderState.value = 'failed';
      }
    },
    showTyping({ conversation_id, name, on }) {
      if (conversation.peek()?.id !== conversation_id) return;
      stopTyping();
      if (!on) return;
      typing.value = { name };
      typingTimer = setTimeout(stopTyping, typingHolds);
    },
    markSeen() {
      const newest = unread.peek().at(-1)?.seq;
      if (newest !== undefined) seen.value = newest;
      const now = conversation.peek();
      return now && seen.peek() > now.customerRead ? seen.peek() : undefined;
    },
    seenElsewhere(id, upTo) {
      if (conversation.peek()?.id === id) seen.value = Math.max(seen.peek(), upTo);
    },
    dropUnreadLine() {
      unreadFrom.value = undefined;
    },
  };
}

function byConversation(events: LogEvent[]): Map<string, LogEvent[]> {
  const batches = new Map<string, LogEvent[]>();
  for (const event of events) {
    const batch = batches.get(event.conversation_id);
    if (batch) batch.push(event);
    else batches.set(event.conversation_id, [event]);
  }
  return batches;
}
