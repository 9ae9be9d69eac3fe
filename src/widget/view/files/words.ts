import type { Attachment } from '../../model/attachments';
import { mostBytes } from '../../model/fileRules';
import { textsApart } from '../../text/apart';
import { ar } from '../../text/files/ar';
import { de } from '../../text/files/de';
import { en } from '../../text/files/en';
import { locale, sizeOf } from '../../text/locale';
import { plainName } from '../parts/file/name';

export const f = textsApart({ en, de, ar });

/** How it stands with a file, in words. */
export function stateOf({ state, name }: Attachment): string {
  switch (state.at) {
    case 'uploading':
      return f('uploading', { part: new Intl.NumberFormat(locale.value.tag, { style: 'percent' }).format(state.part) });
    case 'refused':
      return f(state.reason, {
        size: sizeOf(mostBytes(/\.(png|jpe?g|gif|webp|avif)$/i.test(name) ? 'image/png' : '')),
      });
    default:
      return f(state.at);
  }
}

export const announceFailed = (attachment: Attachment) => `${plainName(attachment.name)}: ${stateOf(attachment)}`;
