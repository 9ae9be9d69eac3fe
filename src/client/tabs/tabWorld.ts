/** What tabs of one browser share; a tab that lacks it (an insecure page, a browser of before 2022, Node) is on its own. */
export type TabWorld = {
  /** Resolves once `hold` has let go; rejects when the lock is stolen, `signal` aborts, or locks can't be had. */
  lock(name: string, options: { signal?: AbortSignal; steal?: boolean }, hold: () => Promise<void>): Promise<unknown>;
  openChannel(name: string): TabChannel;
  newId(): string;
  isVisible(): boolean;
};
export type TabChannel = Pick<BroadcastChannel, 'postMessage' | 'close'> & {
  onmessage: ((event: MessageEvent) => unknown) | null;
};

export function tabWorld(window: Window & typeof globalThis, newId: () => string): TabWorld | undefined {
  const { locks } = window.navigator;
  if (!locks || !window.BroadcastChannel) return undefined;
  return {
    // Some browsers throw where the frame has no right to storage, instead of rejecting.
    lock: async (name, options, hold) => locks.request(name, options, hold),
    openChannel: (name) => new BroadcastChannel(name),
    newId,
    isVisible: () => window.document.visibilityState === 'visible',
  };
}
