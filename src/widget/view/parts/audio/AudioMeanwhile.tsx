import { t } from '../../../text/locale';
import type { PartProps } from '../table';
import type { Audio } from './AudioPart';

/** The room for sound while its player is on the way; without a player, the way to the sound itself. */
export const AudioMeanwhile = ({ part, hasFailed }: PartProps<Audio> & { hasFailed: boolean }) => (
  <div class="picture" style={{ inlineSize: '280px', blockSize: part.name ? '89px' : '62px' }}>
    <div class="frame broken">
      {hasFailed && (
        <a href={part.url} target="_blank" rel="noopener noreferrer">
          {part.name || t('viewOpenTab')}
        </a>
      )}
    </div>
  </div>
);
