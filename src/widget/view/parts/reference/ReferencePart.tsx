import { t } from '../../../text/locale';
import { Icon } from '../../icons';
import { PartIcon } from '../partIcons';
import type { PartProps } from '../table';
import './reference.css';

/** An article that is mentioned; a link where the business says where it is. */
export const ReferencePart = ({ part: { label, url } }: PartProps<{ label: string; url?: string | undefined }>) => {
  const content = (
    <>
      <PartIcon name="book" />
      <span class="label" dir="auto">
        {label}
      </span>
    </>
  );
  if (!url) return <div class="reference">{content}</div>;
  return (
    <a class="reference" href={url} target="_blank" rel="noopener noreferrer">
      {content}
      <span class="hidden-text">({t('opensInTab')})</span>
      <Icon name="out" class="turns" />
    </a>
  );
};
