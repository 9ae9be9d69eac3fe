import { type ReadonlySignal, signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

let lessMotion: ReadonlySignal<boolean> | undefined;

/** The system's wish for less motion, as it is now. */
export function useLessMotion(): ReadonlySignal<boolean> {
  if (!lessMotion) {
    const query = matchMedia('(prefers-reduced-motion: reduce)');
    const matches = signal(query.matches);
    query.addEventListener('change', () => {
      matches.value = query.matches;
    });
    lessMotion = matches;
  }
  return lessMotion;
}

/** Whether some of an element can be seen. Without an observer everything counts as seen. */
export function useInView(element: { current: Element | null }, isWanted = true): ReadonlySignal<boolean> {
  const isInView = useSignal(false);
  useEffect(() => {
    if (!isWanted || !element.current) return undefined;
    if (!('IntersectionObserver' in globalThis)) {
      isInView.value = true;
      return undefined;
    }
    const observer = new IntersectionObserver((entries) => {
      isInView.value = entries.at(-1)?.isIntersecting ?? false;
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isWanted, element.current]);
  return isInView;
}
