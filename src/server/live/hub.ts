import type { Event } from '../../protocol/event';

/** What happens, told to whoever serves it on: the socket door, the webhook worker. In this process only. */
export type Happening =
  | { type: 'event'; userId: string; event: Event }
  | { type: 'typing'; userId: string; conversationId: string; name: string | undefined; on: boolean }
  /** A customer is typing, or no more: for the business's side. */
  | { type: 'customer_typing'; conversationId: string; on: boolean }
  | { type: 'web_view_taken'; userId: string; webViewId: string; owner: string }
  /** A session was revoked; without an id, all of the customer's. */
  | { type: 'session_end'; userId: string; sessionId: string | undefined; reason: string }
  /** An API token was revoked, or rotated without an overlap: whoever came in by it goes. */
  | { type: 'token_end'; tokenId: string }
  | { type: 'deliveries' };

export type Hub = {
  publish(happening: Happening): void;
  /** Returns how to stop. */
  subscribe(listener: (happening: Happening) => void): () => void;
  /** Aborted when the server stops: whoever waits for something waits no longer. */
  readonly closed: AbortSignal;
  close(): void;
};

export function createHub(): Hub {
  const listeners = new Set<(happening: Happening) => void>();
  const closing = new AbortController();
  return {
    publish(happening) {
      for (const listener of [...listeners]) listener(happening);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    closed: closing.signal,
    close: () => closing.abort(),
  };
}
