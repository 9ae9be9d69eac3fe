import { watchBackButton } from './frames/backButton';
import { nestedFrame } from './frames/pageFrame';
import { attachPage } from './frames/toWebView';
import type { Model } from './model/model';
import { contextOf } from './model/viewContext';
import { createWebViews, type WebViews, type WebViewsOptions } from './model/webViews';
import { locale } from './text/locale';
import type { Theme } from './theme/theme';
import type { Sheets } from './view/App';
import { Sheet, type SheetProps } from './view/Sheet';

/** Wires what shows and runs web views together: a download of its own, for conversations that offer one. */
export function openWebViews(
  window: Window,
  model: Model,
  theme: Theme,
  options: WebViewsOptions,
): { webViews: WebViews; Sheets: Sheets } {
  const webViews = createWebViews(
    options,
    watchBackButton(window, () => webViews.wentBack()),
  );
  const context = contextOf(window, model, theme, locale);
  const attach: SheetProps['attach'] = (iframe, view, origin) =>
    attachPage(nestedFrame(window, iframe, origin), view, webViews, context, {
      onEscape: () => webViews.escape(view),
      announce: model.panel.announce,
    });
  const Sheets = () =>
    options.shown.all.value.map((view) => <Sheet key={view.n} view={view} webViews={webViews} attach={attach} />);
  return { webViews, Sheets };
}
