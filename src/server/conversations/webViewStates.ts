import { GuichetError } from '../../protocol/errors';
import type { World } from '../world';
import { refuseCardNumbers } from './cardNumbers';
import { change, getOwnWebView, lastViewOf, refuseStrict, requireOwner, type WebViewRow } from './webViews';

/**
 * What a page has saved of itself. It comes back when its view goes on, and when its button is opened anew after any close but a
 * submit; a submit and the conversation's resolution end it.
 */

/** For so long after the close the page's last words are taken, in milliseconds: it has 1.5 s to find them. */
const lastWords = 5_000;

/** Nothing of it will be wanted again. */
export const isOver = ({ submitted, reason }: Pick<WebViewRow, 'submitted' | 'reason'>) =>
  submitted === 1 || reason === 'resolved';

/** @throws GuichetError WEB_VIEW_NOT_FOUND, WEB_VIEW_CLOSED, WEB_VIEW_TAKEN, WEB_VIEW_STRICT, INVALID_VALUE */
export async function saveState(
  world: World,
  userId: string,
  { web_view_id: id, owner, state }: { web_view_id: string; owner: string; state?: unknown },
): Promise<void> {
  refuseCardNumbers(state, 'state');
  // In one with what is looked at: a submit in between would leave behind what nobody may have any more.
  await world.store.transaction(async () => {
    const view = await getOwnWebView(world, userId, id);
    const isClosing = view.closed !== null && world.now() < view.closed + lastWords && !isOver(view);
    if (!isClosing && view.state === 'closed')
      throw new GuichetError('WEB_VIEW_CLOSED', `The web view is closed: ${view.reason}.`);
    requireOwner(view, owner);
    refuseStrict(view, 'save state');
    const saved_json = JSON.stringify(state ?? null);
    const now = world.now();
    if (view.state === 'closed') await keepLastWords(world, view, { saved_json, saved: now });
    else await change(world, id, { saved_json, saved: now, seen: now });
  });
}

/** Where its button has been opened anew meanwhile, they are that view's, as what had been saved before is; unless its page has saved since. */
async function keepLastWords(
  world: World,
  view: WebViewRow,
  words: Pick<WebViewRow, 'saved_json' | 'saved'>,
): Promise<void> {
  const last = await lastViewOf(world, view.message_id, view.button);
  if (!last || last.id === view.id) return change(world, view.id, words);
  if (isOver(last) || last.saved !== null)
    throw new GuichetError(
      'WEB_VIEW_CLOSED',
      'The web view was opened anew, and its page has saved or submitted since.',
    );
  await change(world, last.id, { saved_json: words.saved_json });
}

/** The state of a button's last view, if that is closed and left one, goes over to the next. */
export async function takeOverState(world: World, last: WebViewRow | undefined): Promise<string | null> {
  if (!last?.saved_json || isOver(last)) return null;
  await change(world, last.id, { saved_json: null });
  return last.saved_json;
}

/** Of all closed views of a conversation. */
export async function forgetStates(world: World, conversationId: string): Promise<void> {
  await world.store.db
    .updateTable('web_views')
    .set({ saved_json: null })
    .where('conversation_id', '=', conversationId)
    .where('saved_json', 'is not', null)
    .execute();
}
