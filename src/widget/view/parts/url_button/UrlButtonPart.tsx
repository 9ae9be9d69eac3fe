import { useComputed } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { buttonKey } from '../../../../client/conversation';
import type { UrlButton } from '../../../../protocol/parts';
import { buttonState } from '../../../model/buttonState';
import { t } from '../../../text/locale';
import { u } from '../../../text/parts/urlButton';
import { useModel } from '../../context';
import { Icon } from '../../icons';
import type { PartProps } from '../table';
import './urlButton.css';

/** `_blank`: a link that looks like a button. `_self`: opens the business's page in the chat. */
export function UrlButtonPart({ part, row, button }: PartProps<UrlButton> & { button: number }) {
  if (part.target !== '_self' || !row.id) {
    return (
      <a class="url-button soft" href={part.url} target="_blank" rel="noopener noreferrer" dir="auto">
        {part.label}
        <Icon name="out" class="turns" />
        <span class="hidden-text">({t('opensInTab')})</span>
      </a>
    );
  }
  return <WebViewButton part={part} messageId={row.id} index={button} />;
}

function WebViewButton({ part, messageId, index }: { part: UrlButton; messageId: string; index: number }) {
  const model = useModel();
  const key = buttonKey(messageId, index);
  const offer = useComputed(() => {
    const conversation = model.thread.conversation.value;
    // The one that is on screen here, or just leaving it, is nothing to go on with.
    if (model.webViews.all.value.some((view) => view.key === key)) return 'open';
    return buttonState(conversation?.views[key], part, conversation?.status);
  }).value;
  const note = useComputed(() => model.webViews.notes.value[key]).value;
  const isOver = offer === 'done' || offer === 'gone';
  const element = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    // A button that can't be pressed any more can't keep the focus, and nobody else would get it.
    if (isOver && document.activeElement === element.current) model.panel.focusWish.value = { to: 'composer' };
  }, [isOver]);
  useEffect(() => {
    if (!isOver) model.webViews.prefetch();
  }, [isOver]);
  const open = () => {
    const conversationId = model.thread.conversation.peek()?.id;
    if (conversationId) void model.webViews.open(key, { conversationId, messageId, index, button: part });
  };
  return (
    <>
      <button
        ref={element}
        type="button"
        class="url-button"
        data-button={key}
        disabled={isOver}
        onClick={open}
        aria-haspopup="dialog"
      >
        <Icon name={offer === 'done' ? 'check' : 'lock'} />
        <span dir="auto">{offer === 'continue' ? u('goOn', { label: part.label }) : part.label}</span>
        {isOver && <span class="hidden-text">({u(offer === 'done' ? 'done' : 'gone')})</span>}
      </button>
      {note && (
        <p class="note" role="status">
          {u(noteText(note))}
        </p>
      )}
    </>
  );
}

function noteText(code: string) {
  switch (code) {
    case 'WEB_VIEW_TAKEN':
      return 'taken';
    case 'WEB_VIEW_URL_REFUSED':
      return 'refused';
    case 'WEB_VIEW_CLOSED':
    case 'NOT_OFFERED':
      return 'closed';
    default:
      return 'failed';
  }
}
