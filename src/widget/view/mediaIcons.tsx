/** Icons that come with pictures and files; the same family as in `./icons`, which is in the first download. */
const paths = {
  play: 'M8 5.500v13l10.500-6.500Z',
  pause: 'M9 6v12M15 6v12',
  left: 'm15 6-6 6 6 6',
  right: 'm9 6 6 6-6 6',
  closer: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4M11 8v6M8 11h6',
  further: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4M8 11h6',
  film: 'M6 5h12a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM10 9v6l5-3Z',
  sound:
    'M9 18V6l10-2v12M9 18a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0ZM19 16a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0Z',
  clip: 'm20 11.500-8.300 8.200a5.200 5.200 0 0 1-7.400-7.300l8.600-8.500a3.500 3.500 0 0 1 4.900 4.900l-8.500 8.500a1.700 1.700 0 0 1-2.500-2.400l7.700-7.700',
  again: 'M19.500 12a7.500 7.500 0 1 1-2.200-5.300L20 9.400M20 4.500v4.900h-4.900',
} as const;

export type MediaIconName = keyof typeof paths;

export const MediaIcon = ({ name, class: className }: { name: MediaIconName; class?: string }) => (
  <svg viewBox="0 0 24 24" aria-hidden="true" class={className}>
    <path d={paths[name]} />
  </svg>
);
