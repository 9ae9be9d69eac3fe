import type { PartProps } from '../table';
import { Plain, Words } from './Words';
import './text.css';

/** A bubble. What customers write is never markup. */
export const TextPart = ({ part, row }: PartProps<{ content: string }>) => (
  <div class="bubble" dir="auto">
    {row.isOwn ? <Plain text={part.content} /> : <Words text={part.content} />}
  </div>
);
