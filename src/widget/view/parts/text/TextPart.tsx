import { linkify } from '../../../text/linkify';
import type { PartProps } from '../table';
import './text.css';

/** Text as it was written; bare links become links, nothing else becomes anything. */
export const TextPart = ({ part }: PartProps<{ content: string }>) => (
  <div class="bubble" dir="auto">
    {linkify(part.content).map(({ text, href }, at) =>
      href ? (
        <a key={at} href={href} target="_blank" rel="noopener noreferrer">
          {text}
        </a>
      ) : (
        text
      ),
    )}
  </div>
);
