import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Attachment } from '../../model/attachments';
import { sizeOf } from '../../text/locale';
import { useModel } from '../context';
import { Icon } from '../icons';
import { MediaIcon } from '../mediaIcons';
import { plainName, shortName } from '../parts/file/name';
import { isOver, note, watchIncoming } from './incoming';
import { f, stateOf } from './words';
import './files.css';

/** The files that wait to be sent, above what one writes; and the place to drop more. */
export function Tray() {
  const model = useModel();
  const attachments = model.attachments.value;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => watchIncoming(model), [model]);
  const items = attachments?.items.value ?? [];
  const isHeld = items.some(({ state }) => state.at === 'waiting');

  const remove = (at: number, id: string) => {
    attachments?.remove(id);
    // The button went with its row: on to the next one, else back to where files are chosen.
    setTimeout(() => {
      const buttons = list.current?.querySelectorAll<HTMLElement>('.off');
      const next = buttons?.[Math.min(at, buttons.length - 1)];
      (next ?? document.querySelector<HTMLElement>('.attach'))?.focus();
    });
  };
  return (
    <>
      {isOver.value && (
        <div class="drop" aria-hidden="true">
          <div>
            <MediaIcon name="clip" />
            <b>{f('dropHere')}</b>
            <span>{f('dropHint')}</span>
          </div>
        </div>
      )}
      {items.length > 0 && (
        // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role from a list without bullets
        <ul class="tray" role="list" ref={list} aria-label={f('list')}>
          {items.map((item, at) => (
            <Row key={item.id} item={item} onRemove={() => remove(at, item.id)} />
          ))}
        </ul>
      )}
      <p class="tray-note" role="status">
        {note.value || (isHeld && f('keptHere'))}
      </p>
    </>
  );
}

function Row({ item, onRemove }: { item: Attachment; onRemove: () => void }) {
  const { attachments } = useModel();
  const { state, preview, size } = item;
  const name = plainName(item.name);
  const isBad = state.at === 'refused' || state.at === 'failed';
  return (
    <li class={`chosen is-${state.at}`}>
      <Thumb key={preview} preview={preview} isBad={isBad} />
      <span class="what">
        <bdi class="name" title={name}>
          {shortName(item.name, 32)}
        </bdi>
        <span class="facts">
          {!isBad && `${sizeOf(size)} · `}
          {stateOf(item)}
          {state.at === 'failed' && (
            <>
              {' '}
              <button type="button" class="text-button" onClick={() => attachments.value?.retry(item.id)}>
                {f('tryAgain')}
              </button>
            </>
          )}
        </span>
        {state.at === 'uploading' && (
          <span
            class="bar"
            role="progressbar"
            aria-label={name}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(state.part * 100)}
          >
            <i style={{ transform: `scaleX(${state.part})` }} />
          </span>
        )}
      </span>
      <button
        type="button"
        class="icon-button off"
        aria-label={f('remove', { name })}
        title={f('remove', { name })}
        onClick={onRemove}
      >
        <Icon name="x" />
      </button>
    </li>
  );
}

function Thumb({ preview, isBad }: { preview: string | undefined; isBad: boolean }) {
  const isBroken = useSignal(false);
  if (preview && !isBroken.value) {
    return (
      <span class="thumb">
        <img
          src={preview}
          alt=""
          onError={() => {
            isBroken.value = true;
          }}
        />
      </span>
    );
  }
  return (
    <span class={isBad ? 'thumb bad' : 'thumb'}>
      <Icon name={isBad ? 'alert' : 'document'} />
    </span>
  );
}
