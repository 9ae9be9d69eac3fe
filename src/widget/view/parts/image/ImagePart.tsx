import { useEffect, useRef } from 'preact/hooks';
import type { ShownPart } from '../../../../client/events';
import { useModel } from '../../context';
import type { PartProps } from '../table';
import { boxOf } from './box';
import { Picture } from './Picture';

export type Image = {
  url: string;
  alt_text?: string | undefined;
  width?: number | undefined;
  height?: number | undefined;
  content_type?: string | undefined;
};

/** A picture of a message; a tap shows it large, with the other pictures of the message beside it. */
export function ImagePart({ part, row }: PartProps<Image>) {
  const model = useModel();
  const close = useRef<(() => void) | undefined>(undefined);
  // Whose picture it was may be somebody else by now.
  useEffect(() => () => close.current?.(), []);

  const open = async (opener: HTMLElement) => {
    try {
      const { openLightbox } = await import('./Lightbox');
      const pictures = picturesOf(row.parts);
      close.current = openLightbox(model, pictures, Math.max(0, pictures.indexOf(part)), () => {
        close.current = undefined;
        if (opener.isConnected) opener.focus({ preventScroll: true });
        else model.panel.focusWish.value = { to: 'composer' };
      });
    } catch {
      // Its download didn't come. A tab can show the picture too.
      window.open(part.url, '_blank', 'noopener,noreferrer');
    }
  };
  return (
    <div class="picture" style={boxOf(part)}>
      <Picture
        url={part.url}
        alt={part.alt_text}
        contentType={part.content_type}
        onOpen={(opener) => void open(opener)}
      />
    </div>
  );
}

/** All pictures of a message, from top to bottom. */
export function picturesOf(parts: readonly ShownPart[]): Image[] {
  return parts.flatMap((part): Image[] => {
    if ('collection' in part) return picturesOf(part.collection.sub_parts);
    return 'image' in part ? [part.image] : [];
  });
}
