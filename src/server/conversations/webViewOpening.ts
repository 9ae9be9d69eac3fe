import { GuichetError } from '../../protocol/errors';
import type { Actor } from '../../protocol/event';
import { limits } from '../../protocol/limits';
import type { WebViewOpenAnswer } from '../../protocol/live';
import { urlButtonsOf } from '../../protocol/options';
import { getSite, type SiteSettings } from '../access/sites';
import { modesOf } from '../access/webViewModes';
import { checkWebViewUrl } from '../access/webViewUrls';
import { isoTime, type World } from '../world';
import { append } from './append';
import { readMessage } from './log';
import type { ConversationRow } from './messages';
import { closeViewsOf, takeStep } from './webViewLife';
import { takeOverState } from './webViewStates';
import { change, keptOptions, lastViewOf, optionsOf, refOf, type WebViewRow } from './webViews';

/**
 * Opens a button's web view, or goes on with the one that runs: then the caller becomes its owner and who had it is told.
 *
 * @param wanted.owner the tab's id of itself
 * @throws GuichetError WEB_VIEW_CLOSED, MESSAGE_NOT_FOUND, NOT_OFFERED, WEB_VIEW_URL_REFUSED
 */
export async function openWebView(
  world: World,
  conversation: ConversationRow,
  wanted: { message_id: string; button: number; owner: string },
): Promise<WebViewOpenAnswer> {
  const message = await readMessage(world, conversation.id, wanted.message_id);
  const button = urlButtonsOf(message)[wanted.button];
  if (button?.target !== '_self' || message.message_type === 'private' || message.actor_type === 'user') {
    throw new GuichetError('NOT_OFFERED', `Button ${wanted.button} of message ${wanted.message_id} opens no web view.`);
  }
  const { settings } = await getSite(world, conversation.site_id);
  const url = checkWebViewUrl(button.url, settings, world.origin);
  return world.store.transaction(async () => {
    const { status } = await world.store.db
      .selectFrom('conversations')
      .select('status')
      .where('id', '=', conversation.id)
      .executeTakeFirstOrThrow();
    if (status === 'resolved')
      throw new GuichetError('WEB_VIEW_CLOSED', 'The conversation is resolved: its web views are closed.');
    const actor: Actor = { actor_type: 'user', actor_id: conversation.user_id };
    const last = await lastViewOf(world, wanted.message_id, wanted.button);
    if (last?.state === 'closed' && last.submitted && last.once) {
      throw new GuichetError('WEB_VIEW_CLOSED', 'This web view was submitted and may be opened only once.');
    }
    if (last && last.state !== 'closed' && last.expires > world.now()) {
      const running = await goOn(world, conversation, last, wanted.owner, actor);
      return answerOf(world, running, conversation.site_id, settings);
    }
    await closeViewsOf(world, conversation.id, last && last.state !== 'closed' ? 'expired' : 'replaced', actor);
    const options = button.web_view;
    const now = world.now();
    const view: WebViewRow = {
      id: world.newId(),
      conversation_id: conversation.id,
      message_id: wanted.message_id,
      button: wanted.button,
      url: url.href,
      origin: url.origin,
      title: options?.title ?? null,
      size: options?.size ?? 'tall',
      data_json: options?.data ? JSON.stringify(options.data) : null,
      once: options?.once === false ? 0 : 1,
      options_json: JSON.stringify(keptOptions(options)),
      state: 'open',
      owner: wanted.owner,
      seen: now,
      opened: now,
      expires: now + (options?.expires_in ?? limits.webViewExpires) * 1_000,
      closed: null,
      reason: null,
      saved_json: await takeOverState(world, last),
      saved: null,
      submitted: 0,
      submit_key: null,
      summary: null,
      source: null,
      result_json: null,
    };
    await world.store.db.insertInto('web_views').values(view).execute();
    await append(world, conversation.id, [
      { type: 'web_view_open', actor, data: { web_view: refOf(view), resumed: false } },
    ]);
    return answerOf(world, view, conversation.site_id, settings);
  });
}

async function goOn(
  world: World,
  conversation: ConversationRow,
  view: WebViewRow,
  owner: string,
  actor: Actor,
): Promise<WebViewRow> {
  const mine = { owner, seen: world.now() };
  if (view.state === 'open' && view.owner !== owner) {
    world.store.afterCommit(() =>
      world.hub.publish({ type: 'web_view_taken', userId: conversation.user_id, webViewId: view.id, owner }),
    );
  }
  const resumed = await takeStep(world, view, { type: 'web_view_open', actor, data: { resumed: true }, ...mine });
  if (resumed) return resumed;
  await change(world, view.id, mine);
  return { ...view, ...mine };
}

function answerOf(world: World, view: WebViewRow, siteId: string, site: SiteSettings): WebViewOpenAnswer {
  const { confirm_close_when_dirty = true, fallback_url, ...modes } = optionsOf(view);
  return {
    web_view_id: view.id,
    url: view.url,
    origin: view.origin,
    size: view.size,
    ...(view.title ? { title: view.title } : {}),
    ...(view.data_json ? { data: JSON.parse(view.data_json) } : {}),
    ...(view.saved_json ? { state: JSON.parse(view.saved_json) } : {}),
    ...modesOf(site, view.origin, modes),
    ...(world.framing.isRefused(siteId, view.url) ? { framing: 'refused' as const } : {}),
    confirm_close_when_dirty,
    ...(fallback_url ? { fallback_url } : {}),
    expires_time: isoTime(view.expires),
  };
}
