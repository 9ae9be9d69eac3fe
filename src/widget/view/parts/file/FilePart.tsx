import { sizeOf, t } from '../../../text/locale';
import { Icon } from '../../icons';
import type { PartProps } from '../table';
import { plainName, shortName } from './name';
import './file.css';

type File = { name: string; url: string; file_size_in_bytes?: number | undefined; content_type?: string | undefined };

/** A row that downloads: name, kind, size. */
export function FilePart({ part }: PartProps<File>) {
  const name = plainName(part.name);
  const facts = [kindOf(part), part.file_size_in_bytes === undefined ? '' : sizeOf(part.file_size_in_bytes)];
  const content = (
    <>
      <span class="sheet-icon">
        <Icon name="document" />
      </span>
      <span class="what">
        <bdi class="name">{shortName(part.name)}</bdi>
        <span class="facts">{facts.filter(Boolean).join(' · ')}</span>
      </span>
    </>
  );
  // One that isn't uploaded yet is nowhere to be had.
  if (!part.url) return <div class="file">{content}</div>;
  return (
    <a
      class="file"
      href={part.url}
      target="_blank"
      rel="noopener noreferrer"
      download={name}
      aria-label={t('download', { name })}
    >
      {content}
      <Icon name="download" class="get" />
    </a>
  );
}

/** `PDF`: by the name's ending, else by the type. */
export function kindOf({ name, content_type: type }: Pick<File, 'name' | 'content_type'>): string {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(plainName(name))?.[1];
  const subtype = type?.split(';')[0]?.split('/')[1]?.split(/[+.]/).at(-1);
  return (ending ?? (subtype && subtype.length <= 5 ? subtype : '')).toUpperCase();
}
