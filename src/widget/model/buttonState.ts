import type { Conversation, WebViewState } from '../../client/conversation';
import type { UrlButton } from '../../protocol/parts';

/** What a web view's button offers. */
export type ButtonState = 'open' | 'continue' | 'done' | 'gone';

export function buttonState(
  view: WebViewState | undefined,
  button: UrlButton,
  status: Conversation['status'] | undefined,
): ButtonState {
  const once = button.web_view?.once ?? true;
  if (view?.submitted && once) return 'done';
  if (status === 'resolved') return 'gone';
  return view && view.phase !== 'closed' ? 'continue' : 'open';
}
