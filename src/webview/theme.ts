import type { ViewContext } from '../protocol/webview';

/**
 * Gives the page the chat's look to use: `--guichet-*` (colours, font, radius, safe area) and `color-scheme` on the root, and `data-guichet-scheme` for
 * selectors.
 */
export function showContext({ theme, color_scheme, safe_area }: ViewContext): void {
  const { style, dataset } = document.documentElement;
  const set = (name: string, value: string) => /^--guichet-/.test(name) && style.setProperty(name, value);
  for (const [name, value] of Object.entries(theme)) set(name, value);
  // A chat that is older than this file doesn't tell.
  for (const [side, pixels] of Object.entries(safe_area ?? {})) set(`--guichet-safe-${side}`, `${pixels}px`);
  style.colorScheme = dataset.guichetScheme = color_scheme;
}
