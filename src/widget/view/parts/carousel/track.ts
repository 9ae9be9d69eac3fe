import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

export type Track = {
  /** The card that stands at the start. */
  at: ReadonlySignal<number>;
  /** There is more than what one sees. */
  canScroll: ReadonlySignal<boolean>;
  isAtStart: ReadonlySignal<boolean>;
  isAtEnd: ReadonlySignal<boolean>;
  /** To the next or the last card; gives the one that it goes to. */
  go(by: 1 | -1): number;
  onKeyDown(event: KeyboardEvent): void;
};

/** Where a row of cards that is scrolled sideways stands, by reading direction, and how to move it. */
export function useTrack(track: { current: HTMLElement | null }, count: number): Track {
  const at = useSignal(0);
  const canScroll = useSignal(false);
  const isAtStart = useSignal(true);
  const isAtEnd = useSignal(false);
  /** Where a step is on its way to. */
  const aim = useRef<number | undefined>(undefined);

  const look = () => {
    const element = track.current;
    if (!element || element.clientWidth === 0) return;
    const { offset, most, starts } = measure(element);
    canScroll.value = most > 1;
    isAtStart.value = offset <= 1;
    isAtEnd.value = offset >= most - 1;
    if (aim.current !== undefined) return;
    // At the end the last card is looked at, though another one stands at the start.
    at.value = isAtEnd.value && most > 1 ? starts.length - 1 : nearest(starts, offset);
  };
  const scrollTo = (card: number) => {
    const element = track.current;
    if (!element) return;
    const { offset, most, starts } = measure(element);
    const by = Math.min(starts[card] ?? 0, most) - offset;
    at.value = card;
    if (Math.abs(by) < 1) return;
    aim.current = card;
    element.scrollBy({ left: isRightToLeft(element) ? -by : by, behavior: hasLessMotion() ? 'instant' : 'smooth' });
  };
  const go = (by: 1 | -1) => {
    const element = track.current;
    if (!element) return at.peek();
    const { most, starts } = measure(element);
    const places = starts.map((start) => Math.min(start, most));
    const from = places[aim.current ?? at.peek()] ?? 0;
    // Cards that stand side by side at the end are one place.
    const next =
      by > 0 ? places.findIndex((place) => place > from + 1) : places.filter((place) => place < from - 1).length - 1;
    if (next < 0) return at.peek();
    const card = (places[next] ?? 0) >= most - 1 ? count - 1 : next;
    scrollTo(card);
    return card;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const element = track.current;
    const focused = document.activeElement;
    const cards = element ? ([...element.children] as HTMLElement[]) : [];
    const from = cards.findIndex((card) => card.contains(focused));
    if (!element || from < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const on = isRightToLeft(element) ? -1 : 1;
    const to = { ArrowRight: from + on, ArrowLeft: from - on, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const card = cards[Math.min(Math.max(to, 0), count - 1)];
    if (!card || card === cards[from]) return;
    const place = buttonsOf(cards[from]).indexOf(focused as HTMLElement);
    const buttons = buttonsOf(card);
    scrollTo(cards.indexOf(card));
    buttons[Math.min(Math.max(place, 0), buttons.length - 1)]?.focus({ preventScroll: true });
  };

  useLayoutEffect(look, [count]);
  useEffect(() => {
    const element = track.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      clearTimeout(timer);
      aim.current = undefined;
      look();
    };
    const onScroll = () => {
      look();
      // Not every browser says when scrolling is over.
      clearTimeout(timer);
      timer = setTimeout(settle, 160);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      clearTimeout(timer);
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [count]);
  return { at, canScroll, isAtStart, isAtEnd, go, onKeyDown };
}

/** Pixels in reading direction: how far it is scrolled, how far it can be, and where each card would stand at the start. */
function measure(track: HTMLElement): { offset: number; most: number; starts: number[] } {
  const most = track.scrollWidth - track.clientWidth;
  const offset = Math.abs(track.scrollLeft);
  const box = track.getBoundingClientRect();
  const turned = isRightToLeft(track);
  const edge = (of: DOMRect) => (turned ? box.right - of.right : of.left - box.left);
  const cards = [...track.children].map((card) => edge(card.getBoundingClientRect()) + offset);
  const first = cards[0] ?? 0;
  return { offset, most, starts: cards.map((start) => start - first) };
}
function nearest(starts: readonly number[], offset: number): number {
  let best = 0;
  for (const [card, start] of starts.entries())
    if (Math.abs(start - offset) < Math.abs((starts[best] ?? 0) - offset)) best = card;
  return best;
}
const buttonsOf = (card: HTMLElement | undefined) => [
  ...(card?.querySelectorAll<HTMLElement>('.ways :is(button:not(:disabled), a)') ?? []),
];
const isRightToLeft = (element: HTMLElement) => getComputedStyle(element).direction === 'rtl';
const hasLessMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
