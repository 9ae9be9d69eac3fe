/**
 * The browser's Back closes a web view: one entry is pushed on the tap that opens it, and taken off again however it closes.
 *
 * Steps that the page makes inside its frame lie above our entry, so Back goes through them first; after any other close all of them
 * have to go at once, which the Navigation API does exactly. Without it we go back one by one, for as long as the entry is still ours: by counting
 * alone one would leave the site where the customer has been back and forth in the page.
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

/** For a step back to be made, in milliseconds; where nothing of ours changes by it, the browser doesn't tell when it is. */
const stepTakes = 250;

/** @param onBack Back was pressed; `true` when the view stays after all */
export function watchBackButton(window: Window, onBack: () => boolean): BackButton {
  const { history } = window;
  const navigation = (window as { navigation?: Navigation }).navigation;
  const mark = `guichet-${Math.random()}`;
  const isOurs = (state: unknown) => (state as { guichet?: unknown } | null)?.guichet === mark;
  /** `length`: of the history with our entry as its last. */
  let from: { key: string | undefined; length: number } | undefined;
  let ignored: ReturnType<typeof setTimeout> | undefined;

  const onPopState = ({ state }: PopStateEvent) => {
    if (ignored) {
      clearTimeout(ignored);
      ignored = undefined;
      return;
    }
    // Onto our entry (Forward, or a step inside the page): nothing closes, and nothing opens again.
    if (!from || isOurs(state)) return;
    // Onto it again: one that were pushed anew, without a tap, Chrome's Back would pass over, and leave the site.
    if (onBack()) history.forward();
    else from = undefined;
  };
  window.addEventListener('popstate', onPopState);

  function stepBack(steps: number): void {
    if (from || steps < 1 || !isOurs(history.state)) return;
    history.back();
    if (steps > 1) setTimeout(() => stepBack(steps - 1), stepTakes);
  }

  return {
    push() {
      if (from) return;
      const key = navigation?.currentEntry?.key;
      try {
        history.pushState({ guichet: mark }, '');
        from = { key, length: history.length };
      } catch {
        // Some browsers limit how often: then Back does what it does without us.
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
        } else stepBack(history.length - to.length + 1);
      }, 30);
    },
    stop() {
      clearTimeout(ignored);
      window.removeEventListener('popstate', onPopState);
    },
  };
}
