/** Tells that the customer is typing: when they begin, again while they go on, and when they have stopped. */
export type Typing = {
  /** A letter was typed. */
  note(): void;
  stop(): void;
};

export function createTyping(tell: (on: boolean) => void): Typing {
  let toldAt: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    clearTimeout(timer);
    if (toldAt !== undefined) tell(false);
    toldAt = undefined;
  }
  return {
    note() {
      const now = performance.now();
      // The server lets it go after a while.
      if (toldAt === undefined || now - toldAt > 4_000) {
        tell(true);
        toldAt = now;
      }
      clearTimeout(timer);
      timer = setTimeout(stop, 5_000);
    },
    stop,
  };
}
