import { type KindName, kindOf } from './kinds';

/** Graphemes, and UTF-16 units, of a name without its extension. */
const longest = { graphemes: 100, units: 180 };
/** Names that Windows keeps for devices, whatever follows the dot. */
const devices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;
/** What turns the direction of text or hides in it. Joiners stay: emoji and some scripts need them. */
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc]/gu;

/**
 * A name as it may be shown, and kept by any system: no folder, nothing that is invisible or turns the text, not too long, and
 * with an ending that fits what the file is. `cat.exe` that holds a picture is called `cat.exe.png`.
 */
export function cleanName(given: string, kind: KindName): string {
  const { extensions, family } = kindOf(kind);
  const name = Buffer.from(given.slice(0, 5_000))
    .toString('utf8') // Half a surrogate pair becomes a replacement character.
    .normalize('NFC')
    .replace(invisible, '')
    .replace(/^.*[/\\]/s, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\s+/gu, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  const dot = name.lastIndexOf('.');
  const ending = dot >= 0 ? name.slice(dot + 1).toLowerCase() : '';
  const fits = (extensions as readonly string[]).includes(ending);
  const base = clip(fits ? name.slice(0, dot) : name).replace(/[. ]+$/, '') || (family === 'file' ? 'file' : family);
  const extension = fits ? name.slice(dot + 1) : extensions[0];
  return `${devices.test(base) ? '_' : ''}${base}.${extension}`;
}

/** Never within what is seen as one character. */
function clip(text: string): string {
  let kept = '';
  let count = 0;
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, longest.units * 2))) {
    if (count === longest.graphemes || kept.length + segment.length > longest.units) break;
    kept += segment;
    count += 1;
  }
  return kept;
}

export const extensionOf = (name: string) => name.slice(name.lastIndexOf('.') + 1).toLowerCase();
