import type { ComponentChild } from 'preact';
import { place } from '../model/placed';
import type { MessageRow as Message, OwnState } from '../model/rows';
import { locale, t, timeOf } from '../text/locale';
import { l } from '../text/parts/log';
import { Avatar } from './Avatar';
import { useModel } from './context';
import { Icon, type IconName } from './icons';
import { memo } from './memo';
import { kindOf, showItem } from './parts/table';
import './message.css';

/** One message: its parts, and what belongs to it (name, avatar, answers, state). */
export const MessageRow = memo(({ row, state }: { row: Message; state: OwnState | undefined }) => {
  const model = useModel();
  const fallback = model.config.value.value.name ?? t('someone');
  const name = row.name || fallback;
  const items = place(row.parts, row.replies, row.options.length > 0);
  const part = row.isOwn ? model.attachments.value?.uploads.progress.value.get(row.key) : undefined;
  const lastSaid = items.map(({ kind }) => kind).lastIndexOf('said');
  return (
    <article
      class={`row ${row.isOwn ? 'me' : 'them'}${row.isFirst ? ' first' : ''}${row.isLast ? ' last' : ''}`}
      data-row
      data-message={row.id}
      // Own words are no news to who wrote them.
      aria-live={row.isOwn ? 'off' : undefined}
    >
      {row.isFirst && !row.isOwn ? (
        <p class="who">
          <bdi>{name}</bdi>
        </p>
      ) : (
        <span class="hidden-text">{row.isOwn ? t('you') : name}</span>
      )}
      {items.map((item, at) => (
        <div
          key={at}
          class={
            item.kind === 'said'
              ? `part ${kindOf(item.part)}-part${at === lastSaid ? ' end' : ''}`
              : `under ${item.kind}`
          }
        >
          {item.kind === 'said' && !row.isOwn && (
            <div class="side">{row.isLast && at === lastSaid && <Avatar name={name} size="small" />}</div>
          )}
          {showItem(item, row)}
        </div>
      ))}
      <time class="hidden-text" dateTime={row.time}>
        {timeOf(row.time)}
      </time>
      {row.refusal ? (
        <Refusal row={row} refusal={row.refusal} />
      ) : part !== undefined ? (
        <Uploading row={row} part={part} />
      ) : state ? (
        <State state={state} />
      ) : (
        row.isOwn && row.seq === undefined && <Waiting />
      )}
    </article>
  );
});

const stateIcons: Record<OwnState['state'], IconName> = {
  sending: 'clock',
  waiting: 'clock',
  sent: 'check',
  read: 'checks',
};

function State({ state }: { state: OwnState }) {
  const texts: Record<OwnState['state'], () => ComponentChild> = {
    sending: () => t('sending'),
    waiting: () => t('waitingToSend'),
    sent: () => t('sent'),
    read: () => ('time' in state && state.time ? t('readAt', { time: timeOf(state.time) }) : t('read')),
  };
  return (
    <p class={`state ${state.state}`}>
      {texts[state.state]()}
      <Icon name={stateIcons[state.state]} />
    </p>
  );
}

/** One that isn't sent yet, though the customer has written more since. */
const Waiting = () => (
  <p class="waiting-mark">
    <Icon name="clock" />
    <span class="hidden-text">{t('sending')}</span>
  </p>
);

/** Its file is on its way: how far, and the way to stop it. */
function Uploading({ row, part }: { row: Message; part: number }) {
  const model = useModel();
  return (
    <p class="waiting-mark uploading">
      <span
        role="progressbar"
        aria-label={t('sending')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(part * 100)}
      >
        {t('sending')} {new Intl.NumberFormat(locale.value.tag, { style: 'percent' }).format(part)}
      </span>
      {' · '}
      <button
        type="button"
        class="text-button"
        onClick={() => {
          model.discard(row.key);
          model.panel.focusWish.value = { to: 'composer' };
        }}
      >
        {t('remove')}
      </button>
      <Icon name="clock" />
    </p>
  );
}

/** Why, where that helps; the codes that say nothing to a customer are left out. */
const reasons: Record<string, Parameters<typeof l>[0]> = {
  PAYLOAD_TOO_LARGE: 'tooLarge',
  ALREADY_ANSWERED: 'answered',
  NOT_OFFERED: 'gone',
  MESSAGE_NOT_FOUND: 'gone',
  FILE_NOT_FOUND: 'noFile',
  GARBLED: 'stopped',
};

function Refusal({ row, refusal }: { row: Message; refusal: string }) {
  const model = useModel();
  const reason = reasons[refusal];
  const give = (order: (clientId: string) => void) => {
    order(row.key);
    model.panel.focusWish.value = { to: 'composer' };
  };
  return (
    <p class="state failed-state" role="status">
      <Icon name="alert" />
      {t('notSent')}
      {reason && ` (${l(reason)})`}
      {(!reason || reason === 'stopped') && (
        <>
          {' · '}
          <button type="button" class="text-button" onClick={() => give(model.retry)}>
            {t('tryAgain')}
          </button>
        </>
      )}
      {' · '}
      <button type="button" class="text-button" onClick={() => give(model.discard)}>
        {t('remove')}
      </button>
    </p>
  );
}
