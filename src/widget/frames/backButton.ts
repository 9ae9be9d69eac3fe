/**
 * The browser's Back closes a web view: one entry is pushed on the tap that opens it, and taken off again however it closes.
 *
 * Steps that the page makes inside its frame lie above our entry, so Back goes through them first; after any other close all of them
 * have to go at once, which the Navigation API does exactly and `history.go` by counting.
 */
export type BackButton = {
  push(): void;
  /** Back to where we were before `push`; to be called once the frame is gone. */
  back(): void;
  stop(): void;
};

type Navigation = {
  currentEntry?: { key: string } | null;
  traverseTo(key: string): { finished: Promise<unknown>; committed: Promise<unknown> };
};

export function watchBackButton(window: Window, onBack: () => void): BackButton {
  const { history } = window;
  const navigation = (window as { navigation?: Navigation }).navigation;
  const mark = `guichet-${Math.random()}`;
  let from: { key: string | undefined; length: number } | undefined;
  let ignored: ReturnType<typeof setTimeout> | undefined;

  const onPopState = ({ state }: PopStateEvent) => {
    if (ignored) {
      clearTimeout(ignored);
      ignored = undefined;
      return;
    }
    // Onto our entry (Forward, or a step inside the page): nothing closes, and nothing opens again.
    if (!from || state?.guichet === mark) return;
    from = undefined;
    onBack();
  };
  window.addEventListener('popstate', onPopState);

  return {
    push() {
      if (from) return;
      from = { key: navigation?.currentEntry?.key, length: history.length };
      try {
        history.pushState({ guichet: mark }, '');
      } catch {
        from = undefined; // Some browsers limit how often: then Back does what it does without us.
      }
    },
    back() {
      const to = from;
      from = undefined;
      if (!to) return;
      // The frame leaves the document with the next drawing.
      setTimeout(() => {
        ignored = setTimeout(() => {
          ignored = undefined;
        }, 1_000);
        if (navigation && to.key) {
          const { committed, finished } = navigation.traverseTo(to.key);
          committed.catch(() => {});
          finished.catch(() => {});
        } else history.go(-Math.max(1, history.length - to.length));
      }, 30);
    },
    stop() {
      clearTimeout(ignored);
      window.removeEventListener('popstate', onPopState);
    },
  };
}
