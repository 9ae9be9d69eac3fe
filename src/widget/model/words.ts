import type { ShownMessage, ShownPart } from '../../client/events';
import { plainText } from '../../protocol/markup';
import { place } from './placed';

const most = 140;

/** A message in one line of plain text, as the peek beside the launcher shows it; nothing where it has no words. */
export function wordsOf({ message_parts, reply_parts }: Pick<ShownMessage, 'message_parts' | 'reply_parts'>): string {
  for (const item of place(message_parts, reply_parts, true)) {
    const words = clip(
      item.kind === 'said'
        ? wordsIn(item.part)
        : item.kind === 'action'
          ? item.url_button.label
          : item.kind === 'carousel'
            ? plainText(item.cards[0]?.title ?? '')
            : '',
    );
    if (words) return words;
  }
  return '';
}

function wordsIn(part: ShownPart): string {
  if ('text' in part) return plainText(part.text.content);
  if ('file' in part) return part.file.name;
  if ('image' in part) return part.image.alt_text ?? '';
  if ('reference' in part) return part.reference.label;
  if ('email' in part) return part.email.subject?.trim() || plainText(part.email.content);
  if ('audio' in part) return part.audio.name ?? '';
  return 'unknown' in part ? (part.unknown.text ?? '') : '';
}

const clip = (text: string) => {
  const letters = [...text.replace(/\s+/g, ' ').trim()];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : letters.join('');
};
