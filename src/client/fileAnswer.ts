import type { FileAnswer } from '../protocol/live';
import { count, maybe, object, type Shape, text } from './shape';

/** What the server says of an uploaded file. */
export const readFileAnswer: Shape<FileAnswer> = object<FileAnswer>({
  id: text,
  url: text,
  name: text,
  content_type: text,
  size: count,
  width: maybe(count),
  height: maybe(count),
});
