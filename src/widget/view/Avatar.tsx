import './avatar.css';

/** Decoration: whoever it stands for is named beside it. */
export const Avatar = ({ name, size }: { name: string; size?: 'small' | 'large' }) => (
  <span class={`avatar ${size ?? ''}`} aria-hidden="true">
    {initialsOf(name)}
  </span>
);

/** Two letters at most: an abbreviation that the name begins with (AG Bank → AG), else its first and last word's first letters. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s\-_.]+/u)
    .filter(Boolean);
  const first = words[0] ?? '';
  if (/^\p{Lu}{2,3}$/u.test(first)) return first;
  const letters = words.length > 1 ? [first, words.at(-1) ?? ''] : [first];
  return letters
    .map((word) => [...word][0] ?? '')
    .join('')
    .toLocaleUpperCase();
}
