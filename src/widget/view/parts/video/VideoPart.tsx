import { m } from '../../../text/media/media';
import { boxOf, filmShape } from '../image/box';
import { Player } from '../media/Player';
import type { PartProps } from '../table';

export type Video = { url: string; width?: number | undefined; height?: number | undefined };

/** A film in a box that has its size before anything of it is there. */
export function VideoPart({ part }: PartProps<Video>) {
  return (
    <div class="video" style={boxOf(part, filmShape)}>
      <Player kind="video" url={part.url} label={m('video')} icon="film" />
    </div>
  );
}
