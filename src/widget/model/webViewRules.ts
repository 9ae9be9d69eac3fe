/**
 * Why this URL must not be framed; undefined when it may. The server has checked it already and the document's
 * `frame-src` checks it again: this holds when either of them is wrong.
 */
export function whyRefused(text: string, origins: readonly string[], ownOrigin: string): string | undefined {
  if (!URL.canParse(text)) return 'it is no absolute URL';
  const url = new URL(text);
  if (url.username || url.password) return 'it has user-info';
  const isLocal = url.hostname === 'localhost' || url.hostname.endsWith('.localhost');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) return 'it has to be https';
  // On the chat's own origin a page could reach into the chat, sandbox or not.
  if (url.origin === ownOrigin) return "it is on the chat's own origin";
  if (!origins.includes(url.origin)) return `the origin ${url.origin} is not one of the site's`;
  return undefined;
}

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
