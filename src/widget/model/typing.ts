/** Tells that the customer is typing: when they begin, again while they go on, and when they have stopped. */
export type Typing = {
  /** A letter was typed. */
  note(): void;
  stop(): void;
};

export function createTyping(tell: (on: boolean) => void): Typing {
  let until = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    clearTimeout(timer);
    if (until > performance.now()) tell(false);
    until = 0;
  }
  return {
    note() {
      const now = performance.now();
      if (now > until - 2_000) tell(true);
      until = now + 6_000;
      clearTimeout(timer);
      timer = setTimeout(stop, 5_000);
    },
    stop,
  };
}
