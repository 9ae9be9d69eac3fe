import type { ComponentChild } from 'preact';
import type { ShownPart, UnknownPart } from '../../../client/events';
import type { MessageRow } from '../../model/rows';
import { FilePart } from './file/FilePart';
import { ImagePart } from './image/ImagePart';
import { TextPart } from './text/TextPart';
import { UnknownPart as Unknown } from './unknown/UnknownPart';
import { UrlButtonPart } from './url_button/UrlButtonPart';

/** A part in its place: `isAction` stands under what is said, `button` is its index among the message's URL buttons. */
export type Placed = { part: ShownPart; isAction: boolean; button: number };
export type PartProps<P> = { part: P; row: MessageRow; button: number };

type Inner<K extends string> = Extract<ShownPart, Record<K, unknown>>[K & keyof Extract<ShownPart, Record<K, unknown>>];
type Table = {
  [K in 'text' | 'image' | 'file' | 'url_button' | 'unknown']: (props: PartProps<Inner<K>>) => ComponentChild;
};

/** Which component shows which part. A new kind is a folder beside these and a line here. */
const table: Table = {
  text: TextPart,
  image: ImagePart,
  file: FilePart,
  url_button: UrlButtonPart,
  unknown: Unknown,
};

export function showPart({ part, button }: Placed, row: MessageRow): ComponentChild {
  const kind = Object.keys(part)[0] ?? '';
  const Part = Object.hasOwn(table, kind) ? table[kind as keyof Table] : undefined;
  if (!Part) return <Unknown part={{ kind }} row={row} button={0} />;
  return (
    <Part
      part={(part as unknown as Record<string, UnknownPart['unknown'] & never>)[kind] as never}
      row={row}
      button={button}
    />
  );
}
