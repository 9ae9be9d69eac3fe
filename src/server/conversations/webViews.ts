import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Actor, WebViewRef } from '../../protocol/event';
import { urlButtonsOf } from '../../protocol/options';
import type { WebViewOptions } from '../../protocol/parts';
import type { CloseReason, ViewSize } from '../../protocol/webview';
import type { Tables } from '../store/tables';
import type { World } from '../world';
import { append } from './append';
import { refuseCardNumbers } from './cardNumbers';
import { readMessage } from './log';
import { addMessage } from './messages';
import { checkResult } from './resultSchema';

/**
 * The life of a web view: `open ⇄ paused → closed(reason)`. A button may offer several in turn (one that was closed
 * without a submit can be opened again: a new view with a new id), but a conversation runs one at a time. Whoever ends
 * one goes through `close`, so each view that was opened gets exactly one `web_view_close`.
 */
export type WebViewRow = Selectable<Tables['web_views']>;

/** Without a heartbeat for this long the tab counts as gone. */
const silence = 60_000;

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

/** The view, if this tab owns it and it runs. @throws GuichetError WEB_VIEW_CLOSED, WEB_VIEW_TAKEN */
export async function ownedBy(world: World, userId: string, id: string, owner: string): Promise<WebViewRow> {
  const view = await getOwnWebView(world, userId, id);
  if (view.state === 'closed') throw new GuichetError('WEB_VIEW_CLOSED', `The web view is closed: ${view.reason}.`);
  if (view.owner !== owner)
    throw new GuichetError('WEB_VIEW_TAKEN', 'Another tab or device goes on with this web view.');
  return view;
}

export async function beat(world: World, view: WebViewRow): Promise<void> {
  await change(world, view.id, { seen: world.now() });
}

/** The tab is gone or going; *Continue* opens the view again. */
export async function pause(world: World, view: WebViewRow): Promise<void> {
  await world.store.transaction(async () => {
    const now = await getWebView(world, view.id);
    if (now.state !== 'open' || now.owner !== view.owner) return; // Another tab goes on with it.
    await change(world, view.id, { state: 'paused' });
    await append(world, view.conversation_id, [
      { type: 'web_view_pause', actor: { actor_type: 'system', actor_id: 'system' }, data: { web_view: refOf(now) } },
    ]);
  });
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

export async function saveState(world: World, view: WebViewRow, state: unknown): Promise<void> {
  refuseStrict(view, 'save state');
  refuseCardNumbers(state, 'state');
  await change(world, view.id, { saved_json: JSON.stringify(state ?? null), seen: world.now() });
}

export type Submission = {
  result: Record<string, unknown>;
  summary?: string | undefined;
  source: 'page' | 'business';
  actor: Actor;
  /** The same one again, with the same result, changes nothing and succeeds. */
  key: string;
};

/**
 * Takes a result, once; then the view is closed. The result is for bots; the summary is the customer's message.
 *
 * @throws GuichetError WEB_VIEW_CLOSED; WEB_VIEW_STRICT for a strict page's own; IDEMPOTENCY_KEY_REUSED; INVALID_VALUE for anything that looks like a card number, and
 *   for a result that breaks its schema
 */
export async function submit(world: World, id: string, submission: Submission): Promise<WebViewRow> {
  refuseCardNumbers(submission.result, 'result');
  refuseCardNumbers(submission.summary, 'summary');
  return world.store.transaction(async () => {
    const view = await getWebView(world, id);
    if (view.submitted && view.submit_key === submission.key) {
      if (isSame(view, submission)) return view;
      throw new GuichetError(
        'IDEMPOTENCY_KEY_REUSED',
        'This key came before with another result, which counts. Use a new key for each result.',
      );
    }
    if (view.state === 'closed' || view.submitted)
      throw new GuichetError('WEB_VIEW_CLOSED', `The web view is closed: ${view.reason ?? 'submitted'}.`);
    if (view.expires <= world.now()) throw new GuichetError('WEB_VIEW_CLOSED', 'The web view has expired.');
    if (submission.source === 'page') refuseStrict(view, 'submit');
    checkResult(submission.result, optionsOf(view).result_schema);
    const conversation = await world.store.db
      .selectFrom('conversations')
      .selectAll()
      .where('id', '=', view.conversation_id)
      .executeTakeFirstOrThrow();
    const summary = submission.summary ?? view.title ?? (await labelOf(world, view));
    const { source, actor, result } = submission;
    await change(world, id, {
      submitted: 1,
      submit_key: submission.key,
      summary,
      source,
      result_json: JSON.stringify(result),
    });
    await append(world, view.conversation_id, [
      { type: 'web_view_submit', actor, data: { web_view: refOf(view), summary, source, result } },
    ]);
    await addMessage(world, conversation, {
      actor: { actor_type: 'user', actor_id: conversation.user_id },
      source: source === 'page' ? 'web' : 'api',
      parts: [{ text: { content: summary } }],
      inReplyTo: { message_id: view.message_id },
      clientId: `web-view-${view.id}`,
    });
    return closeWebView(world, id, 'submitted', actor);
  });
}

const isSame = (view: WebViewRow, { result, summary }: Submission) =>
  view.result_json === JSON.stringify(result) && (summary === undefined || summary === view.summary);

async function labelOf(world: World, view: WebViewRow): Promise<string> {
  const message = await readMessage(world, view.conversation_id, view.message_id);
  return urlButtonsOf(message)[view.button]?.label ?? view.origin;
}

/** Closing is one path. A view that is closed already stays as it is: the first reason holds. */
export async function closeWebView(world: World, id: string, reason: CloseReason, actor: Actor): Promise<WebViewRow> {
  return world.store.transaction(async () => {
    const view = await getWebView(world, id);
    if (view.state === 'closed') return view;
    const closed = world.now();
    await change(world, id, { state: 'closed', reason, closed, saved_json: null });
    await world.store.db.deleteFrom('web_view_codes').where('web_view_id', '=', id).execute();
    await append(world, view.conversation_id, [
      {
        type: 'web_view_close',
        actor,
        data: { web_view: refOf(view), reason, submitted: view.submitted === 1, duration_ms: closed - view.opened },
      },
    ]);
    return getWebView(world, id);
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
    await change(world, id, {
      ...(data ? { data_json: JSON.stringify(data) } : {}),
      ...(size ? { size } : {}),
      ...(title ? { title } : {}),
    });
    const changed = await getWebView(world, id);
    await append(world, view.conversation_id, [
      {
        type: 'web_view_update',
        actor,
        data: {
          web_view: refOf(changed),
          ...(data ? { data } : {}),
          ...(size ? { size } : {}),
          ...(title ? { title } : {}),
        },
      },
    ]);
    return changed;
  });
}

/** Ends what has expired and pauses what has fallen silent; called every few seconds. */
export async function sweepWebViews(world: World): Promise<void> {
  const now = world.now();
  const system: Actor = { actor_type: 'system', actor_id: 'system' };
  const running = await world.store.db.selectFrom('web_views').selectAll().where('state', '<>', 'closed').execute();
  for (const view of running) {
    if (view.expires <= now) await closeWebView(world, view.id, 'expired', system);
    else if (view.state === 'open' && view.seen + silence <= now) await pause(world, view);
  }
  await world.store.db.deleteFrom('web_view_codes').where('expires', '<=', now).execute();
}

export async function change(world: World, id: string, values: Partial<WebViewRow>): Promise<void> {
  await world.store.db.updateTable('web_views').set(values).where('id', '=', id).execute();
}
