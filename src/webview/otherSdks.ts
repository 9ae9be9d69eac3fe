import { failure } from './failure';
import type { View } from './view';

/**
 * Pages that were written for the web views of others close themselves by these names: `MessengerExtensions.requestCloseBrowser(success, error)` and
 * `WebviewSdk.close(success, error)`, and set themselves up in `extAsyncInit()` and `webviewSdkInit(sdk)`. Callbacks may be left out. `success` is called once the
 * chat has been told, `error` with an Error (`MessengerExtensions`: its code and its message) where there is no chat to tell.
 */
type Callback = ((...args: unknown[]) => void) | null | undefined;
type Hooks = { extAsyncInit?: () => void; webviewSdkInit?: (sdk: object) => void };

export function installShims(window: Window, view: Promise<View>): void {
  const told = (act: (view: View) => void, success: Callback, error: (fault: Fault) => void) =>
    void view.then(act).then(() => success?.(), error);
  const byCode = (error: Callback) => (fault: Fault) => error?.(fault.code, fault.message);
  /** Who the customer is doesn't come through the page. Their last callback is the one for errors. */
  const refuse = (...args: unknown[]) =>
    byCode(args.filter((each) => typeof each === 'function').pop() as Callback)(
      failure('unsupported', 'not in this chat; whose page it is tells the exchange of view.code'),
    );

  const sdks = {
    MessengerExtensions: {
      requestCloseBrowser: (success?: Callback, error?: Callback) =>
        told((connected) => connected.close(), success, byCode(error)),
      isInExtension: () => window.parent !== window,
      getSupportedFeatures: (success?: Callback) => success?.({ supported_features: [] }),
      getContext: refuse,
      getUserID: refuse,
      askPermission: refuse,
      beginShareFlow: refuse,
    },
    WebviewSdk: {
      close: (success?: Callback, error?: Callback) =>
        told(
          (connected) => connected.close(),
          success,
          (fault) => error?.(fault),
        ),
      setTitle: (title: string, success?: Callback, error?: Callback) =>
        told(
          (connected) => connected.setTitle(title),
          success,
          (fault) => error?.(fault),
        ),
      hasFeature: (name: string) => name === 'close' || name === 'setTitle',
    },
  };

  // Where one of the others' own runs, it's the right one, unless the page is in our chat.
  const all = window as unknown as Record<string, unknown>;
  for (const [name, sdk] of Object.entries(sdks)) all[name] ??= sdk;
  view.then(
    () => Object.assign(window, sdks),
    () => {},
  );

  const start = () => {
    const { extAsyncInit, webviewSdkInit } = window as Hooks;
    if (all.MessengerExtensions === sdks.MessengerExtensions) extAsyncInit?.();
    if (all.WebviewSdk === sdks.WebviewSdk) webviewSdkInit?.(sdks.WebviewSdk);
  };
  // The page may name them in a script behind this one.
  if (window.document.readyState === 'loading') window.addEventListener('DOMContentLoaded', start, { once: true });
  else setTimeout(start);
}

type Fault = { code: string; message: string };
