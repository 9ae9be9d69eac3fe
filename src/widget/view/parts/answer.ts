import { useLayoutEffect } from 'preact/hooks';
import type { Model } from '../../model/model';
import type { MessageRow } from '../../model/rows';

/**
 * What one answers with goes away without a tap here, too: answered in another tab, or asked anew. If the focus was in it, the
 * composer gets it, and not nobody.
 */
export function useLeaving({ panel }: Model, ref: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const element = ref.current;
    return () => {
      if (element?.contains(document.activeElement)) panel.focusWish.value = { to: 'composer' };
    };
  }, []);
}

/** Answers a question with one of its options. What offered it goes away, and the focus must not go with it. */
export function answerWith(model: Model, row: MessageRow, option: number): void {
  const { id } = row;
  // Twice before the row is drawn again is once.
  const isAnswered = model.waiting
    .peek()
    .some(({ entry: { request } }) => 'answer' in request.content && request.content.answer.message_id === id);
  if (!id || isAnswered) return;
  model.answer(id, option);
  model.panel.focusWish.value = { to: 'composer' };
}
