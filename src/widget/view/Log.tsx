import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { laidOut } from '../model/laidOut';
import { locale, t } from '../text/locale';
import { l } from '../text/parts/log';
import { Avatar } from './Avatar';
import { useModel } from './context';
import { Icon } from './icons';
import { Rows } from './Rows';
import './log.css';

/** Pixels from the end that still count as being there. */
const nearEnd = 24;
/** Pixels from the top at which older messages are asked for. */
const nearTop = 240;

/**
 * The messages. At the bottom it stays at the bottom; anywhere else nothing moves under the reader: whatever comes above or
 * below, the first row in sight is held where it is (by hand: Safari has no scroll anchoring, and two anchors would fight).
 */
export function Log() {
  const model = useModel();
  const shown = useMemo(() => laidOut(model), [model]);
  const rows = shown.rows.value;
  const scroller = useRef<HTMLElement>(null);
  const held = useRef<{ element: Element; top: number } | undefined>(undefined);
  const settledHeight = useRef(0);
  const isFar = useSignal(false);
  const { isAtBottom } = model.panel;

  const hold = () => {
    const box = scroller.current;
    if (!box) return;
    const top = box.getBoundingClientRect().top;
    held.current = undefined;
    // A day's name isn't held on to: it moves up to the first message of the day that is loaded.
    for (const element of box.querySelectorAll('[data-row]:not(.day)')) {
      const at = element.getBoundingClientRect();
      if (at.bottom > top) {
        held.current = { element, top: at.top };
        break;
      }
    }
  };
  const settle = () => {
    const box = scroller.current;
    if (!box || box.clientHeight === 0) return;
    settledHeight.current = box.scrollHeight;
    if (isAtBottom.peek()) box.scrollTop = box.scrollHeight;
    else if (held.current?.element.isConnected) {
      box.scrollTop += held.current.element.getBoundingClientRect().top - held.current.top;
    }
    hold();
  };
  const onScroll = () => {
    const box = scroller.current;
    if (!box || box.clientHeight === 0) return;
    // It grew since it was put to its end: that is what scrolled it, not the reader.
    if (isAtBottom.peek() && box.scrollHeight !== settledHeight.current) return settle();
    const below = box.scrollHeight - box.clientHeight - box.scrollTop;
    isAtBottom.value = below < nearEnd;
    isFar.value = below > box.clientHeight;
    hold();
    if (box.scrollTop < nearTop && model.thread.older.peek() === 'more') void model.thread.loadOlder();
  };

  useLayoutEffect(() => {
    if (!shown.asksToChoose.value) return;
    const choose = model.config.value.value.texts?.choose_above ?? l('chooseAbove');
    model.panel.prompt.value = [l('or', { choose }), l('writeInstead')];
    return () => {
      model.panel.prompt.value = undefined;
    };
  }, [shown.asksToChoose.value, model.config.value.value.texts?.choose_above, locale.value]);
  useLayoutEffect(settle, [rows, model.thread.older.value, model.thread.typing.value, isAtBottom.value]);
  useEffect(() => {
    // Too few to scroll: there would be no scrolling up to ask for more.
    const box = scroller.current;
    if (
      box &&
      box.clientHeight > 0 &&
      box.scrollHeight <= box.clientHeight + nearTop &&
      model.thread.older.peek() === 'more'
    ) {
      void model.thread.loadOlder();
    }
  }, [rows]);
  useEffect(() => {
    // The keyboard, a growing composer, a picture, a rotated phone.
    const box = scroller.current;
    if (!box) return;
    let wasHidden = box.clientHeight === 0;
    const observer = new ResizeObserver(() => {
      if (wasHidden && box.clientHeight > 0) showUnread(box, isAtBottom);
      wasHidden = box.clientHeight === 0;
      settle();
    });
    observer.observe(box);
    if (box.firstElementChild) observer.observe(box.firstElementChild);
    showUnread(box, isAtBottom);
    settle();
    return () => observer.disconnect();
  }, []);

  const toBottom = () => {
    isAtBottom.value = true;
    settle();
    scroller.current?.focus({ preventScroll: true });
  };
  return (
    <div class="log-area">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard has to be able to scroll it */}
      <section class="scroller" ref={scroller} onScroll={onScroll} tabIndex={0} aria-label={t('messages')}>
        <div class="log">
          <Older />
          <Rows rows={rows} own={shown.ownState.value} />
          <Typing />
        </div>
      </section>
      <Pill isFar={isFar.value} onClick={toBottom} />
    </div>
  );
}

/** Opened with more news than the panel holds: start where they start. */
function showUnread(box: HTMLElement, isAtBottom: { value: boolean }): void {
  const line = box.querySelector('.unread-line');
  if (!line || box.clientHeight === 0) return;
  const below = box.scrollHeight - (line.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop);
  if (below < box.clientHeight - 16) return;
  isAtBottom.value = false;
  line.scrollIntoView({ block: 'start' });
}

function Older() {
  const { thread } = useModel();
  const older = thread.older.value;
  if (older === 'none') return null;
  return (
    <div class="older">
      {older === 'failed' ? (
        <p>
          {t('olderFailed')}{' '}
          <button type="button" class="text-button" onClick={() => void thread.loadOlder()}>
            {t('tryAgain')}
          </button>
        </p>
      ) : (
        <span class={older === 'loading' ? 'spinner' : ''}>
          <span class="hidden-text">{older === 'loading' ? t('loadingOlder') : ''}</span>
        </span>
      )}
    </div>
  );
}

function Typing() {
  const model = useModel();
  const typing = model.thread.typing.value;
  if (!typing) return null;
  const name = typing.name ?? model.config.value.value.name ?? t('someone');
  return (
    <div class="row them last typing-row">
      <div class="side">
        <Avatar name={name} size="small" />
      </div>
      <div class="bubble typing">
        <span class="hidden-text">{t('typing', { name })}</span>
        <i />
        <i />
        <i />
      </div>
    </div>
  );
}

function Pill({ isFar, onClick }: { isFar: boolean; onClick: () => void }) {
  const model = useModel();
  const count = model.panel.isAtBottom.value ? 0 : model.thread.unread.value.length;
  if (count === 0 && !isFar) return null;
  return (
    <button
      type="button"
      class={count > 0 ? 'pill' : 'pill round'}
      onClick={onClick}
      aria-label={count > 0 ? undefined : t('toNewest')}
    >
      {count > 0 && t('newMessages', { count })}
      <Icon name="down" />
    </button>
  );
}
