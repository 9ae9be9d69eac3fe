import { effect, type ReadonlySignal } from '@preact/signals';
import type { LiveState } from '../../client/live';
import type { Thread } from './thread';

/** What the customer looks at is seen a moment later: told when it is news, and again after a break. */
export type Seen = {
  /** It is seen now. */
  mark(): void;
  stop(): void;
};

export function createSeen(
  thread: Pick<Thread, 'conversation' | 'unread' | 'markSeen'>,
  isLooking: ReadonlySignal<boolean>,
  liveState: ReadonlySignal<LiveState>,
  tell: (conversationId: string, upTo: number) => void,
): Seen {
  function mark(): void {
    const upTo = thread.markSeen();
    const id = thread.conversation.peek()?.id;
    if (upTo !== undefined && id) tell(id, upTo);
  }
  const stop = effect(() => {
    if (!isLooking.value || liveState.value === 'connecting') return;
    if (thread.unread.value.length === 0 && thread.conversation.value === undefined) return;
    const timer = setTimeout(mark, 400);
    return () => clearTimeout(timer);
  });
  return { mark, stop };
}
