import { connect } from './sdk';
import type { View } from './view';

export { connect };

/** One or several, with spaces between. Null in a module, which imports the ESM file instead. */
const origins = (document.currentScript as HTMLScriptElement | null)?.dataset.chatOrigin;

/**
 * `<script src="CHAT/webview.js" data-chat-origin="https://chat.example"></script>` connects by itself: `await GuichetWebView.view`. It rejects as `connect`
 * does; a page that never looks at it isn't bothered.
 */
export const view: Promise<View> | undefined = origins ? connect({ chatOrigins: origins.split(/\s+/) }) : undefined;

view?.catch(({ code, message }) => {
  if (code !== 'not_framed') console.error(`guichet: ${message}`);
});
