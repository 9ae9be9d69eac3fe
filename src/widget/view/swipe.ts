/** Pixels, and pixels a millisecond, from which a swipe counts. */
const farEnough = 96;
const fastEnough = 0.6;

/** A swipe down on the grip moves the sheet along, and closes it if it meant it. Returns how to end it. */
export function swipeDown(grip: HTMLElement, sheet: HTMLElement, onSwipe: () => void): () => void {
  let start: { y: number; time: number } | undefined;
  const move = (to: number) => {
    sheet.style.transform = to > 0 ? `translateY(${to}px)` : '';
  };
  const down = (event: PointerEvent) => {
    if (!event.isPrimary || event.button !== 0 || (event.target as Element).closest('button')) return;
    start = { y: event.clientY, time: event.timeStamp };
    grip.setPointerCapture(event.pointerId);
    sheet.classList.add('dragged');
  };
  const drag = (event: PointerEvent) => {
    if (start) move(event.clientY - start.y);
  };
  const end = (event: PointerEvent) => {
    if (!start) return;
    const far = event.clientY - start.y;
    const speed = far / Math.max(1, event.timeStamp - start.time);
    start = undefined;
    sheet.classList.remove('dragged');
    move(0);
    if (event.type === 'pointerup' && far > 12 && (far > farEnough || speed > fastEnough)) onSwipe();
  };
  grip.addEventListener('pointerdown', down);
  grip.addEventListener('pointermove', drag);
  grip.addEventListener('pointerup', end);
  grip.addEventListener('pointercancel', end);
  return () => {
    grip.removeEventListener('pointerdown', down);
    grip.removeEventListener('pointermove', drag);
    grip.removeEventListener('pointerup', end);
    grip.removeEventListener('pointercancel', end);
  };
}
