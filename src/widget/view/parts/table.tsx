import type { ComponentChild } from 'preact';
import type { ShownPart } from '../../../client/events';
import type { Item } from '../../model/placed';
import type { MessageRow } from '../../model/rows';
import { AudioMeanwhile } from './audio/AudioMeanwhile';
import { PlainCarousel } from './carousel/PlainCarousel';
import { PlainDropdown } from './dropdown/PlainDropdown';
import { EmailPart } from './email/EmailPart';
import { FilePart } from './file/FilePart';
import { ImagePart } from './image/ImagePart';
import { lazyPart } from './lazyPart';
import { Chips } from './quick_reply_button/Chips';
import { ReferencePart } from './reference/ReferencePart';
import { TextPart } from './text/TextPart';
import { UnknownPart } from './unknown/UnknownPart';
import { UrlButtonPart } from './url_button/UrlButtonPart';
import { VideoMeanwhile } from './video/VideoMeanwhile';

export type PartProps<P> = { part: P; row: MessageRow };
export type ItemProps<K extends Item['kind']> = { item: Extract<Item, { kind: K }>; row: MessageRow };

type Inner<K extends string> = Extract<ShownPart, Record<K, unknown>>[K & keyof Extract<ShownPart, Record<K, unknown>>];
type Table = {
  [K in 'text' | 'image' | 'video' | 'audio' | 'file' | 'reference' | 'email' | 'unknown']: (
    props: PartProps<Inner<K>>,
  ) => ComponentChild;
};

/** Which component shows which part of what is said. A new kind is a folder beside these and a line here. */
const table: Table = {
  text: TextPart,
  image: ImagePart,
  video: lazyPart(() => import('./video/VideoPart').then(({ VideoPart }) => VideoPart), VideoMeanwhile),
  audio: lazyPart(() => import('./audio/AudioPart').then(({ AudioPart }) => AudioPart), AudioMeanwhile),
  file: FilePart,
  reference: ReferencePart,
  email: EmailPart,
  unknown: UnknownPart,
};
const Dropdown = lazyPart(
  () => import('./dropdown/DropdownPart').then(({ DropdownPart }) => DropdownPart),
  PlainDropdown,
);
const Carousel = lazyPart(
  () => import('./carousel/CarouselPart').then(({ CarouselPart }) => CarouselPart),
  PlainCarousel,
);

export const kindOf = (part: ShownPart): string => Object.keys(part)[0] ?? '';

export function showItem(item: Item, row: MessageRow): ComponentChild {
  switch (item.kind) {
    case 'said':
      return showPart(item.part, row);
    case 'action':
      return <UrlButtonPart part={item.url_button} button={item.button} row={row} />;
    case 'chips':
      return <Chips buttons={item.buttons} row={row} />;
    case 'dropdown':
      return <Dropdown item={item} row={row} />;
    case 'carousel':
      return <Carousel item={item} row={row} />;
  }
}

function showPart(part: ShownPart, row: MessageRow): ComponentChild {
  const kind = kindOf(part);
  const Part = Object.hasOwn(table, kind) ? table[kind as keyof Table] : undefined;
  if (!Part) return <UnknownPart part={{ kind }} row={row} />;
  return <Part part={(part as unknown as Record<string, never>)[kind] as never} row={row} />;
}
