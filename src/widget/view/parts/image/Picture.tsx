import { useComputed, useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { sourceOf } from '../../../model/ownPictures';
import { m } from '../../../text/media/media';
import { useModel } from '../../context';
import { Icon } from '../../icons';
import { MediaIcon } from '../../mediaIcons';
import { moves } from './gif';
import { type Retries, retries } from './retries';
import { useInView, useLessMotion } from './surroundings';
import './image.css';

export type PictureProps = {
  url: string;
  alt?: string | undefined;
  contentType?: string | undefined;
  /** `contain`: all of it, in its own shape; `cover`: fills the box, cut where it has to be. */
  fit?: 'contain' | 'cover' | undefined;
  /** Makes a button of it. */
  onOpen?: ((opener: HTMLElement) => void) | undefined;
};

/**
 * A picture that fills the box it is put in, whatever becomes of it: on its way (also while it is tried again), shown, broken.
 * The box must have its size from the start, so that nothing moves when the picture comes.
 *
 * One that moves (a GIF) has a button to stop it, is a still where less motion is asked for, and plays only in view.
 */
export function Picture({ url, alt = '', contentType, fit = 'contain', onOpen }: PictureProps) {
  const state = useSignal<'loading' | 'shown' | 'broken'>('loading');
  const attempt = useSignal(0);
  const image = useRef<HTMLImageElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const isMoving = moves({ url, content_type: contentType });
  const player = usePlayer(box, isMoving);
  const isStill = isMoving && !player.isPlaying.value;
  const source = sourceOf(url);
  const { connection } = useModel();
  const again = () => {
    // Where the focus is on the button that goes away now, it stays with the picture.
    const isFocused = state.peek() === 'broken' && box.current?.contains(document.activeElement);
    state.value = 'loading';
    attempt.value++;
    if (isFocused) box.current?.focus({ preventScroll: true });
  };
  const download = useRef<Retries>(undefined);
  // Not later: a picture that is known to be gone fails at once.
  useLayoutEffect(() => {
    const made = retries(again, connection);
    download.current = made;
    return made.stop;
  }, []);

  const onLoad = () => {
    download.current?.reset();
    if (state.peek() !== 'shown') state.value = 'shown';
    if (isMoving && image.current && still.current) drawStill(image.current, still.current);
  };
  const onError = () => {
    // On its way as long as it's tried again.
    if (!download.current?.failed()) state.value = 'broken';
  };
  const onRetry = () => {
    download.current?.reset();
    again();
    // Some browsers don't give the focus to a button that is clicked.
    box.current?.focus({ preventScroll: true });
  };
  const content = (
    <>
      <img
        key={attempt.value}
        ref={image}
        src={source}
        alt={onOpen ? '' : alt}
        class={`${fit}${isStill ? ' unseen' : ''}`}
        loading="lazy"
        decoding="async"
        referrerPolicy="no-referrer"
        draggable={false}
        onLoad={onLoad}
        onError={onError}
      />
      {isMoving && (
        <canvas
          ref={still}
          class={`${fit}${isStill ? '' : ' unseen'}`}
          {...(alt && !onOpen ? { role: 'img', 'aria-label': alt } : { 'aria-hidden': true })}
        />
      )}
    </>
  );
  if (state.value === 'broken') {
    return (
      <div class="frame broken" ref={box} tabIndex={-1}>
        <Icon name="image" />
        <span dir="auto" class="words">
          {alt || m('pictureBroken')}
        </span>
        <button type="button" class="text-button" onClick={onRetry}>
          {m('again')}
        </button>
      </div>
    );
  }
  return (
    <div class={`frame ${state.value}`} ref={box} tabIndex={-1}>
      {onOpen ? (
        <button
          type="button"
          class="opener"
          aria-haspopup="dialog"
          aria-label={alt ? m('enlarge', { name: alt }) : m('enlargePicture')}
          onClick={({ currentTarget }) => onOpen(currentTarget)}
        >
          {content}
        </button>
      ) : (
        content
      )}
      {isMoving && state.value === 'shown' && (
        <button
          type="button"
          class="gif"
          aria-label={m(player.isWanted.value ? 'pauseGif' : 'playGif')}
          onClick={player.toggle}
        >
          <MediaIcon name={player.isWanted.value ? 'pause' : 'play'} />
          <span aria-hidden="true">GIF</span>
        </button>
      )}
    </div>
  );
}

/** Whether it should move (by the customer's choice, else by the system's setting), and whether it does. */
function usePlayer(box: { current: HTMLElement | null }, isMoving: boolean) {
  const { panel } = useModel();
  const lessMotion = useLessMotion();
  const isInView = useInView(box, isMoving);
  const choice = useSignal<boolean | undefined>(undefined);
  const isWanted = useComputed(() => choice.value ?? !lessMotion.value);
  const isPlaying = useComputed(() => isWanted.value && isInView.value && panel.isWatched.value);
  return {
    isWanted,
    isPlaying,
    toggle() {
      choice.value = !isWanted.peek();
    },
  };
}

/** Of a moving picture a canvas gets the first frame; it may come from anywhere, since nobody reads the canvas. */
function drawStill(image: HTMLImageElement, canvas: HTMLCanvasElement): void {
  const { naturalWidth: width, naturalHeight: height } = image;
  if (!width || !height) return;
  const scale = Math.min(1, mostStill / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
}
/** Pixels of a still's longer side: enough for a panel on a sharp screen. */
const mostStill = 1_200;
