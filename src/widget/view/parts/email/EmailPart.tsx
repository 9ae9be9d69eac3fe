import { PartIcon } from '../partIcons';
import type { PartProps } from '../table';
import { Words } from '../text/Words';
import './email.css';

/** A letter: its subject, and what it says. */
export const EmailPart = ({
  part: { subject, content },
}: PartProps<{ subject?: string | undefined; content: string }>) => (
  <div class="letter">
    {subject?.trim() && (
      <p class="subject">
        <PartIcon name="letter" />
        <span dir="auto">{subject}</span>
      </p>
    )}
    <div class="words" dir="auto">
      <Words text={content} />
    </div>
  </div>
);
