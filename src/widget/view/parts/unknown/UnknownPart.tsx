import type { UnknownPart as Part } from '../../../../client/events';
import { t } from '../../../text/locale';
import type { PartProps } from '../table';

/** A kind of part that came after this widget: what can be read of it, and the way to it. Never a blank. */
export const UnknownPart = ({ part }: PartProps<Part['unknown']>) => (
  <div class="bubble" dir="auto">
    {part.text ?? (part.url ? '' : t('unsupported'))}
    {part.url && (
      <>
        {part.text && '\n'}
        <a href={part.url} target="_blank" rel="noopener noreferrer">
          {part.url}
        </a>
      </>
    )}
  </div>
);
