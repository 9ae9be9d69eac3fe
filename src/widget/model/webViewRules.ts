const grantable = new Set([
  'allow-scripts',
  'allow-forms',
  'allow-same-origin',
  'allow-popups',
  'allow-popups-to-escape-sandbox',
  'allow-storage-access-by-user-activation',
]);

/** What the server grants, without what is never granted (top navigation, modals, downloads, pointer lock). */
export const cleanSandbox = (tokens: string) =>
  tokens
    .toLowerCase()
    .split(/\s+/)
    .filter((token) => grantable.has(token))
    .join(' ');

/** Heights of a view's page in CSS pixels. */
export const leastHeight = 120;
export function clampHeight(wanted: number, most: number): number {
  if (!Number.isFinite(wanted)) return leastHeight;
  return Math.round(Math.min(Math.max(wanted, leastHeight), Math.max(most, leastHeight)));
}
