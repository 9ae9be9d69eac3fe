/** Icons that come with pictures and files; the same family as in `./icons`, which is in the first download. */
const paths = {
  play: 'M8 5.5v13l10.5-6.5Z',
  pause: 'M9 6v12M15 6v12',
  left: 'm15 6-6 6 6 6',
  right: 'm9 6 6 6-6 6',
  closer: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4M11 8v6M8 11h6',
  further: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4M8 11h6',
  film: 'M6 5h12a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM10 9v6l5-3Z',
  sound: 'M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z',
  clip: 'm20 11.5-8.3 8.2a5.2 5.2 0 0 1-7.4-7.3l8.6-8.5a3.5 3.5 0 0 1 4.9 4.9l-8.5 8.5a1.7 1.7 0 0 1-2.5-2.4l7.7-7.7',
  again: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v4.9h-4.9',
} as const;

export type MediaIconName = keyof typeof paths;

export const MediaIcon = ({ name, class: className }: { name: MediaIconName; class?: string }) => (
  <svg viewBox="0 0 24 24" aria-hidden="true" class={className}>
    <path d={paths[name]} />
  </svg>
);
