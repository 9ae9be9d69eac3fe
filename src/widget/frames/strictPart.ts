import type { ViewContext } from '../../protocol/webview';

/** What a strict page, which could be anybody's, is told of its surroundings: how they look and which language they speak. */
export const strictPart = ({ locale, direction, color_scheme, theme }: ViewContext): Partial<ViewContext> => ({
  locale,
  direction,
  color_scheme,
  theme,
});
