import type { ViewContext } from '../protocol/webview';

/** Gives the page the chat's look to use: `--guichet-*` and `color-scheme` on the root, and `data-guichet-scheme` for selectors. */
export function showContext({ theme, color_scheme }: ViewContext): void {
  const { style, dataset } = document.documentElement;
  for (const [name, value] of Object.entries(theme)) if (/^--guichet-/.test(name)) style.setProperty(name, value);
  style.colorScheme = dataset.guichetScheme = color_scheme;
}
