import { useState } from 'preact/hooks';
import { t } from '../../../text/locale';
import { Icon } from '../../icons';
import type { PartProps } from '../table';
import './image.css';

type Image = { url: string; alt_text?: string | undefined; width?: number | undefined; height?: number | undefined };

const most = { width: 260, height: 320 };

/** A picture in a box that has its size before the picture is there: nothing moves when it comes. */
export function ImagePart({ part }: PartProps<Image>) {
  const [isBroken, setBroken] = useState(false);
  const { inlineSize, aspectRatio } = boxOf(part);
  if (isBroken) {
    return (
      <div class="picture broken" style={{ inlineSize, aspectRatio }}>
        <Icon name="image" />
        <span dir="auto">{part.alt_text || t('imageBroken')}</span>
      </div>
    );
  }
  return (
    <a class="picture" href={part.url} target="_blank" rel="noopener noreferrer" style={{ inlineSize, aspectRatio }}>
      <img
        src={part.url}
        alt={part.alt_text ?? ''}
        loading="lazy"
        decoding="async"
        referrerPolicy="no-referrer"
        onError={() => setBroken(true)}
      />
      {!part.alt_text && <span class="hidden-text">{t('opensInTab')}</span>}
    </a>
  );
}

/** Its own shape, within what the log has room for; where the shape is unknown, four by three. */
export function boxOf({ width = 0, height = 0 }: Pick<Image, 'width' | 'height'>): {
  inlineSize: string;
  aspectRatio: string;
} {
  if (!width || !height) return { inlineSize: `${most.width}px`, aspectRatio: '4 / 3' };
  const scale = Math.min(1, most.width / width, most.height / height);
  // A line one pixel high could not be hit.
  const shape = Math.min(Math.max(width / height, 0.2), 6);
  return { inlineSize: `${Math.max(48, Math.round(width * scale))}px`, aspectRatio: `${shape}` };
}
