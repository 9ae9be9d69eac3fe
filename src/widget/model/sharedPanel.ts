import { type ReadonlySignal, signal } from '@preact/signals';
import type { Panel } from './panel';

/**
 * What the customer does with the panel in one tab happens in the others too, but nothing takes a phone's whole screen unasked.
 * The loader draws it: it is asked, and says so by `open`.
 */
export type SharedPanel = {
  /** It was opened in another tab: the loader is to show it here too, without taking the focus. */
  openedElsewhere: ReadonlySignal<number>;
  /** Another tab has done it. */
  follow(open: boolean): void;
  /** This tab has. */
  tell(open: boolean): void;
};

export function createSharedPanel(
  panel: Pick<Panel, 'isOpen' | 'isPhone'>,
  tell: (open: boolean) => void,
  minimise: () => void,
): SharedPanel {
  const openedElsewhere = signal(0);
  /** What the tabs heard last, so that what one follows isn't told again. */
  let told: boolean | undefined;

  return {
    openedElsewhere,
    follow(open) {
      told = open;
      if (open === panel.isOpen.peek()) return;
      if (!open) minimise();
      else if (!panel.isPhone.peek()) openedElsewhere.value++;
    },
    tell(open) {
      if (told !== open) tell(open);
      told = open;
    },
  };
}
