/** How a part shows it: all but `file` are shown in place, a `file` is only ever downloaded. */
export type Family = 'image' | 'video' | 'audio' | 'file';

type Kind = {
  family: Family;
  /** As it is served. */
  type: string;
  /** What its name may end in; another ending gets the first of these behind it. */
  extensions: readonly [string, ...string[]];
  /** For docs/files.md. */
  means: string;
};

/** Every kind of file that is taken. The bytes decide which one it is. docs/files.md is checked against it. */
export const kinds = {
  png: { family: 'image', type: 'image/png', extensions: ['png', 'apng'], means: 'PNG' },
  jpeg: { family: 'image', type: 'image/jpeg', extensions: ['jpg', 'jpeg', 'jpe', 'jfif'], means: 'JPEG' },
  gif: { family: 'image', type: 'image/gif', extensions: ['gif'], means: 'GIF' },
  webp: { family: 'image', type: 'image/webp', extensions: ['webp'], means: 'WebP' },
  avif: { family: 'image', type: 'image/avif', extensions: ['avif'], means: 'AVIF' },
  mp4: { family: 'video', type: 'video/mp4', extensions: ['mp4', 'm4v'], means: 'MP4 video' },
  mov: { family: 'video', type: 'video/quicktime', extensions: ['mov', 'qt'], means: 'QuickTime video' },
  webm: { family: 'video', type: 'video/webm', extensions: ['webm'], means: 'WebM video' },
  m4a: { family: 'audio', type: 'audio/mp4', extensions: ['m4a', 'mp4'], means: 'MP4 sound' },
  weba: { family: 'audio', type: 'audio/webm', extensions: ['weba', 'webm'], means: 'WebM sound' },
  mp3: { family: 'audio', type: 'audio/mpeg', extensions: ['mp3'], means: 'MP3' },
  ogg: { family: 'audio', type: 'audio/ogg', extensions: ['ogg', 'oga', 'opus'], means: 'Ogg (Vorbis, Opus, FLAC)' },
  wav: { family: 'audio', type: 'audio/wav', extensions: ['wav'], means: 'WAV' },
  heic: {
    family: 'file',
    type: 'image/heic',
    extensions: ['heic', 'heif'],
    means: 'HEIC, which most browsers can’t show',
  },
  pdf: { family: 'file', type: 'application/pdf', extensions: ['pdf'], means: 'PDF' },
  docx: {
    family: 'file',
    type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    extensions: ['docx'],
    means: 'Word',
  },
  xlsx: {
    family: 'file',
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    extensions: ['xlsx'],
    means: 'Excel',
  },
  pptx: {
    family: 'file',
    type: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    extensions: ['pptx'],
    means: 'PowerPoint',
  },
  odt: {
    family: 'file',
    type: 'application/vnd.oasis.opendocument.text',
    extensions: ['odt'],
    means: 'OpenDocument text',
  },
  ods: {
    family: 'file',
    type: 'application/vnd.oasis.opendocument.spreadsheet',
    extensions: ['ods'],
    means: 'OpenDocument table',
  },
  odp: {
    family: 'file',
    type: 'application/vnd.oasis.opendocument.presentation',
    extensions: ['odp'],
    means: 'OpenDocument slides',
  },
  zip: { family: 'file', type: 'application/zip', extensions: ['zip'], means: 'ZIP; what is in it is not looked at' },
  csv: { family: 'file', type: 'text/csv', extensions: ['csv'], means: 'CSV: text whose name ends so' },
  text: { family: 'file', type: 'text/plain', extensions: ['txt', 'log', 'md', 'json'], means: 'plain text' },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
export const kindOf = (name: KindName): Kind => kinds[name];

/** Kinds that browsers show in place; the rest has `Content-Disposition: attachment`. */
export const isShown = (type: string): boolean =>
  Object.values(kinds).some((kind) => kind.family !== 'file' && kind.type === type);

export const familyOf = (type: string): Family =>
  Object.values(kinds).find((kind) => kind.type === type)?.family ?? 'file';
