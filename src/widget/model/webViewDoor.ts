import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Target, View, WebViews } from './webViews';

/** What of the web views is on screen. */
export type ShownViews = {
  all: Signal<readonly View[]>;
  /** The one that isn't leaving. */
  current: ReadonlySignal<View | undefined>;
  /** Why a button's view didn't open or went away, by `buttonKey`. */
  notes: Signal<Readonly<Record<string, string>>>;
};

export type WebViewDoor = ShownViews & {
  /** There once the code is: most conversations never need it. */
  readonly inside: WebViews | undefined;
  /** The code may be needed soon. */
  prefetch(): void;
  enter(): Promise<WebViews>;
  open(key: string, target: Target): Promise<void>;
};

/** Web views come in a download of their own, when a conversation offers one. */
export function createWebViewDoor(load: (shown: ShownViews) => Promise<WebViews>): WebViewDoor {
  const all = signal<readonly View[]>([]);
  const notes = signal<Readonly<Record<string, string>>>({});
  const current = computed(() => all.value.find((view) => view.phase.value !== 'leaving'));
  let inside: WebViews | undefined;
  let loading: Promise<WebViews> | undefined;

  function enter(): Promise<WebViews> {
    loading ??= load({ all, current, notes }).then(
      (loaded) => {
        inside = loaded;
        return loaded;
      },
      (error) => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  }
  return {
    all,
    current,
    notes,
    get inside() {
      return inside;
    },
    prefetch: () => void enter().catch(() => {}),
    enter,
    async open(key, target) {
      try {
        await (await enter()).open(target);
      } catch {
        notes.value = { ...notes.peek(), [key]: 'UNREACHABLE' };
      }
    },
  };
}
