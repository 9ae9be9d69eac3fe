import type { Plural } from '../en';

/** Texts of what customers send: choosing, uploading, refusing. */
export const en = {
  attach: 'Attach files',
  list: 'Files to send',
  dropHere: 'Drop files here',
  dropHint: 'They go out when you send.',
  queued: 'Preparing…',
  uploading: 'Uploading… {part}',
  waiting: 'Waiting for a connection',
  done: 'Ready to send',
  failed: 'The upload failed.',
  tryAgain: 'Try again',
  remove: 'Remove {name}',
  empty: 'This file is empty.',
  tooLarge: 'Too large: {size} at most.',
  kind: 'This kind of file can’t be sent.',
  unreadable: 'This picture can’t be read.',
  pixels: 'This picture has too many pixels.',
  off: 'Files can’t be sent here.',
  keptHere: 'These files are only kept while this page stays open.',
  added: { one: '{count} file added', other: '{count} files added' },
  allDone: 'Everything is uploaded',
  twice: 'Already added.',
  tooMany: { one: 'At most {count} file at a time.', other: 'At most {count} files at a time.' },
  folder: 'Folders can’t be sent.',
} satisfies Record<string, string | Plural>;
