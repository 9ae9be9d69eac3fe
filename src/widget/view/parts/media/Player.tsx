import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { m } from '../../../text/media/media';
import { useModel } from '../../context';
import { MediaIcon, type MediaIconName } from '../../mediaIcons';
import { useInView } from '../image/surroundings';
import './media.css';

/** What plays now in this document: one thing at a time. */
let playing: HTMLMediaElement | undefined;

type PlayerProps = { kind: 'video' | 'audio'; url: string; label: string; icon: MediaIconName };

/**
 * The browser's own player. Nothing is fetched before it is in view, and then only what tells length and size; it
 * stops when the panel is put away or something else plays.
 */
export function Player({ kind: Kind, url, label, icon }: PlayerProps) {
  const { panel } = useModel();
  const isBroken = useSignal(false);
  const attempt = useSignal(0);
  const box = useRef<HTMLDivElement>(null);
  const media = useRef<HTMLVideoElement & HTMLAudioElement>(null);
  const wasSeen = useSignal(false);
  const isInView = useInView(box);
  useSignalEffect(() => {
    if (isInView.value) wasSeen.value = true;
  });
  useSignalEffect(() => {
    if (!panel.isOpen.value) media.current?.pause();
  });

  if (isBroken.value) {
    return (
      <div class="player broken" ref={box}>
        <MediaIcon name={icon} />
        <span>{m(Kind === 'video' ? 'videoBroken' : 'audioBroken')}</span>
        <span class="ways">
          <button
            type="button"
            class="text-button"
            onClick={() => {
              isBroken.value = false;
              attempt.value++;
            }}
          >
            {m('again')}
          </button>
          <a class="text-button" href={url} target="_blank" rel="noopener noreferrer">
            {m('openTab')}
          </a>
        </span>
      </div>
    );
  }
  return (
    <div class="player" ref={box}>
      <Kind
        key={attempt.value}
        ref={media}
        controls
        src={wasSeen.value ? url : undefined}
        playsInline
        preload={wasSeen.value ? 'metadata' : 'none'}
        aria-label={label}
        onError={() => {
          isBroken.value = true;
        }}
        onPlay={({ currentTarget }) => {
          if (playing !== currentTarget) playing?.pause();
          playing = currentTarget;
        }}
      />
    </div>
  );
}
