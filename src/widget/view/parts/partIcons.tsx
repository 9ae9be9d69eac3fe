/** Icons that only parts need; the same family as in `../icons`, which is in the first download. */
const paths = {
  book: 'M12 6.500C10.500 5 8 4.500 4 4.500v13.500c4 0 6.500.500 8 2 1.500-1.500 4-2 8-2V4.500c-4 0-6.500.500-8 2ZM12 6.500V20',
  letter: 'M5 5.500h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2ZM3.500 7.500 12 13.500l8.500-6',
} as const;

export const PartIcon = ({ name }: { name: keyof typeof paths }) => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);
