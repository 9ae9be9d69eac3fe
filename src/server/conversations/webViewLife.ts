import { GuichetError } from '../../protocol/errors';
import type { Actor, EventData } from '../../protocol/event';
import { stepFrom, stepTo, type ViewStep } from '../../protocol/viewLife';
import type { CloseReason, ViewSize } from '../../protocol/webview';
import type { World } from '../world';
import { append, type EventDraft } from './append';
import { forgetStates, isOver } from './webViewStates';
import { change, getWebView, refOf, type WebViewRow } from './webViews';

/**
 * The steps of a web view's life, as `protocol/viewLife` has them. A button may offer several views in turn (one that was closed
 * without a submit can be opened again: a new view with a new id), but a conversation runs one at a time. Whoever ends
 * one goes through `closeWebView`, so each view that was opened gets exactly one `web_view_close`.
 */

/** Without a heartbeat for this long the tab counts as gone. */
const silence = 60_000;
const system: Actor = { actor_type: 'system', actor_id: 'system' };

/** The row and the log go on together. Where its life has no such step nothing happens, and `undefined` comes back. */
export async function takeStep<T extends ViewStep>(
  world: World,
  view: WebViewRow,
  {
    type,
    actor,
    data,
    ...values
  }: { type: T; actor: Actor; data: Omit<EventData[T], 'web_view'> } & Partial<WebViewRow>,
): Promise<WebViewRow | undefined> {
  if (!stepFrom[type].includes(view.state)) return undefined;
  const state = stepTo[type] ?? view.state;
  const next: WebViewRow = { ...view, ...values, state };
  await change(world, view.id, { ...values, state });
  await append(world, view.conversation_id, [
    { type, actor, data: { web_view: refOf(next), ...data } } as unknown as EventDraft,
  ]);
  return next;
}

/**
 * The tab is gone or going; *Continue* opens the view again.
 *
 * @param isSo whether it still is: meanwhile another tab may go on with it, or this one may have come back
 */
export async function pauseIf(world: World, id: string, isSo: (view: WebViewRow) => boolean): Promise<void> {
  await world.store.transaction(async () => {
    const view = await getWebView(world, id);
    if (isSo(view)) await takeStep(world, view, { type: 'web_view_pause', actor: system, data: {} });
  });
}

/** Closing is one path. A view that is closed already stays as it is: the first reason holds. */
export async function closeWebView(world: World, id: string, reason: CloseReason, actor: Actor): Promise<WebViewRow> {
  return world.store.transaction(async () => {
    const view = await getWebView(world, id);
    const closed = world.now();
    const submitted = view.submitted === 1;
    const next = await takeStep(world, view, {
      type: 'web_view_close',
      actor,
      data: { reason, submitted, duration_ms: closed - view.opened },
      reason,
      closed,
      ...(isOver({ submitted: view.submitted, reason }) ? { saved_json: null } : {}),
    });
    if (!next) return view;
    await world.store.db.deleteFrom('web_view_codes').where('web_view_id', '=', id).execute();
    return next;
  });
}

export async function closeViewsOf(
  world: World,
  conversationId: string,
  reason: CloseReason,
  actor: Actor,
): Promise<void> {
  const running = await world.store.db
    .selectFrom('web_views')
    .select('id')
    .where('conversation_id', '=', conversationId)
    .where('state', '<>', 'closed')
    .execute();
  for (const view of running) await closeWebView(world, view.id, reason, actor);
  if (reason === 'resolved') await forgetStates(world, conversationId);
}

/** The business changes a running view. @throws GuichetError WEB_VIEW_CLOSED */
export async function updateWebView(
  world: World,
  id: string,
  actor: Actor,
  wanted: { data?: Record<string, unknown> | undefined; size?: ViewSize | undefined; title?: string | undefined },
): Promise<WebViewRow> {
  return world.store.transaction(async () => {
    const view = await getWebView(world, id);
    if (view.state === 'closed') throw new GuichetError('WEB_VIEW_CLOSED', `The web view is closed: ${view.reason}.`);
    const { data, size, title } = wanted;
    if (!data && !size && !title) return view;
    const changed = await takeStep(world, view, {
      type: 'web_view_update',
      actor,
      data: { ...(data ? { data } : {}), ...(size ? { size } : {}), ...(title ? { title } : {}) },
      ...(data ? { data_json: JSON.stringify(data) } : {}),
      ...(size ? { size } : {}),
      ...(title ? { title } : {}),
    });
    return changed ?? view;
  });
}

/** Ends what has expired and pauses what has fallen silent; called every few seconds. */
export async function sweepWebViews(world: World): Promise<void> {
  const now = world.now();
  const running = await world.store.db.selectFrom('web_views').selectAll().where('state', '<>', 'closed').execute();
  for (const view of running) {
    if (view.expires <= now) await closeWebView(world, view.id, 'expired', system);
    else if (view.state === 'open') await pauseIf(world, view.id, ({ seen }) => seen + silence <= now);
  }
  await world.store.db.deleteFrom('web_view_codes').where('expires', '<=', now).execute();
}
