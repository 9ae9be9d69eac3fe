import { useEffect, useRef } from 'preact/hooks';
import type { OwnState, Row } from '../model/rows';
import { dayName, t } from '../text/locale';
import { useModel } from './context';
import { MessageRow } from './MessageRow';
import { memo } from './memo';

/** The log itself, which screen readers follow: each message that is added is said once. */
export function Rows({ rows, own }: { rows: readonly Row[]; own: OwnState | undefined }) {
  const model = useModel();
  const log = useRef<HTMLDivElement>(null);
  const older = model.thread.older.value;
  useEffect(() => {
    const element = log.current;
    // History isn't news: it is put in while the log is mute.
    element?.setAttribute('aria-live', 'off');
    if (older === 'loading') return undefined;
    const timer = setTimeout(() => element?.setAttribute('aria-live', 'polite'), 800);
    return () => clearTimeout(timer);
  }, [older]);
  return (
    <div role="log" ref={log} aria-label={t('conversation')} aria-live="off" aria-relevant="additions">
      {rows.map((row) => (
        <RowView key={row.key} row={row} state={own?.key === row.key ? own : undefined} />
      ))}
    </div>
  );
}

const RowView = memo(({ row, state }: { row: Row; state: OwnState | undefined }) => {
  const { texts } = useModel().config.value.value;
  switch (row.kind) {
    case 'day':
      return (
        <p class="day" data-row>
          {dayName(row.time)}
        </p>
      );
    case 'unread':
      return (
        <div class="unread-line" data-row>
          <span>{t('newHere')}</span>
        </div>
      );
    case 'line':
      return (
        <p class="system-line" data-row>
          {(row.line === 'resolved' && texts?.resolved) || t(row.line)}
        </p>
      );
    case 'message':
      return <MessageRow row={row} state={state} />;
  }
});
