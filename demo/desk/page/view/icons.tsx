/** One family: 24 units, 1.75 px strokes, round caps. */
const paths = {
  back: 'm15 18-6-6 6-6',
  x: 'M18 6 6 18M6 6l12 12',
  up: 'M12 19V5M6 11l6-6 6 6',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  checks: 'm2 13 4 4 8.500-9M10.500 15.500 12 17l8.500-9',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.500V12l3 2',
  alert: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 8v4.500M12 16h.01',
  note: 'M6 4h12a2 2 0 0 1 2 2v8l-6 6H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM14 20v-4a2 2 0 0 1 2-2h4M8 9h8M8 13h3',
  chips:
    'M7 5h10a3.500 3.500 0 0 1 0 7H7a3.500 3.500 0 0 1 0-7ZM6.500 15h6a2.500 2.500 0 0 1 0 5h-6a2.500 2.500 0 0 1 0-5Z',
  clip: 'm20 11.500-8.200 8.200a5 5 0 0 1-7.100-7.100l8.500-8.500a3.300 3.300 0 0 1 4.700 4.700l-8.500 8.500a1.700 1.700 0 0 1-2.400-2.400l7.800-7.800',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20a7.500 7.500 0 0 1 15 0',
  shield: 'M12 3 5 6v5c0 4.500 3 8 7 10 4-2 7-5.500 7-10V6ZM9.500 12l2 2 3.500-4',
  document: 'M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8Zm0 0v5h5M9 13h6M9 17h4',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  offline: 'M3 3l18 18M8.500 15.500a5 5 0 0 1 6-.8M5 12a10 10 0 0 1 4-2.400M12 19h.01M19 12a10 10 0 0 0-6-2.900',
  out: 'M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4',
  keys: 'M4 7h16a1.500 1.500 0 0 1 1.500 1.500v7A1.500 1.500 0 0 1 20 17H4a1.500 1.500 0 0 1-1.500-1.500v-7A1.500 1.500 0 0 1 4 7ZM6.500 10.500h.01M10 10.500h.01M13.500 10.500h.01M17 10.500h.01M8.500 13.800h7',
  inbox:
    'M4 13.500 6.500 6A2 2 0 0 1 8.400 4.500h7.200A2 2 0 0 1 17.500 6l2.500 7.500V18a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 4 18ZM4 13.500h4.500l1.500 2.500h4l1.500-2.500H20',
  plus: 'M12 5v14M5 12h14',
  reply: 'M9 14 4.500 9.500 9 5M4.500 9.500H14a5.500 5.500 0 0 1 5.500 5.500v3',
} as const;
export type IconName = keyof typeof paths;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);

/** Who it is, at a glance: initials on one of a few calm colours, the same for the same name. */
export function Face({ name, kind }: { name: string; kind: 'customer' | 'agent' | 'bot' }) {
  const letters = name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  const shade = [...name].reduce((sum, letter) => (sum + (letter.codePointAt(0) ?? 0)) % 5, 0);
  return (
    <span class="face" data-kind={kind} data-shade={shade} aria-hidden="true">
      {kind === 'customer' && name.startsWith('Guest ') ? (
        <Icon name="person" />
      ) : (
        [letters[0], letters.length > 1 ? letters.at(-1) : ''].join('').toUpperCase() || '?'
      )}
    </span>
  );
}
