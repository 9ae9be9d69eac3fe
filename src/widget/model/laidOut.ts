import { computed, type ReadonlySignal } from '@preact/signals';
import type { Model } from './model';
import { type Item, place } from './placed';
import { layOut, type OwnState, ownStateOf, type Row, reuse } from './rows';

/** What the log shows, kept up to date; comes with the log. A row in which nothing changed is the same object as before. */
export function laidOut({ thread, waiting, connection }: Pick<Model, 'thread' | 'waiting' | 'connection'>): {
  rows: ReadonlySignal<readonly Row[]>;
  ownState: ReadonlySignal<OwnState | undefined>;
  /** The newest message asks to choose from a list or from cards. */
  asksToChoose: ReadonlySignal<boolean>;
} {
  let before: Row[] = [];
  const rows = computed(() => {
    before = reuse(before, layOut(thread.conversation.value, waiting.value, thread.unreadFrom.value, dayOf));
    return before;
  });
  const ownState = computed(() =>
    ownStateOf(rows.value, thread.conversation.value, connection.value === 'online' || connection.value === 'slow'),
  );
  const asksToChoose = computed(() => {
    const last = rows.value.at(-1);
    return last?.kind === 'message' && last.options.length > 0 && place(last.parts, last.replies, true).some(isList);
  });
  return { rows, ownState, asksToChoose };
}

const isList = (item: Item) =>
  item.kind === 'dropdown' || (item.kind === 'carousel' && item.cards.some(({ callback }) => callback));

/** Days are the customer's own. */
const dayOf = (time: string) => {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
};
