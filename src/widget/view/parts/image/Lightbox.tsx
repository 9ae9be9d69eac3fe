import { effect, useSignal } from '@preact/signals';
import { render } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Model } from '../../../model/model';
import { m } from '../../../text/media/media';
import { ModelContext } from '../../context';
import { Icon } from '../../icons';
import { MediaIcon } from '../../mediaIcons';
import type { Image } from './ImagePart';
import { Picture } from './Picture';
import './lightbox.css';

/**
 * Shows pictures over the whole panel, one at a time. Nothing behind it can be reached until it is closed: by ✕, Escape,
 * the dark around the picture, or because the panel is put away.
 *
 * @param onClose once, however it was closed; the place for the focus to go back
 * @returns how to close it
 */
export function openLightbox(model: Model, pictures: Image[], at: number, onClose: () => void): () => void {
  const dialog = document.createElement('dialog');
  dialog.className = 'lightbox';
  let isClosed = false;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    stop();
    dialog.close();
    render(null, dialog);
    dialog.remove();
    onClose();
  };
  // The browser's own ways to dismiss a dialog, such as a phone's back gesture.
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  render(
    <ModelContext.Provider value={model}>
      <Lightbox dialog={dialog} pictures={pictures} start={at} close={close} />
    </ModelContext.Provider>,
    dialog,
  );
  dialog.showModal();
  dialog.querySelector<HTMLElement>('.close')?.focus({ preventScroll: true });
  const stop = effect(() => {
    // Not within the effect: its undo is not there yet.
    if (!model.panel.isOpen.value) queueMicrotask(close);
  });
  return close;
}

type LightboxProps = { dialog: HTMLDialogElement; pictures: Image[]; start: number; close: () => void };

function Lightbox({ dialog, pictures, start, close }: LightboxProps) {
  const at = useSignal(start);
  const isLarge = useSignal(false);
  const canGrow = useSignal(false);
  const stage = useRef<HTMLDivElement>(null);
  const count = pictures.length;
  const picture = pictures[at.value] ?? pictures[0];
  const name = picture?.alt_text || m('picture');
  const place = m('pictureOf', { n: at.value + 1, count });

  const go = (to: number) => {
    const next = Math.min(Math.max(to, 0), count - 1);
    if (next === at.peek()) return;
    isLarge.value = false;
    canGrow.value = false;
    at.value = next;
  };
  // Before the dialog is seen: an early Escape would put the panel away, an early arrow be lost.
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isRtl = document.documentElement.dir === 'rtl';
      if (event.key === 'Escape') close();
      else if (isLarge.peek() && event.key.startsWith('Arrow')) return;
      else if (event.key === 'ArrowLeft') go(at.peek() + (isRtl ? 1 : -1));
      else if (event.key === 'ArrowRight') go(at.peek() + (isRtl ? -1 : 1));
      else if (event.key === 'Home') go(0);
      else if (event.key === 'End') go(count - 1);
      else return;
      // Else Escape would put the panel away as well.
      event.preventDefault();
    };
    // Wherever the focus is, even if it got lost; and before who listens for the panel.
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, []);
  useLayoutEffect(() => {
    dialog.setAttribute('aria-label', count > 1 ? `${name}, ${place}` : name);
  });

  const onSeen = () => {
    const image = stage.current?.querySelector('img');
    const room = stage.current;
    if (image && room) {
      canGrow.value = image.naturalWidth > room.clientWidth || image.naturalHeight > room.clientHeight;
    }
  };
  const grow = () => {
    if (canGrow.peek()) isLarge.value = !isLarge.peek();
  };
  if (!picture) return null;
  return (
    <>
      <div class="tools">
        <p class="place" aria-live="polite">
          {count > 1 && place}
        </p>
        <button
          type="button"
          class="tool"
          aria-label={m(isLarge.value ? 'zoomOut' : 'zoomIn')}
          title={m(isLarge.value ? 'zoomOut' : 'zoomIn')}
          aria-disabled={!canGrow.value}
          onClick={grow}
        >
          <MediaIcon name={isLarge.value ? 'further' : 'closer'} />
        </button>
        <a
          class="tool"
          href={picture.url}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={m('openTab')}
          title={m('openTab')}
        >
          <Icon name="out" class="turns" />
        </a>
        <button type="button" class="tool close" aria-label={m('close')} title={m('close')} onClick={close}>
          <Icon name="x" />
        </button>
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape and the buttons do the same by keyboard */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
      <div
        class={isLarge.value ? 'stage large' : 'stage'}
        ref={stage}
        onLoadCapture={onSeen}
        tabIndex={isLarge.value ? 0 : -1}
        onClick={({ target }) => {
          if (target instanceof Element && target.closest('button, a')) return;
          if (target instanceof HTMLImageElement || target instanceof HTMLCanvasElement) grow();
          else close();
        }}
      >
        <Picture key={picture.url} url={picture.url} alt={name} contentType={picture.content_type} />
      </div>
      {count > 1 && (
        <div class="turn">
          <button
            type="button"
            class="tool"
            aria-label={m('previous')}
            title={m('previous')}
            aria-disabled={at.value === 0}
            onClick={() => go(at.peek() - 1)}
          >
            <MediaIcon name="left" class="turns" />
          </button>
          <button
            type="button"
            class="tool"
            aria-label={m('next')}
            title={m('next')}
            aria-disabled={at.value === count - 1}
            onClick={() => go(at.peek() + 1)}
          >
            <MediaIcon name="right" class="turns" />
          </button>
        </div>
      )}
    </>
  );
}
