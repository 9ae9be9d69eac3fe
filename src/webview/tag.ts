import { failure } from './failure';
import { connect } from './sdk';
import type { View } from './view';

/** One or several, with spaces between. Null in a module, which imports the ESM file instead. */
const origins = (document.currentScript as HTMLScriptElement | null)?.dataset.chatOrigin;

/**
 * `<script src="/webview.js" data-chat-origin="https://chat.example"></script>` connects by itself: `await GuichetWebView.view`. It rejects as `connect`
 * does, also where the tag names no chat origin; a page that never looks at it isn't bothered.
 */
export const view: Promise<View> =
  origins === undefined
    ? Promise.reject(
        failure('bad_origin', 'the script tag names no chat: expected data-chat-origin="https://chat.example" on it'),
      )
    : connect({ chatOrigins: origins.split(/\s+/).filter(Boolean) });

view.catch(() => {});
