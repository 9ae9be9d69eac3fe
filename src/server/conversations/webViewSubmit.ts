import { GuichetError } from '../../protocol/errors';
import type { Actor } from '../../protocol/event';
import { urlButtonsOf } from '../../protocol/options';
import type { World } from '../world';
import { refuseCardNumbers } from './cardNumbers';
import { wakeUp } from './conversations';
import { readMessage } from './log';
import { addMessage } from './messages';
import { checkResult } from './resultSchema';
import { closeWebView, takeStep } from './webViewLife';
import { getWebView, optionsOf, refuseStrict, type WebViewRow } from './webViews';

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
    await takeStep(world, view, {
      type: 'web_view_submit',
      actor,
      data: { summary, source, result },
      submitted: 1,
      submit_key: submission.key,
      summary,
      source,
      result_json: JSON.stringify(result),
    });
    await addMessage(world, conversation, {
      actor: { actor_type: 'user', actor_id: conversation.user_id },
      source: source === 'page' ? 'web' : 'api',
      parts: [{ text: { content: summary } }],
      inReplyTo: { message_id: view.message_id },
      // No client id of a customer's can be this one.
      clientId: `web-view:${view.id}`,
      // What the business reports isn't the customer's doing.
      ...(source === 'page' ? { whenNew: () => wakeUp(world, conversation, actor) } : {}),
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
