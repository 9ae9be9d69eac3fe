import { watchBackButton } from './frames/backButton';
import { type HostPage, hostFrame } from './frames/hostFrame';
import { nestedFrame, type OpenPageFrame } from './frames/pageFrame';
import { attachPage } from './frames/toWebView';
import type { Model } from './model/model';
import { contextsOf } from './model/viewContext';
import { createWebViews, type View, type WebViews, type WebViewsOptions } from './model/webViews';
import { locale } from './text/locale';
import { s } from './text/parts/sheet';
import type { Theme } from './theme/theme';
import type { Sheets } from './view/App';
import { Sheet } from './view/Sheet';
import type { PageFrames } from './view/WebViewPage';

/** Wires what shows and runs web views together: a download of its own, for conversations that offer one. */
export function openWebViews(
  window: Window,
  model: Model,
  theme: Theme,
  options: WebViewsOptions,
  hostPage: () => HostPage | undefined,
): { webViews: WebViews; Sheets: Sheets } {
  const webViews = createWebViews(
    options,
    watchBackButton(window, () => webViews.wentBack()),
    (view) => model.panel.announce(s('back', { title: view.title.peek() })),
  );
  const contextOf = contextsOf(window, theme, locale);
  const attach = (frame: OpenPageFrame, view: View) =>
    attachPage(frame, view, webViews, contextOf(view), {
      onEscape: () => webViews.escape(view),
      announce: model.panel.announce,
    });
  const frames: PageFrames = {
    nest: (iframe, view, { strict, origin }) => attach(nestedFrame(window, iframe, strict ? 'null' : origin), view),
    mayStandInHost: ({ host_mount_on }) => host_mount_on.includes(hostPage()?.origin ?? ''),
    standInHost(hole, view, answer, { onFail, onShown }) {
      const host = hostPage();
      if (!host) return () => {};
      const fail = () => {
        console.warn(
          `guichet: web view ${answer.origin}: ${host.origin} doesn't show it in its own page, so it opens in the chat, without its SameSite cookies. Does its Content-Security-Policy name ${options.ownOrigin} in script-src and ${answer.origin} in frame-src?`,
        );
        onFail();
      };
      const blocked = () => webViews.blocked(view);
      return attach(hostFrame(host, hole, answer, view, { fail, blocked, shown: onShown }), view);
    },
  };
  const Sheets = () =>
    options.shown.all.value.map((view) => <Sheet key={view.n} view={view} webViews={webViews} frames={frames} />);
  return { webViews, Sheets };
}
