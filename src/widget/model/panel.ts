import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';

/** The panel as its surroundings see it. */
export type Panel = {
  isOpen: ReadonlySignal<boolean>;
  isVisible: ReadonlySignal<boolean>;
  /** Somebody can see what is in it. */
  isWatched: ReadonlySignal<boolean>;
  isPhone: ReadonlySignal<boolean>;
  /** CSS pixels that the panel has. */
  height: ReadonlySignal<number>;
  /** The log shows its newest message. Written by the log. */
  isAtBottom: Signal<boolean>;
  /** The question waits for a choice: what the composer says meanwhile, and what one may do instead. Written by the log. */
  prompt: Signal<readonly [wait: string, instead: string] | undefined>;
  /** Where the focus should go next. Taken by the view. */
  focusWish: Signal<FocusWish | undefined>;
  /** Counts up with each word for screen readers that the log doesn't say by itself. */
  announcement: Signal<{ text: string; count: number }>;
  announce(text: string): void;
  open(focus: boolean): void;
  close(): void;
  setPhone(isPhone: boolean): void;
  setHeight(height: number): void;
  setVisible(isVisible: boolean): void;
};
export type FocusWish = { to: 'panel' } | { to: 'composer' } | { to: 'button'; key: string };

export function createPanel(start: { height: number; isVisible: boolean }): Panel {
  const isOpen = signal(false);
  const isVisible = signal(start.isVisible);
  const isPhone = signal(false);
  const height = signal(start.height);
  const focusWish = signal<FocusWish | undefined>(undefined);
  const announcement = signal({ text: '', count: 0 });
  return {
    isOpen,
    isVisible,
    isWatched: computed(() => isOpen.value && isVisible.value),
    isPhone,
    height,
    isAtBottom: signal(true),
    prompt: signal<Panel['prompt']['value']>(undefined),
    focusWish,
    announcement,
    announce(text) {
      announcement.value = { text, count: announcement.peek().count + 1 };
    },
    open(focus) {
      isOpen.value = true;
      if (focus) focusWish.value = { to: 'panel' };
    },
    close() {
      isOpen.value = false;
    },
    setPhone(next) {
      isPhone.value = next;
    },
    setHeight(next) {
      height.value = next;
    },
    setVisible(next) {
      isVisible.value = next;
    },
  };
}
