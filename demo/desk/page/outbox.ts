import { signal } from '@preact/signals';
import { type Api, Refused } from './api';
import type { Message, Part } from './wire';

export type Post = { message_parts: Part[]; reply_parts: Part[]; message_type: 'normal' | 'private' };
/** What an agent said and the log doesn't have yet. */
export type Entry = {
  clientId: string;
  conversationId: string;
  post: Post;
  time: number;
  state: 'sending' | 'sent' | 'failed';
  /** Why it failed. */
  reason?: string;
};

const key = 'desk:outbox';
/** How long one is tried before its author is asked. */
const patience = 60_000;

/**
 * Sends what agents write, in order for each conversation, each with a client id: tried again after a break it is the same
 * message and comes once. What waits outlives a reload of the tab.
 */
export function createOutbox(api: Api, agentId: string, signedOut: () => void) {
  const entries = signal<Entry[]>(restored());
  const running = new Set<string>();
  let closed = false;
  /** Each ends a pause before the next attempt: the network is back. */
  const pauses = new Set<() => void>();

  const keep = (next: Entry[]) => {
    if (closed) return;
    entries.value = next;
    try {
      sessionStorage.setItem(key, JSON.stringify({ agentId, entries: next }));
    } catch {
      // Full or forbidden: it still goes out from here.
    }
  };
  const change = (clientId: string, more: Partial<Entry>) =>
    keep(entries.value.map((entry) => (entry.clientId === clientId ? { ...entry, ...more } : entry)));

  function restored(): Entry[] {
    try {
      const kept = JSON.parse(sessionStorage.getItem(key) ?? '{}') as { agentId?: string; entries?: Entry[] };
      return kept.agentId === agentId && Array.isArray(kept.entries) ? kept.entries : [];
    } catch {
      return [];
    }
  }

  async function run(conversationId: string): Promise<void> {
    if (running.has(conversationId)) return;
    running.add(conversationId);
    try {
      for (;;) {
        const next = entries.value.find(
          (entry) => entry.conversationId === conversationId && entry.state === 'sending',
        );
        if (!next || closed) return;
        await deliver(next);
      }
    } finally {
      running.delete(conversationId);
    }
  }

  async function deliver({ clientId, conversationId, post }: Entry): Promise<void> {
    const since = Date.now();
    for (let attempt = 0; !closed; attempt += 1) {
      try {
        await api<Message>('POST', `/conversations/${encodeURIComponent(conversationId)}/messages`, {
          ...post,
          actor_type: 'agent',
          client_id: clientId,
        });
        return change(clientId, { state: 'sent' });
      } catch (error) {
        const refused = error instanceof Refused ? error : new Refused(0, '', String(error));
        if (refused.status === 401) return signedOut();
        if (!refused.passes || (navigator.onLine && Date.now() - since > patience)) {
          return change(clientId, { state: 'failed', reason: refused.message });
        }
        await pause(Math.max(refused.retryAfter, Math.min(15_000, 500 * 2 ** attempt)));
      }
    }
  }

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      pauses.add(end);
    });
  const online = () => {
    for (const end of [...pauses]) end();
  };
  addEventListener('online', online);
  for (const id of new Set(entries.value.map((entry) => entry.conversationId))) void run(id);

  return {
    entries,
    send(conversationId: string, post: Post) {
      const entry: Entry = {
        clientId: crypto.randomUUID(),
        conversationId,
        post,
        time: Date.now(),
        state: 'sending',
      };
      keep([...entries.value, entry]);
      void run(conversationId);
    },
    retry(clientId: string) {
      const entry = entries.value.find((each) => each.clientId === clientId);
      if (!entry) return;
      change(clientId, { state: 'sending' });
      void run(entry.conversationId);
    },
    drop: (clientId: string) => keep(entries.value.filter((entry) => entry.clientId !== clientId)),
    /** The log has these now. */
    arrived(clientIds: ReadonlySet<string>) {
      if (entries.value.some(({ clientId }) => clientIds.has(clientId)))
        keep(entries.value.filter(({ clientId }) => !clientIds.has(clientId)));
    },
    close() {
      closed = true;
      removeEventListener('online', online);
      online();
    },
  };
}
export type Outbox = ReturnType<typeof createOutbox>;

/** Forgets what waits: at signing out. */
export const clearOutbox = (): void => sessionStorage.removeItem(key);
