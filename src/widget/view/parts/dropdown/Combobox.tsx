import { useSignal } from '@preact/signals';
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Choice } from '../../../model/placed';
import { searchIn } from '../../../model/search';
import { d } from '../../../text/parts/dropdown';
import { useModel } from '../../context';
import { Icon } from '../../icons';

type Props = { choices: readonly Choice[]; label: string; onChoose: (option: number) => void };

/** Options that one searches by typing: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ (editable, list autocomplete). */
export function Combobox({ choices, label, onChoose }: Props) {
  const { panel } = useModel();
  const id = useId();
  const query = useSignal('');
  const isOpen = useSignal(false);
  const active = useSignal(-1);
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const search = useMemo(() => searchIn(choices.map((choice) => choice.label)), [choices]);
  const found = useMemo(() => search(query.value), [search, query.value]);

  const open = () => {
    isOpen.value = true;
  };
  const close = () => {
    isOpen.value = false;
    active.value = -1;
  };
  const choose = (at: number) => {
    const choice = choices[found[at]?.index ?? -1];
    if (choice) onChoose(choice.option);
  };
  const moveTo = (at: number) => {
    open();
    active.value = found.length ? (at + found.length) % found.length : -1;
  };
  const onInput = (text: string) => {
    query.value = text;
    open();
    // What Enter would take stands out; nothing does before one has typed.
    active.value = text.trim() ? 0 : -1;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    const steps: Record<string, () => void> = {
      ArrowDown: () => moveTo(event.altKey && !isOpen.peek() ? -1 : active.peek() + 1),
      ArrowUp: () => (event.altKey ? close() : moveTo(active.peek() < 0 ? -1 : active.peek() - 1)),
      Enter: () => (isOpen.peek() ? choose(active.peek()) : open()),
    };
    // In the field they move the cursor; once one is in the list, through the list.
    if (active.peek() >= 0 && !event.shiftKey) {
      steps.Home = () => moveTo(0);
      steps.End = () => moveTo(found.length - 1);
    }
    if (isOpen.peek()) steps.Escape = close;
    else if (query.peek()) steps.Escape = () => onEmpty();
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };
  const onEmpty = () => {
    query.value = '';
    close();
  };

  useLayoutEffect(() => {
    if (!isOpen.value || !box.current || !list.current) return;
    // It stays on its side while one types, however little is found.
    const isAbove = sideOf(box.current);
    const put = () => {
      if (box.current && list.current && !putBeside(box.current, list.current, isAbove)) close();
    };
    put();
    window.addEventListener('resize', put);
    document.addEventListener('scroll', put, true);
    return () => {
      window.removeEventListener('resize', put);
      document.removeEventListener('scroll', put, true);
    };
  }, [isOpen.value]);
  useLayoutEffect(() => {
    const element = list.current?.querySelector<HTMLElement>('[aria-selected=true]');
    if (element && list.current) keepInView(element, list.current);
  }, [active.value, isOpen.value]);
  useEffect(() => {
    if (!isOpen.value) return;
    // Once one has stopped typing.
    const timer = setTimeout(() => panel.announce(found.length ? d('found', { count: found.length }) : d('none')), 500);
    return () => clearTimeout(timer);
  }, [isOpen.value, found]);

  return (
    // What opens and closes here is no news in the log: how many were found is said by itself.
    <div aria-live="off">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field in it has the keys */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the whole box is the field to a pointer */}
      <div class="combobox" ref={box} onClick={() => field.current?.focus()}>
        <input
          ref={field}
          type="text"
          role="combobox"
          dir="auto"
          autocomplete="off"
          spellcheck={false}
          aria-label={label}
          aria-autocomplete="list"
          aria-expanded={isOpen.value}
          aria-controls={`${id}-list`}
          aria-activedescendant={active.value >= 0 && isOpen.value ? `${id}-${active.value}` : undefined}
          placeholder={d('search')}
          value={query.value}
          maxLength={200}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
          onKeyDown={onKeyDown}
          onClick={open}
          onBlur={close}
        />
        <button
          type="button"
          tabIndex={-1}
          aria-label={d('showAll')}
          aria-expanded={isOpen.value}
          aria-controls={`${id}-list`}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            if (isOpen.peek()) return close();
            field.current?.focus();
            open();
          }}
        >
          <Icon name="down" />
        </button>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keeps the focus where it is */}
      <div class="popup" ref={list} hidden={!isOpen.value} onMouseDown={(event) => event.preventDefault()}>
        <div role="listbox" id={`${id}-list`} aria-label={label}>
          {isOpen.value &&
            found.map(({ index, pieces }, at) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
              // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus and points at the option
              <div
                key={index}
                id={`${id}-${at}`}
                role="option"
                dir="auto"
                aria-selected={at === active.value}
                onClick={() => choose(at)}
              >
                {pieces.map(({ text, isHit }, nth) => (isHit ? <b key={nth}>{text}</b> : text))}
              </div>
            ))}
        </div>
        {found.length === 0 && (
          <p class="none">
            <b>{d('none')}</b>
            {d('noneHint')}
          </p>
        )}
      </div>
    </div>
  );
}

const gap = 6;
const most = 280;

function roomAround(box: HTMLElement) {
  const field = box.getBoundingClientRect();
  const log = box.closest('.scroller')?.getBoundingClientRect() ?? document.body.getBoundingClientRect();
  return {
    field,
    log,
    below: window.innerHeight - field.bottom - gap - 8,
    above: field.top - log.top - gap,
  };
}

/** Above the field where there isn't enough room under it, and more above. */
function sideOf(box: HTMLElement): boolean {
  const { below, above } = roomAround(box);
  return below < most && above > below;
}

/** Over the log, in which nothing moves. False when the field is out of sight. */
function putBeside(box: HTMLElement, list: HTMLElement, isAbove: boolean): boolean {
  const { field, log, below, above } = roomAround(box);
  Object.assign(list.style, {
    left: `${field.left}px`,
    width: `${field.width}px`,
    top: isAbove ? 'auto' : `${field.bottom + gap}px`,
    bottom: isAbove ? `${window.innerHeight - field.top + gap}px` : 'auto',
    maxHeight: `${Math.max(96, Math.min(most, isAbove ? above : below))}px`,
  });
  return field.bottom >= log.top && field.top <= log.bottom;
}

/** By hand: `scrollIntoView` would move the log as well. */
function keepInView(element: HTMLElement, list: HTMLElement): void {
  const one = element.getBoundingClientRect();
  const all = list.getBoundingClientRect();
  if (one.top < all.top + gap) list.scrollTop -= all.top + gap - one.top;
  else if (one.bottom > all.bottom - gap) list.scrollTop += one.bottom - all.bottom + gap;
}
