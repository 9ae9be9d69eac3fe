import { t } from '../../../text/locale';
import { boxOf, filmShape } from '../image/box';
import type { PartProps } from '../table';
import type { Video } from './VideoPart';

/** The room for a film while its player is on the way; without a player, the way to the film itself. */
export const VideoMeanwhile = ({ part, hasFailed }: PartProps<Video> & { hasFailed: boolean }) => (
  <div class="picture" style={boxOf(part, filmShape)}>
    <div class="frame broken">
      {hasFailed && (
        <a href={part.url} target="_blank" rel="noopener noreferrer">
          {t('viewOpenTab')}
        </a>
      )}
    </div>
  </div>
);
