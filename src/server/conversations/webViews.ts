import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { WebViewRef } from '../../protocol/event';
import type { WebViewOptions } from '../../protocol/parts';
import type { Tables } from '../store/tables';
import type { World } from '../world';

/** A web view that was opened. What becomes of it is in webViewLife. */
export type WebViewRow = Selectable<Tables['web_views']>;

export const refOf = (view: WebViewRow): WebViewRef => ({
  id: view.id,
  message_id: view.message_id,
  button: view.button,
  url: view.url,
  origin: view.origin,
  ...(view.title ? { title: view.title } : {}),
});

/** What the view needs later than at its opening. */
const kept = [
  'result_schema',
  'confirm_close_when_dirty',
  'fallback_url',
  'mount',
  'strict',
  'permissions',
] as const satisfies (keyof WebViewOptions)[];
type KeptOptions = Partial<Pick<WebViewOptions, (typeof kept)[number]>>;
export const keptOptions = (options: WebViewOptions | undefined): KeptOptions =>
  Object.fromEntries(kept.flatMap((key) => (options?.[key] === undefined ? [] : [[key, options[key]]])));
export const optionsOf = (view: WebViewRow): KeptOptions => JSON.parse(view.options_json);

/** @throws GuichetError WEB_VIEW_NOT_FOUND */
export async function getWebView(world: World, id: string): Promise<WebViewRow> {
  const view = await world.store.db.selectFrom('web_views').selectAll().where('id', '=', id).executeTakeFirst();
  if (!view) throw new GuichetError('WEB_VIEW_NOT_FOUND', `No web view has the id ${id}.`);
  return view;
}

/** A view of the customer's own. */
export async function getOwnWebView(world: World, userId: string, id: string): Promise<WebViewRow> {
  const view = await world.store.db
    .selectFrom('web_views')
    .innerJoin('conversations', 'conversations.id', 'web_views.conversation_id')
    .selectAll('web_views')
    .where('web_views.id', '=', id)
    .where('conversations.user_id', '=', userId)
    .executeTakeFirst();
  if (!view) throw new GuichetError('WEB_VIEW_NOT_FOUND', `No web view has the id ${id}.`);
  return view;
}

/** The newest view of a button. */
export async function lastViewOf(world: World, messageId: string, button: number): Promise<WebViewRow | undefined> {
  return world.store.db
    .selectFrom('web_views')
    .selectAll()
    .where('message_id', '=', messageId)
    .where('button', '=', button)
    .orderBy('opened', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The view, if this tab owns it and it runs. @throws GuichetError WEB_VIEW_CLOSED, WEB_VIEW_TAKEN */
export async function ownedBy(world: World, userId: string, id: string, owner: string): Promise<WebViewRow> {
  const view = await getOwnWebView(world, userId, id);
  if (view.state === 'closed') throw new GuichetError('WEB_VIEW_CLOSED', `The web view is closed: ${view.reason}.`);
  requireOwner(view, owner);
  return view;
}

/** @throws GuichetError WEB_VIEW_TAKEN */
export function requireOwner(view: WebViewRow, owner: string): void {
  if (view.owner !== owner)
    throw new GuichetError('WEB_VIEW_TAKEN', 'Another tab or device goes on with this web view.');
}

export async function beat(world: World, view: WebViewRow): Promise<void> {
  await change(world, view.id, { seen: world.now() });
}

/**
 * A strict page has an opaque origin: nobody can tell whether it is the page that was meant.
 *
 * @throws GuichetError WEB_VIEW_STRICT
 */
export function refuseStrict(view: WebViewRow, what: string): void {
  if (!optionsOf(view).strict) return;
  throw new GuichetError(
    'WEB_VIEW_STRICT',
    `A strict web view can't ${what}: its page has no origin to be known by. Its backend may act, by the id of the view.`,
  );
}

export async function change(world: World, id: string, values: Partial<WebViewRow>): Promise<void> {
  await world.store.db.updateTable('web_views').set(values).where('id', '=', id).execute();
}
