import { m } from '../../../text/media/media';
import { plainName } from '../file/name';
import { Player } from '../media/Player';
import type { PartProps } from '../table';

export type Audio = { url: string; name?: string | undefined };

/** Sound, under its name if it has one. */
export function AudioPart({ part }: PartProps<Audio>) {
  const name = part.name && plainName(part.name);
  return (
    <div class="audio">
      {name && (
        <p class="title">
          <bdi>{name}</bdi>
        </p>
      )}
      <Player kind="audio" url={part.url} label={name || m('audio')} icon="sound" />
    </div>
  );
}
