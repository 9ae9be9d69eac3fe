/** Attempts at once to one webhook. */
const perWebhook = 8;
/** Attempts at once in all, but that each webhook has one in any case. */
const inAll = 256;
/** What part of the free ones a webhook may have. */
const share = 1 / 16;

/**
 * Who may be sent to now. A slow receiver slows nobody else: the fewer attempts are left, the fewer each webhook may have of them, so
 * that receivers that hang, however many, leave something to those that answer.
 */
export type Slots = {
  isFree(webhookId: string): boolean;
  /** Gives how to let it go. */
  take(webhookId: string): () => void;
};

export function createSlots(): Slots {
  const taken = new Map<string, number>();
  let all = 0;
  const add = (webhookId: string, one: 1 | -1) => {
    const own = (taken.get(webhookId) ?? 0) + one;
    if (own > 0) taken.set(webhookId, own);
    else taken.delete(webhookId);
    all += one;
  };
  return {
    isFree(webhookId) {
      const most = Math.min(perWebhook, Math.floor((inAll - all) * share));
      return (taken.get(webhookId) ?? 0) < Math.max(1, most);
    },
    take(webhookId) {
      add(webhookId, 1);
      return () => add(webhookId, -1);
    },
  };
}
