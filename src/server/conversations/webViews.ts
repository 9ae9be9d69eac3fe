import { createHash, randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Actor, WebViewRef } from '../../protocol/event';
import { limits } from '../../protocol/limits';
import type { WebViewOpenAnswer } from '../../protocol/live';
import { urlButtonsOf } from '../../protocol/options';
import type { WebViewOptions } from '../../protocol/parts';
import type { CloseReason, ViewSize } from '../../protocol/webview';
import type { Tables } from '../store/tables';
import { isoTime, type World } from '../world';
import { append } from './append';
import { refuseCardNumbers } from './cardNumbers';
import { readMessage } from './log';
import { addMessage, type ConversationRow } from './messages';
import { checkResult } from './resultSchema';

/**
 * The life of a web view: `open ⇄ paused → closed(reason)`. A button may offer several in turn (one that was closed
 * without a submit can be opened again: a new view with a new id), but a conversation runs one at a time. Whoever ends
 * one goes through `close`, so each view that was opened gets exactly one `web_view_close`.
 */
export type WebViewRow = Selectable<Tables['web_views']>;

/** Without a heartbeat for this long the tab counts as gone. */
const silence = 60_000;

/** What the frame may do; never top navigation, modals, downloads or pointer lock. */
const sandbox = 'allow-scripts allow-forms allow-same-origin';

export const refOf = (view: WebViewRow): WebViewRef => ({
  id: view.id,
  message_id: view.message_id,
  button: view.button,
  url: view.url,
  origin: view.origin,
  ...(view.title ? { title: view.title } : {}),
});

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

/**
 * Opens a button's web view, or goes on with the one that runs: then the caller becomes its owner and who had it is told.
 *
 * @param wanted.owner the tab's id of itself
 * @throws GuichetError WEB_VIEW_CLOSED, MESSAGE_NOT_FOUND, NOT_OFFERED
 */
export async function openWebView(
  world: World,
  conversation: ConversationRow,
  wanted: { message_id: string; button: number; owner: string },
  checkUrl: (url: string) => URL,
): Promise<WebViewOpenAnswer> {
  const message = await readMessage(world, conversation.id, wanted.message_id);
  const button = urlButtonsOf(message)[wanted.button];
  if (button?.target !== '_self' || message.message_type === 'private' || message.actor_type === 'user') {
    throw new GuichetError('NOT_OFFERED', `Button ${wanted.button} of message ${wanted.message_id} opens no web view.`);
  }
  const url = checkUrl(button.url);
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
    if (last && last.state !== 'closed' && last.expires > world.now())
      return goOn(world, conversation, last, wanted.owner, actor);
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
      saved_json: null,
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
    return answerOf(view);
  });
}

/** What the view needs later than at its opening. */
type KeptOptions = Pick<WebViewOptions, 'result_schema' | 'confirm_close_when_dirty' | 'fallback_url'>;
const keptOptions = (options: WebViewOptions | undefined): Partial<KeptOptions> => ({
  ...(options?.result_schema ? { result_schema: options.result_schema } : {}),
  ...(options?.confirm_close_when_dirty === false ? { confirm_close_when_dirty: false } : {}),
  ...(options?.fallback_url ? { fallback_url: options.fallback_url } : {}),
});
const optionsOf = (view: WebViewRow): Partial<KeptOptions> => JSON.parse(view.options_json);

async function goOn(
  world: World,
  conversation: ConversationRow,
  view: WebViewRow,
  owner: string,
  actor: Actor,
): Promise<WebViewOpenAnswer> {
  const running: WebViewRow = { ...view, state: 'open', owner, seen: world.now() };
  await change(world, view.id, { state: 'open', owner, seen: running.seen });
  if (view.state === 'open' && view.owner !== owner) {
    world.store.afterCommit(() =>
      world.hub.publish({ type: 'web_view_taken', userId: conversation.user_id, webViewId: view.id, owner }),
    );
  }
  if (view.state === 'paused') {
    await append(world, conversation.id, [
      { type: 'web_view_open', actor, data: { web_view: refOf(running), resumed: true } },
    ]);
  }
  return answerOf(running);
}

function answerOf(view: WebViewRow): WebViewOpenAnswer {
  const { confirm_close_when_dirty = true, fallback_url } = optionsOf(view);
  return {
    web_view_id: view.id,
    url: view.url,
    origin: view.origin,
    size: view.size,
    ...(view.title ? { title: view.title } : {}),
    ...(view.data_json ? { data: JSON.parse(view.data_json) } : {}),
    ...(view.saved_json ? { state: JSON.parse(view.saved_json) } : {}),
    sandbox,
    allow: '',
    strict: false,
    host_mount_on: [],
    readable_by_host: false,
    confirm_close_when_dirty,
    ...(fallback_url ? { fallback_url } : {}),
    expires_time: isoTime(view.expires),
  };
}

async function lastViewOf(world: World, messageId: string, button: number): Promise<WebViewRow | undefined> {
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
  if (view.owner !== owner)
    throw new GuichetError('WEB_VIEW_TAKEN', 'Another tab or device goes on with this web view.');
  return view;
}

/** A one-time code for the page's backend; only its hash is kept. */
export async function makeCode(world: World, view: WebViewRow): Promise<string> {
  if (view.state !== 'open') throw new GuichetError('WEB_VIEW_CLOSED', 'The web view is not open.');
  const code = `gcc_${randomBytes(32).toString('base64url')}`;
  await world.store.db
    .insertInto('web_view_codes')
    .values({ hash: hashOf(code), web_view_id: view.id, expires: world.now() + limits.oneTimeCode * 1_000 })
    .execute();
  return code;
}

/** Once, within its minute, and only while the view is open. @throws GuichetError CODE_INVALID */
export async function exchangeCode(world: World, code: string): Promise<WebViewRow> {
  const invalid = new GuichetError(
    'CODE_INVALID',
    'The code is unknown, used or expired, or its web view is no longer open. Take the one from the latest welcome.',
  );
  const used = await world.store.db
    .deleteFrom('web_view_codes')
    .where('hash', '=', hashOf(code))
    .where('expires', '>', world.now())
    .returning('web_view_id')
    .executeTakeFirst();
  if (!used) throw invalid;
  const view = await getWebView(world, used.web_view_id);
  if (view.state !== 'open' || view.expires <= world.now()) throw invalid;
  return view;
}

const hashOf = (code: string) => createHash('sha256').update(code).digest('base64url');

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

export async function saveState(world: World, view: WebViewRow, state: unknown): Promise<void> {
  refuseCardNumbers(state, 'state');
  await change(world, view.id, { saved_json: JSON.stringify(state ?? null), seen: world.now() });
}

export type Submission = {
  result: Record<string, unknown>;
  summary?: string | undefined;
  source: 'page' | 'business';
  actor: Actor;
  /** The same one again changes nothing and succeeds. */
  key: string;
};

/**
 * Takes a result, once; then the view is closed. The result is for bots; the summary is the customer's message.
 *
 * @throws GuichetError WEB_VIEW_CLOSED; INVALID_VALUE for anything that looks like a card number, and for a result that breaks its schema
 */
export async function submit(world: World, id: string, submission: Submission): Promise<WebViewRow> {
  refuseCardNumbers(submission.result, 'result');
  refuseCardNumbers(submission.summary, 'summary');
  return world.store.transaction(async () => {
    const view = await getWebView(world, id);
    if (view.submitted && view.submit_key === submission.key) return view;
    if (view.state === 'closed' || view.submitted)
      throw new GuichetError('WEB_VIEW_CLOSED', `The web view is closed: ${view.reason ?? 'submitted'}.`);
    if (view.expires <= world.now()) throw new GuichetError('WEB_VIEW_CLOSED', 'The web view has expired.');
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

async function change(world: World, id: string, values: Partial<WebViewRow>): Promise<void> {
  await world.store.db.updateTable('web_views').set(values).where('id', '=', id).execute();
}
